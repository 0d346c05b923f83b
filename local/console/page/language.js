// Which language a text is in, where its letters tell: the page itself is English. The same character is drawn in another form in
// Japanese than in Chinese, and lines break at other places. "" for what is written in other letters, or mostly so.

const OWN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const LETTER = /\p{L}/gu;
const ZONES = { "Asia/Tokyo": "ja", "Asia/Seoul": "ko", "Asia/Taipei": "zh-Hant", "Asia/Hong_Kong": "zh-HK", "Asia/Shanghai": "zh-Hans" };
let here = "";

// Of the business: what Han characters alone are taken for.
export function setLanguage(zone) {
  here = ZONES[zone] ?? "";
  if (here) document.documentElement.dataset.language = here;
}

export function languageOf(words) {
  const text = String(words);
  const own = text.match(OWN);
  if (!own || own.length * 2 < text.match(LETTER).length) return "";
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
  return /\p{Script=Hangul}/u.test(text) ? "ko" : here;
}

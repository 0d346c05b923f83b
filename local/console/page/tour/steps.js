// What of the tour is done, said by the facts alone. Pure: what the stack shows goes in, six ticks come out; nothing here knows
// the page, the clock or what was pressed. One post is followed, from its row to the one place where it stands.

export const STEPS = ["row", "card", "approve", "edit", "break", "recover"];

const squeezed = (text) => String(text ?? "").replace(/\s+/g, " ").trim();
// What a row says, as a number: a whole sheet's looks are kept in the browser.
function look(row) {
  let number = 0;
  for (const character of squeezed([row.date, row.time, row.text].join("|"))) number = (Math.imul(number, 31) + character.codePointAt(0)) | 0;
  return number;
}

// What the sheet held when the tour began: the ids, and the looks of rows that had none yet.
export const baseline = (rows) => ({ ids: rows.map((row) => row.post_id).filter(Boolean), looks: rows.filter((row) => !row.post_id).map(look) });

// The post to follow: the first that came into the sheet by a person's hand since `before`. Rows that the mesh itself puts there
// (those that come again, accepted drafts) are no rows that somebody added. `offered` is the text of the row that the tour added.
export function choose(before, rows, events, offered = "") {
  const made = new Set();
  for (const { detail_type: type, detail } of events) {
    if (type === "ss.row.wanted" || type === "ss.draft.accepted") for (const id of detail.post_ids ?? []) made.add(id);
  }
  const known = new Set(before.ids);
  const looks = new Set(before.looks);
  const fresh = rows.filter((row) => row.post_id && squeezed(row.text) && !known.has(row.post_id) && !made.has(row.post_id) && !looks.has(look(row)));
  return (fresh.find((row) => offered && squeezed(row.text) === squeezed(offered)) ?? fresh[0])?.post_id ?? null;
}

export function isAbout(event, id) {
  const { post_id: one, post_ids: several, posts } = event.detail ?? {};
  return one === id || Boolean(several?.includes?.(id)) || Boolean(posts?.some?.((post) => post?.post_id === id));
}

// Whether a mail asks for approval of the post: by what it is about, as the outbox has it, never by its words.
export const isCard = (mail, id) => mail.kind === "card" && mail.posts.some(([one]) => one === id);

export const channelsOf = (row) => String(row?.channels ?? "").split(",").map((name) => name.trim()).filter(Boolean);
export const addressesIn = (text) => String(text ?? "").match(/https?:\/\/[^\s<>",;]+[^\s<>",;.)]/g) ?? [];

// How often the post stands, for each place where it does: 1 is right. Counted at the networks, where everybody sees it.
export function standing({ row, feeds }) {
  const addresses = addressesIn(row?.status);
  return feeds.filter((post) => addresses.includes(post.url)).map((post) => ({
    channel: post.channel,
    url: post.url,
    times: feeds.filter((other) => other.channel === post.channel && squeezed(other.text) === squeezed(post.text)).length,
  }));
}

// `facts`: { post, row (null where it is gone), events (of this post, in order), cards, feeds, decisions [{at, by, how}], broken [{network,
// left, since}], networks {channel: its name} }. Six of { id, done, missed, wrong, said: [{at, text}] }: `said`
// names what was seen, `wrong` is what should never be.
export function told(facts) {
  const { post, events, cards, decisions, broken } = facts;
  const of = (type) => events.filter((event) => event.detail_type === type);
  const [asked] = of("ss.review.requested");
  const [wanted] = of("ss.package.wanted");
  const [approved] = of("ss.approved");
  const fell = approved && of("ss.voided").find((event) => event.seq > approved.seq);
  const askedAgain = fell && of("ss.review.requested").find((event) => event.seq > fell.seq);
  const again = fell && of("ss.approved").find((event) => event.seq > fell.seq);
  const lost = of("ss.attempt.failed");
  const sent = of("ss.sent");
  const places = standing(facts);
  const name = (channel) => facts.networks[channel] ?? channel;
  const wide = channelsOf(facts.row);
  const allOut = sent.length > 0 && wide.every((channel) => sent.some((event) => event.detail.channel === channel));
  const untroubled = allOut && !lost.length;
  const found = sent.find((event) => lost.some((one) => one.detail.channel === event.detail.channel && one.seq < event.seq));
  const standsOnce = places.length > 0 && places.every((place) => place.times === 1);

  const steps = {
    row: step(post !== null, post !== null && line(of("ss.calendar.changed")[0]?.time, "it is in the sheet, and drive-sync has read it")),
    card: step(Boolean(asked && cards.length) || Boolean(approved),
      cards.length > 0 ? line(cards[0].at, `the card went to ${cards[0].to}`) : (asked && line(asked.time, "asked for; the mail is on its way")) || (wanted && line(wanted.time, "what would go out is being made"))),
    approve: step(Boolean(approved), approved && line(approved.time, by(decisions[0]))),
    edit: step(Boolean(again),
      fell && line(fell.time, "the edit took the approval away"),
      askedAgain && line(askedAgain.time, "asked again, with what changed"),
      again && line(again.time, askedAgain ? by(decisions[1]) : "the edit was undone: the old approval stands")),
    break: step(broken.length > 0 || lost.length > 0,
      broken.length > 0 && line(broken[0].since, `${name(broken[0].channel)} takes the next post and gives no answer`),
      !broken.length && lost.length > 0 && line(lost[0].time, `${name(lost[0].detail.channel)} gave no answer`)),
    recover: step(Boolean(found) && allOut && standsOnce,
      ...of("ss.send").slice(0, 1).map((event) => line(event.time, `sent to ${name(event.detail.channel)}`)),
      ...lost.slice(0, 1).map((event) => line(event.time, "no answer: nobody knows whether it is out, so it is not sent again")),
      found && line(found.time, `looked for, and found on ${name(found.detail.channel)}`),
      ...places.filter((place) => place.times > 1).map((place) => line(null, `it stands ${place.times} times on ${name(place.channel)}; it should stand once`)),
      found && standsOnce && line(null, "it stands once, and its link is in the row")),
  };
  steps.recover.wrong = places.some((place) => place.times > 1);
  if (untroubled) {
    for (const id of ["break", "recover"]) {
      if (steps[id].done) continue;
      steps[id] = { done: false, missed: true, wrong: false, said: [line(sent[0].time, "it went out, once and untroubled, before anything was broken")] };
    }
  }
  return STEPS.map((id) => ({ id, ...steps[id] }));
}

// What was proved, in figures: how often it was approved, on how many channels it is out, and how often one too many.
export function figures(facts) {
  const places = standing(facts);
  return {
    approved: facts.decisions.length || facts.events.filter((event) => event.detail_type === "ss.approved").length,
    lost: facts.events.filter((event) => event.detail_type === "ss.attempt.failed").length,
    posted: places.length,
    twice: places.filter((place) => place.times > 1).length,
  };
}

function step(done, ...said) {
  return { done, missed: false, wrong: false, said: said.filter(Boolean) };
}

const line = (at, text) => ({ at: at ?? null, text });

function by(decision) {
  if (!decision) return "approved";
  return `approved by ${decision.by}${{ slack: ", in Slack", mail: ", from the mail" }[decision.how] ?? ""}`;
}

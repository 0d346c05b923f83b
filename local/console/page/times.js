// Moments as the owner's zone shows them. Until the zone is known it is the browser's.

let zone;
let formats;

export function setZone(name) {
  zone = name;
  formats = undefined;
}

function written(kind, moment) {
  formats ??= {
    hour: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }),
    day: new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: zone }),
    short: new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: zone }),
    iso: new Intl.DateTimeFormat("sv-SE", { timeZone: zone }),
  };
  return formats[kind].format(moment);
}

export const hour = (moment) => written("hour", moment);
export const day = (moment) => written("day", moment);
export const shortDay = (moment) => written("short", moment);
export const isoDay = (moment) => written("iso", moment);

// "09:30" today, "Mon 15 Mar, 09:30" on another day of the stack's clock.
export function brief(moment, now) {
  return isoDay(moment) === isoDay(now) ? hour(moment) : `${shortDay(moment)}, ${hour(moment)}`;
}

const PLAIN_DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }); // Costly to make.

// A sheet's date (ISO) as people say it; anything else stays as it is.
export function sheetDay(text) {
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T12:00:00Z`) : null;
  if (!moment || Number.isNaN(moment.getTime())) return text;
  return PLAIN_DAY.format(moment);
}

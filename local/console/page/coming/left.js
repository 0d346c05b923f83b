// How long it is until then, in words: "in 45 s", "in 3 min 20 s", "in 2 h 13 min", "in 4 days".

const [MINUTE, HOUR, DAY] = [60, 3600, 86400];

export function left(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds <= 0) return "now";
  if (seconds < MINUTE) return `in ${seconds} s`;
  if (seconds < HOUR) return `in ${said(seconds, MINUTE, "min", 1, "s")}`;
  if (seconds < DAY) return `in ${said(seconds, HOUR, "h", MINUTE, "min")}`;
  if (seconds < 2 * DAY) return `in ${said(seconds, DAY, "day", HOUR, "h")}`;
  return `in ${Math.floor(seconds / DAY)} days`;
}

function said(seconds, whole, name, part, partName) {
  const rest = Math.floor((seconds % whole) / part);
  return `${Math.floor(seconds / whole)} ${name}${rest ? ` ${rest} ${partName}` : ""}`;
}

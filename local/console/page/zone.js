// Whose clock the page goes by, said beside the date where the browser's own is another one.

export function start({ about }) {
  const zone = about.time_zone;
  if (!zone || zone === Intl.DateTimeFormat().resolvedOptions().timeZone) return;
  document.getElementById("clock-date").dataset.zone = `${zone.split("/").pop().replaceAll("_", " ")} time`;
}

export function take() {}

// What to try, beside the sheet; it stays closed where it was closed.

export function start() {
  const set = (open) => {
    document.body.classList.toggle("no-try", !open);
    document.getElementById("try-open").hidden = open;
  };
  document.getElementById("try-close").addEventListener("click", () => { set(false); localStorage.setItem("try", "closed"); document.getElementById("try-open").focus(); });
  document.getElementById("try-open").addEventListener("click", () => { set(true); localStorage.setItem("try", "open"); document.getElementById("try-close").focus(); });
  // On a small screen it would hide the sheet it speaks of.
  const wanted = localStorage.getItem("try") ?? (matchMedia("(min-width: 1080px)").matches ? "open" : "closed");
  set(wanted === "open");
}

export function take() {}

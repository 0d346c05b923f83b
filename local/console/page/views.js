// Which parts are on the screen. A wide one shows a page of several panes, a small one a single view.

const PAGES = { desk: ["sheet", "outbox", "posted", "coming"], mesh: ["mesh", "trail"], month: ["month"], faults: ["faults"] };
const pageOf = (view) => Object.keys(PAGES).find((page) => page === view || PAGES[page].includes(view));

// The view's own pane, or all of a page whose panes belong together.
const panesOf = (view) => (pageOf(view) === "desk" ? [view] : PAGES[pageOf(view)]);

export function open(view) {
  if (!pageOf(view)) return;
  const page = pageOf(view);
  document.body.dataset.view = view;
  document.body.dataset.page = page;
  for (const pane of document.querySelectorAll(".pane")) {
    pane.classList.toggle("in-view", panesOf(view).includes(pane.id));
    pane.classList.toggle("in-page", PAGES[page].includes(pane.id));
  }
  for (const tab of document.querySelectorAll("[data-to]")) {
    const here = tab.dataset.to === view;
    if (here) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
    tab.classList.toggle("of-page", pageOf(tab.dataset.to) === page);
  }
  dispatchEvent(new Event("view"));
}

// Told in the address, so that the browser's back leads back and a reload stays. What follows a view's name is its own: mesh/post/p_….
export function go(place) {
  if (location.hash !== `#${place}`) history.pushState(null, "", `#${place}`);
  open(place.split("/")[0]);
  scrollTo({ top: 0 });
}

export function start() {
  const shown = () => {
    const [view] = location.hash.slice(1).split("/");
    open(pageOf(view) ? view : "sheet");
  };
  for (const tab of document.querySelectorAll("[data-to]")) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      go(tab.dataset.to);
    });
  }
  addEventListener("popstate", shown);
  shown();
}

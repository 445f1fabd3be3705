// Tabs below the map: one panel at a time, walked with the arrow keys; all of them when the page is printed.

import { get, put } from "./store.js";

const tabs = () => [...document.querySelectorAll("[role=tab]")];

/** Makes the tabs work. */
export function mountTabs() {
  tabs().forEach((tab, n) => {
    tab.onclick = () => openTab(tab.dataset.tab);
    tab.onkeydown = (event) => {
      const all = tabs();
      const to = { ArrowRight: n + 1, ArrowLeft: n - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = all[(to + all.length) % all.length];
      openTab(next.dataset.tab);
      next.focus();
    };
  });
  openTab(get("tab"), false);
}

/** Shows a panel, and brings the row of tabs into view where it is not. */
export function openTab(name, reveal = true) {
  tabs().forEach((tab) => {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.setAttribute("tabindex", chosen ? "0" : "-1");
    document.getElementById(tab.getAttribute("aria-controls")).classList.toggle("closed", !chosen);
  });
  put({ tab: name });
  const row = document.querySelector("[role=tablist]");
  if (reveal && row.getBoundingClientRect().top > window.innerHeight - 160) row.scrollIntoView({ block: "start" });
}

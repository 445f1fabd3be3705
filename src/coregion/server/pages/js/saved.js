// Packages by name: kept in this browser, opened again, and shared as an address.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { t } from "./language.js";
import { parsed, written } from "./package.js";
import { choose } from "./measures.js";
import { address } from "./address.js";

const key = (study) => `coregion.packages.${study.name}`;
const kept = (study) => JSON.parse(localStorage.getItem(key(study)) ?? "[]");

/** Builds the buttons and follows the store. */
export function mountSaved(study) {
  byId("name").value = get("title");
  byId("name").oninput = () => put({ title: byId("name").value.slice(0, 80) });
  byId("save").onclick = () => save(study);
  byId("share").onclick = share;
  byId("share-close").onclick = () => byId("share-box").close();
  on(["kept", "language"], () => list(study));
  put({ kept: kept(study) });
}

function save(study) {
  const title = get("title") || t("saved.unnamed", { number: kept(study).length + 1 });
  const entry = { title, text: written(get("package")) };
  const all = [entry, ...kept(study).filter((other) => other.title !== title)].slice(0, 50);
  localStorage.setItem(key(study), JSON.stringify(all));
  byId("name").value = title;
  put({ kept: all, title, said: t("saved.said", { title }) });
  byId("saved").open = true;
}

function list(study) {
  const all = get("kept");
  byId("saved-empty").hidden = all.length > 0;
  show(
    byId("saved-list"),
    all.map((entry) =>
      el(
        "li",
        {},
        el("button", { type: "button", class: "link", onclick: () => open(study, entry) }, entry.title),
        el(
          "button",
          { type: "button", class: "quiet", onclick: () => put({ compared: entry.text, comparedTitle: entry.title }) },
          t("saved.compare"),
          el("span", { class: "unseen" }, ` ${entry.title}`),
        ),
        el(
          "button",
          { type: "button", class: "quiet", onclick: () => forget(study, entry) },
          t("saved.remove"),
          el("span", { class: "unseen" }, ` ${entry.title}`),
        ),
      ),
    ),
  );
}

function open(study, entry) {
  const { amounts, links } = parsed(entry.text, study.measures);
  byId("name").value = entry.title;
  put({ title: entry.title });
  choose({ amounts, links });
}

function forget(study, entry) {
  const all = kept(study).filter((other) => other.title !== entry.title);
  localStorage.setItem(key(study), JSON.stringify(all));
  put({ kept: all });
}

async function share() {
  const text = address();
  byId("share-address").value = text;
  byId("share-box").showModal();
  byId("share-address").select();
  try {
    await navigator.clipboard.writeText(text);
    byId("share-done").textContent = t("share.copied");
  } catch {
    byId("share-done").textContent = t("share.copy_yourself");
  }
}

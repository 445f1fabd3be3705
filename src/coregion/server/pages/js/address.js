// The page's own address holds the package, what it is compared with, its name, the layer and the language.

import { get, on, put } from "./store.js";
import { announced, parsed, written } from "./package.js";

const KEYS = ["package", "compared", "title", "layer", "language"];

/** Puts what the address says into the store; without a package, the one that the study announces. */
export function readAddress(study) {
  const query = new URLSearchParams(window.location.search);
  const chosen = query.has("p") ? parsed(query.get("p"), study.measures) : { ...announced(study.measures), lost: [] };
  const layer = query.get("layer");
  put({
    package: { amounts: chosen.amounts, links: chosen.links },
    lost: chosen.lost,
    compared: query.has("a") ? query.get("a") : null,
    title: query.get("name") ?? "",
    layer: study.variable.get(layer)?.mapped || layer === "areas" ? layer : "residents",
  });
}

/** "en" or "zh": the address, then what was chosen before, then the browser. */
export function firstLanguage() {
  const asked =
    new URLSearchParams(window.location.search).get("lang") ??
    localStorage.getItem("coregion.language") ??
    navigator.language;
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The address that shows this to somebody else. */
export function address() {
  const query = [["p", written(get("package"))]];
  if (get("compared") !== null) query.push(["a", get("compared")]);
  if (get("title")) query.push(["name", get("title")]);
  query.push(["layer", get("layer")], ["lang", get("language")]);
  const text = query
    .map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":")}`)
    .join("&");
  return `${window.location.origin}${window.location.pathname}?${text}`;
}

/** Writes what is chosen into the browser's address, without an entry in its history. */
export function writeAddress() {
  window.history.replaceState(null, "", address());
}

/** Keeps the address up to date, a moment after the last step of a slider. */
export function followAddress() {
  let timer = 0;
  on(KEYS, () => {
    clearTimeout(timer);
    timer = setTimeout(writeAddress, 250);
  });
}

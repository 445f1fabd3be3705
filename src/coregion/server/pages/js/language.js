// The reader's language: words of the page, and names in both languages.

import { el } from "./dom.js";
import { get } from "./store.js";
import { EN } from "./words_en.js";
import { ZH } from "./words_zh.js";

const WORDS = { en: EN, zh: ZH };

/** "en" or "zh". */
export function language() {
  return get("language") ?? "en";
}

/** A phrase with its {places} filled; `otherwise` where the language lacks it, else the English one. */
export function t(key, values = {}, otherwise = undefined) {
  const phrase = WORDS[language()][key] ?? otherwise ?? EN[key] ?? key;
  return phrase.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A name in the reader's language. */
export function name(thing) {
  return (language() === "zh" ? thing.name_zh || thing.name_en : thing.name_en || thing.name_zh) ?? "";
}

/** A name in both, the reader's language first; the whole of the region is no name, and has one language. */
export function both(thing) {
  if (thing.code === "all") return name(thing);
  const [first, second] = language() === "zh" ? [thing.name_zh, thing.name_en] : [thing.name_en, thing.name_zh];
  return first && second && first !== second ? `${first} ${second}` : first || second || "";
}

const MARKS = { zh: { ",": "，", ";": "；", ":": "：" }, en: { ",": ", ", ";": "; ", ":": ": " } };

/** Parts of a phrase with a mark between them, as the language sets it; empty ones are left out. */
export function joined(parts, mark = ",") {
  return parts.filter(Boolean).join(MARKS[language()][mark]);
}

/** A text of the study in the reader's language, marked as English where there is no other. */
export function told(english, chinese) {
  const known = language() === "zh" && chinese;
  return el("span", { lang: known ? "zh-CN" : "en" }, known ? chinese : english);
}

/** The label of a variable of the register. */
export function label(variable) {
  return language() === "zh" ? variable.label_zh : variable.label_en;
}

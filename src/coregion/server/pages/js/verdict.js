// The verdict on top: one line in words, and what each government's people gain; and the range of it where it is known.

import { byId, el, show } from "./dom.js";
import { get, on } from "./store.js";
import { both, language, name, t } from "./language.js";
import { change, perCent, plain, scaled, signed } from "./numbers.js";
import { about } from "./method.js";

export const GAIN = "equivalent_variation_registered"; // what the verdict is about

/** Follows the store. */
export function mountVerdict(study) {
  on(["language"], () => show(byId("verdict-method"), about(study, GAIN)));
  show(byId("verdict-method"), about(study, GAIN));
  on(["solved", "language", "jobs"], () => {
    if (get("solved")) verdict();
  });
  on(["solving", "mistake", "language"], busy);
}

function verdict() {
  const solved = get("solved");
  byId("headline").textContent =
    solved.text === "" ? t("verdict.none") : language() === "zh" ? solved.headline_zh : solved.headline_en;
  const cards = [...solved.governments, solved.total].filter(Boolean);
  show(byId("cards"), cards.map(card));
  byId("range-note").textContent = rangeNote(cards, name({ name_en: solved.range_note_en, name_zh: solved.range_note_zh }));
  byId("timing").textContent = solved.cached
    ? t("verdict.kept")
    : t("verdict.timing", { seconds: plain(solved.seconds, 2), steps: solved.steps });
}

/** Where the ranges come from; or that there are none, and how they are had. */
function rangeNote(cards, note) {
  if (cards.some((gain) => Number.isFinite(gain.low))) return note;
  if (!get("study").jobs.includes("draws")) return t("verdict.no_range");
  const drawn = (job) => job.kind === "draws" && job.state === "finished" && job.request.package === get("solved").text;
  return t(get("jobs").some(drawn) ? "verdict.other_range" : "verdict.no_range_yet");
}

function card(gain) {
  return el(
    "li",
    { class: gain.code === "all" ? "whole" : "" },
    el("span", { class: "card-name" }, both(gain)),
    el(
      "span",
      { class: `big ${direction(gain)}` },
      el("span", { "aria-hidden": "true" }, arrow(gain)),
      change(gain.yuan, "yuan a year"),
    ),
    el("span", { class: "soft" }, t("verdict.of_income", { share: perCent(gain.per_cent) })),
    range(gain),
  );
}

/** The 5th to 95th of 100 draws, where they are known. */
export function range(gain) {
  if (gain.low === null || gain.low === undefined) return null;
  return el(
    "span",
    { class: "soft range" },
    t("verdict.range", { low: signed(scaled(gain.low)), high: signed(scaled(gain.high)) }),
  );
}

/** A refusal in the reader's language; in Chinese the server's own sentence, which is English, stands folded below. */
export function refused({ kind, message }) {
  if (kind === "unreachable") return t("mistake.unreachable");
  if (language() === "en" || kind === "lost") return message;
  return [
    t(`mistake.${kind}`, {}, t("mistake.failed")),
    el("details", {}, el("summary", {}, t("mistake.said")), el("span", { lang: "en" }, message)),
  ];
}

const direction = (gain) => (gain.sign > 0 ? "up" : gain.sign < 0 ? "down" : "");
const arrow = (gain) => (gain.sign > 0 ? "▲ " : gain.sign < 0 ? "▼ " : "");

function busy() {
  const solving = get("solving");
  const mistake = get("mistake");
  const words = !solving ? "" : solving.place > 0 ? t("busy.queue", { place: solving.place }) : t("busy.solving");
  byId("busy").textContent = words;
  document.body.classList.toggle("busy", Boolean(solving));
  byId("mistake").hidden = !mistake;
  show(byId("mistake"), mistake ? refused(mistake) : null);
}

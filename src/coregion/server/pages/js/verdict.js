// The verdict on top: one line in words, and what each government's people gain; below it, cities and counties.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, language, name, t } from "./language.js";
import { change, perCent, plain, scaled, signed } from "./numbers.js";

const LISTED = 8;

/** Follows the store. */
export function mountVerdict() {
  on(["solved", "language"], () => {
    if (get("solved")) {
      verdict();
      winners();
    }
  });
  on(["solving", "mistake", "language"], busy);
}

function verdict() {
  const solved = get("solved");
  byId("headline").textContent =
    solved.text === "" ? t("verdict.none") : language() === "zh" ? solved.headline_zh : solved.headline_en;
  const cards = [...solved.governments, solved.total].filter(Boolean);
  show(byId("cards"), cards.map(card));
  byId("range-note").textContent = solved.range_note ?? "";
  byId("timing").textContent = t("verdict.timing", { seconds: plain(solved.seconds, 2), steps: solved.steps });
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
    el("span", { class: "soft" }, `${perCent(gain.per_cent)} ${t("verdict.of_income")}`),
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

const direction = (gain) => (gain.sign > 0 ? "up" : gain.sign < 0 ? "down" : "");
const arrow = (gain) => (gain.sign > 0 ? "▲ " : gain.sign < 0 ? "▼ " : "");

function busy() {
  const solving = get("solving");
  const mistake = get("mistake");
  const words = !solving ? "" : solving.place > 0 ? t("busy.queue", { place: solving.place }) : t("busy.solving");
  byId("busy").textContent = words;
  document.body.classList.toggle("busy", Boolean(solving));
  byId("mistake").hidden = !mistake;
  byId("mistake").textContent = mistake
    ? mistake.kind === "unreachable"
      ? t("mistake.unreachable")
      : mistake.message
    : "";
}

function winners() {
  const solved = get("solved");
  show(
    byId("sentences"),
    (language() === "zh" ? solved.sentences_zh : solved.sentences_en).map((sentence) => el("li", {}, sentence)),
  );
  const ordered = [...solved.counties].sort((a, b) => b.yuan - a.yuan);
  const places = get("study").place;
  const named = (rows) => rows.map((row) => ({ ...places.get(row.code), ...row }));
  bars(
    byId("bars-cities"),
    t("winners.cities"),
    [...solved.cities].sort((a, b) => b.yuan - a.yuan),
  );
  bars(byId("bars-up"), t("winners.up"), named(ordered.filter((row) => row.sign > 0).slice(0, LISTED)));
  bars(
    byId("bars-down"),
    t("winners.down"),
    named(
      ordered
        .filter((row) => row.sign < 0)
        .slice(-LISTED)
        .reverse(),
    ),
  );
  show(byId("movements"), movements(solved));
}

/** A table with a bar in each row: a picture for the eye, a table for everybody. */
export function bars(box, caption, rows) {
  const widest = Math.max(...rows.map((row) => Math.abs(row.yuan)), 1e-9);
  show(
    box,
    el(
      "table",
      {},
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("column.place")),
          el("th", { scope: "col", class: "n" }, t("column.gain")),
          el("th", { scope: "col", class: "n" }, t("column.of_income")),
          el("td", { class: "bars", "aria-hidden": "true" }),
        ),
      ),
      el(
        "tbody",
        {},
        rows.length
          ? rows.map((row) =>
              el(
                "tr",
                {},
                el("th", { scope: "row" }, placeButton(row)),
                el("td", { class: "n" }, change(row.yuan, "yuan a year")),
                el("td", { class: "n" }, perCent(row.per_cent)),
                el("td", { class: "bars", "aria-hidden": "true" }, bar(row.yuan, widest)),
              ),
            )
          : el("tr", {}, el("td", { colspan: 4 }, t("winners.nobody"))),
      ),
    ),
  );
}

function placeButton(row) {
  if (!get("study").place.has(row.code)) return both(row);
  return el("button", { type: "button", class: "link", onclick: () => put({ chosen: row.code }) }, both(row));
}

/** A bar about zero: to the right a gain, to the left a loss. */
export function bar(value, widest) {
  const stroke = el("span", { class: `bar ${value < 0 ? "minus" : "plus"}` });
  stroke.style.width = `${((50 * Math.abs(value)) / widest).toFixed(1)}%`;
  return el("span", { class: "axis" }, stroke);
}

function movements(solved) {
  return el(
    "table",
    {},
    el("caption", {}, t("movements.caption")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["variable", "gained", "lost", "moved", "net"].map((key) =>
          el("th", { scope: "col", class: key === "variable" ? "" : "n" }, t(`movements.${key}`)),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      solved.movements.map((row) => {
        const variable = get("study").variable.get(row.variable);
        return el(
          "tr",
          {},
          el("th", { scope: "row" }, name({ name_en: variable.label_en, name_zh: variable.label_zh })),
          el("td", { class: "n" }, scaled(row.gained)),
          el("td", { class: "n" }, scaled(row.lost)),
          el("td", { class: "n" }, scaled(row.moved)),
          el("td", { class: "n" }, change(row.net, row.unit)),
        );
      }),
    ),
  );
}

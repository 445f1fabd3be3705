// Who gains and who loses: cities and counties, and who moves.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, label, language, t } from "./language.js";
import { change, perCent, scaled } from "./numbers.js";
import { about, explain } from "./method.js";
import { GAIN } from "./verdict.js";

const LISTED = 8;

/** Follows the store. */
export function mountWinners() {
  on(["solved", "language"], () => {
    if (get("solved")) winners();
  });
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
  const largest = (rows) => Math.max(...rows.map((row) => Math.abs(row.yuan)), 1e-9);
  const cities = [...solved.cities].sort((a, b) => b.yuan - a.yuan);
  bars(byId("bars-cities"), t("winners.cities"), cities, largest(cities));
  const widest = largest(ordered);
  bars(byId("bars-up"), t("winners.up"), named(ordered.filter((row) => row.sign > 0).slice(0, LISTED)), widest);
  bars(
    byId("bars-down"),
    t("winners.down"),
    named(
      ordered
        .filter((row) => row.sign < 0)
        .slice(-LISTED)
        .reverse(),
    ),
    widest,
  );
  show(byId("movements"), scrolling(t("movements.caption"), movements(solved)));
}

/** A table with a bar in each row: a picture for the eye, a table for everybody. */
function bars(box, caption, rows, widest) {
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
          el("th", { scope: "col", class: "n" }, t("column.gain"), " ", about(get("study"), GAIN)),
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
function bar(value, widest) {
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
          el(
            "th",
            { scope: "row" },
            el(
              "button",
              { type: "button", class: "link", onclick: () => explain(get("study"), row.variable) },
              label(variable),
            ),
          ),
          el("td", { class: "n" }, scaled(row.gained)),
          el("td", { class: "n" }, scaled(row.lost)),
          el("td", { class: "n" }, scaled(row.moved)),
          el("td", { class: "n" }, change(row.net, row.unit)),
        );
      }),
    ),
  );
}

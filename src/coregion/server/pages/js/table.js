// The table: every county, the layer before and after, and the change of every layer; sorted, filtered, saved as files.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, joined, label, t } from "./language.js";
import { level, perCent, signed, unitName } from "./numbers.js";
import { URBAN } from "./layers.js";
import { cityOf } from "./study.js";
import { exportAddress } from "./api.js";
import { about } from "./method.js";

const FORMATS = {
  csv: ["regions", "jurisdictions", "flows"],
  parquet: ["regions", "jurisdictions", "flows"],
  geojson: ["regions"],
  json: ["regions", "jurisdictions", "flows"],
};

let order = { key: "change", falling: true };

/** Follows the store; draws only while the table is looked at. */
export function mountTable(study) {
  const build = () => {
    if (get("tab") === "table") draw(study);
  };
  on(["solved", "layer", "language", "tab"], build);
  on(["solved", "language"], exports);
  byId("filter").oninput = build;
  byId("filter-government").onchange = build;
  const governments = () =>
    show(
      byId("filter-government"),
      el("option", { value: "" }, t("table.all")),
      study.jurisdictions.filter((one) => one.level === 1).map((one) => el("option", { value: one.code }, both(one))),
    );
  on(["language"], governments);
  governments();
}

function draw(study) {
  const solved = get("solved");
  if (!solved) return;
  const shown = get("layer") === URBAN ? "residents" : get("layer");
  const others = study.layers.filter((one) => one !== shown && solved.figures[one]);
  const columns = [
    { key: "place", text: t("column.place"), of: (row) => both(row.place) },
    { key: "city", text: t("column.city"), of: (row) => both(cityOf(study, row.place)) },
    {
      key: "before",
      text: joined([label(study.variable.get(shown)), t("tip.before")]),
      unit: unitName(study.variable.get(shown).unit),
      number: (row) => study.baseline[shown][row.n],
      write: (value) => level(value, study.variable.get(shown).unit),
      about: shown,
    },
    {
      key: "after",
      text: t("tip.after"),
      unit: unitName(study.variable.get(shown).unit),
      number: (row) => solved.figures[shown].value[row.n],
      write: (value) => level(value, study.variable.get(shown).unit),
      about: shown,
    },
    {
      key: "change",
      text: t("tip.change"),
      number: (row) => solved.figures[shown].change[row.n],
      ...changed(study.variable.get(shown)),
      about: shown,
    },
    ...others.map((one) => ({
      key: one,
      text: joined([label(study.variable.get(one)), t("tip.change")]),
      number: (row) => solved.figures[one].change[row.n],
      ...changed(study.variable.get(one)),
      about: one,
    })),
  ];
  const rows = sorted(filtered(study), columns);
  byId("table-count").textContent = t("table.count", { shown: rows.length, all: study.inside.length });
  show(
    byId("table-box"),
    el(
      "table",
      { id: "counties-table" },
      el("caption", {}, t("table.caption")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          columns.map((column) => head(study, column)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            columns.map((column) => cell(column, row)),
          ),
        ),
      ),
    ),
  );
}

/** A change in the variable's unit has it in the head of its column. */
function changed(variable) {
  if (variable.change !== "difference") return { write: perCent };
  return { unit: unitName(variable.unit), write: (value) => signed(level(value, variable.unit)) };
}

function head(study, column) {
  const sort = order.key === column.key ? (order.falling ? "descending" : "ascending") : "none";
  return el(
    "th",
    { scope: "col", class: column.number ? "n" : "", "aria-sort": sort },
    el(
      "button",
      {
        type: "button",
        class: "sort",
        onclick: () => {
          order = { key: column.key, falling: order.key === column.key ? !order.falling : Boolean(column.number) };
          draw(study);
          refocus(column.key);
        },
        "data-key": column.key,
      },
      column.text,
      column.unit ? el("span", { class: "soft block" }, column.unit) : null,
      el("span", { "aria-hidden": "true" }, { none: "", descending: " ↓", ascending: " ↑" }[sort]),
    ),
    column.about ? about(study, column.about) : null,
  );
}

const refocus = (key) => document.querySelector(`#table-box [data-key="${key}"]`).focus();

function cell(column, row) {
  if (column.key === "place")
    return el(
      "th",
      { scope: "row" },
      el("button", { type: "button", class: "link", onclick: () => put({ chosen: row.place.code }) }, column.of(row)),
    );
  if (!column.number) return el("td", {}, column.of(row));
  return el("td", { class: "n" }, column.write(column.number(row)));
}

function filtered(study) {
  const words = byId("filter").value.trim().toLowerCase();
  const government = byId("filter-government").value;
  return study.inside
    .map((place, n) => ({ place, n }))
    .filter(
      ({ place }) =>
        (!government || place.province === government) &&
        (!words || `${both(place)} ${both(cityOf(study, place))} ${place.code}`.toLowerCase().includes(words)),
    );
}

function sorted(rows, columns) {
  const column = columns.find((one) => one.key === order.key) ?? columns[4];
  const sign = order.falling ? -1 : 1;
  return rows.sort((a, b) => {
    if (!column.number) return sign * column.of(a).localeCompare(column.of(b));
    const [x, y] = [column.number(a), column.number(b)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.isFinite(y) - Number.isFinite(x);
    return sign * (x - y);
  });
}

/** Plain links, so that the browser saves the file as it saves any other. */
function exports() {
  const solved = get("solved");
  if (!solved) return;
  show(
    byId("exports"),
    Object.entries(FORMATS).map(([format, tables]) =>
      el(
        "li",
        {},
        el("strong", {}, { csv: "CSV", parquet: "Parquet", geojson: "GeoJSON", json: "JSON" }[format]),
        " ",
        tables.map((table) => [
          el(
            "a",
            {
              href: exportAddress(solved.text, format, table),
              download: true,
              "data-format": format,
              "data-table": table,
            },
            t(`table.${table}`),
          ),
          " ",
        ]),
      ),
    ),
  );
}

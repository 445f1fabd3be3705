// Two packages side by side: the same figures, the same classes of colour, and the difference.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, label, language, name, t } from "./language.js";
import { amount, change, percent } from "./numbers.js";
import { URBAN, variableView } from "./layers.js";
import { drawMap, paint } from "./map.js";
import { parsed, size, written } from "./package.js";
import { solveAside } from "./solving.js";
import { swatch } from "./atlas.js";
import { explain } from "./method.js";
import { openTab } from "./tabs.js";

let maps = null;

/** Builds the tab and follows the store. */
export function mountCompare(study) {
  byId("keep").onclick = () => {
    put({ compared: written(get("package")), comparedTitle: get("title") });
    openTab("compare");
  };
  byId("compare-keep").onclick = () => put({ compared: written(get("package")), comparedTitle: get("title") });
  byId("compare-empty-package").onclick = () => put({ compared: "", comparedTitle: "" });
  byId("compare-swap").onclick = () => swap(study);
  byId("compare-none").onclick = () => put({ compared: null, comparedSolved: null });
  on(["compared"], () => solveOther());
  on(["solved", "comparedSolved", "layer", "language", "tab"], () => draw(study));
  if (get("compared") !== null) solveOther();
}

async function solveOther() {
  const text = get("compared");
  put({ comparedSolved: null });
  if (text === null) return;
  try {
    const solved = await solveAside(text);
    if (get("compared") === text) put({ comparedSolved: solved });
  } catch (error) {
    put({ mistake: error });
  }
}

function swap(study) {
  const [mine, other] = [written(get("package")), get("compared")];
  const chosen = parsed(other, study.measures);
  put({ package: { amounts: chosen.amounts, links: chosen.links }, compared: mine, swapped: mine });
}

function draw(study) {
  const [a, b] = [get("comparedSolved"), get("solved")];
  byId("compare-empty").hidden = get("compared") !== null;
  byId("compare-body").hidden = get("compared") === null;
  if (get("tab") !== "compare" || !a || !b) return;
  byId("compare-same").hidden = a.text !== b.text;
  show(byId("compare-words"), words("A", a, study), words("B", b, study));
  show(byId("compare-table"), scrolling(t("compare.caption"), governments(a, b)));
  show(byId("compare-measures"), measures(study, a, b));
  drawMaps(study, a, b);
}

function words(letter, solved, study) {
  const chosen = parsed(solved.text, study.measures);
  return el(
    "div",
    { class: "panel" },
    el("h3", {}, `${letter} · ${letter === "B" ? t("compare.now") : t("compare.kept")}`),
    el("p", { class: "soft" }, t("measure.chosen", { count: size(chosen) })),
    el("p", {}, solved.text === "" ? t("verdict.none") : language() === "zh" ? solved.headline_zh : solved.headline_en),
  );
}

function governments(a, b) {
  const rows = [...b.governments, b.total].filter(Boolean);
  const other = new Map([...a.governments, a.total].filter(Boolean).map((row) => [row.code, row]));
  const costs = new Map(a.budgets.map((row) => [row.code, row]));
  return el(
    "table",
    {},
    el("caption", {}, t("compare.caption")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, t("column.place")),
        ["A", "B"].map((letter) => el("th", { scope: "col", class: "n" }, t("compare.gain_of", { letter }))),
        el("th", { scope: "col", class: "n" }, t("compare.difference")),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) => line(both(row), other.get(row.code)?.yuan ?? 0, row.yuan)),
      b.budgets.map((row) =>
        line(t("compare.cost_of", { payer: both(row) }), costs.get(row.code)?.cost ?? 0, row.cost ?? 0, amount),
      ),
    ),
  );
}

function line(title, before, after, write = change) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, title),
    el("td", { class: "n" }, write(before, "yuan a year")),
    el("td", { class: "n" }, write(after, "yuan a year")),
    el("td", { class: "n strong" }, change(after - before, "yuan a year")),
  );
}

function measures(study, a, b) {
  const [x, y] = [a, b].map((solved) => parsed(solved.text, study.measures));
  const names = study.measures.filter((measure) => x.amounts[measure.name] || y.amounts[measure.name]);
  const share = (value) => (value ? percent(String(Math.round(value * 100))) : "–");
  return el(
    "details",
    { open: true },
    el("summary", {}, t("compare.measures")),
    el(
      "table",
      {},
      el("caption", { class: "unseen" }, t("compare.measures")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("column.measure")),
          el("th", { scope: "col", class: "n" }, "A"),
          el("th", { scope: "col", class: "n" }, "B"),
        ),
      ),
      el(
        "tbody",
        {},
        names.map((measure) =>
          el(
            "tr",
            { class: x.amounts[measure.name] === y.amounts[measure.name] ? "" : "differs" },
            el("th", { scope: "row" }, name(measure)),
            el("td", { class: "n" }, share(x.amounts[measure.name])),
            el("td", { class: "n" }, share(y.amounts[measure.name])),
          ),
        ),
        x.links.length + y.links.length
          ? el(
              "tr",
              { class: JSON.stringify(x.links) === JSON.stringify(y.links) ? "" : "differs" },
              el("th", { scope: "row" }, t("link.own")),
              el("td", { class: "n" }, String(x.links.length)),
              el("td", { class: "n" }, String(y.links.length)),
            )
          : null,
      ),
    ),
  );
}

function drawMaps(study, a, b) {
  const layer = get("layer") === URBAN ? "residents" : get("layer");
  const places = study.drawn.map((place) => ({
    code: place.code,
    name: both(place),
    geometry: place.geometry,
    group: place.province,
    city: place.prefecture,
  }));
  const told = { point: () => {}, choose: (code) => put({ chosen: code }), focus: () => {} };
  maps ??= ["compare-map-a", "compare-map-b"].map((id) => drawMap(byId(id), places, told, id));
  const views = [
    [a, b],
    [b, a],
  ].map(([one, other]) => variableView(study, layer, "change", one.figures, [other.figures]));
  maps.forEach((map, n) => {
    map.root.setAttribute("preserveAspectRatio", "xMidYMid meet");
    paint(map, views[n].of);
    map.root.setAttribute("aria-label", `${"AB"[n]}: ${views[n].heading}`);
  });
  byId("compare-heading").textContent = views[0].heading;
  show(
    byId("compare-legend"),
    views[0].legend.map(({ colour, text }) => el("li", {}, swatch(colour), el("span", {}, text))),
  );
  byId("compare-method").onclick = () => explain(study, layer);
  byId("compare-method").setAttribute("aria-label", t("method.of", { variable: label(study.variable.get(layer)) }));
}

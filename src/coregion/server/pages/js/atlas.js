// The map in the page: layer, mode, legend, what is pointed at, lines and stations, names.

import { el, byId, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, name, t } from "./language.js";
import { NO_FIGURE } from "./classes.js";
import { choose, drawLabels, drawLinks, drawLines, drawMap, drawStations, paint } from "./map.js";
import { groundOf } from "./projection.js";
import { movable } from "./map_move.js";
import { URBAN, areaView, isGain, layers, moreLayers, variableView } from "./layers.js";
import { cityOf } from "./study.js";
import { read, Refused } from "./api.js";
import { written } from "./package.js";
import { explain, explainAreas } from "./method.js";

const MODES = ["change", "before", "after"];
const NAMES_FROM = 2.6; // zoom from which counties are named
const WIDE = { rail: ["high_speed", "intercity", "conventional", "hsr", "rail"], road: ["expressway", "motorway"] };

let map;
let moves;
let view;
let within;

/** Draws the map and follows the store. */
export function mountAtlas(study) {
  map = drawMap(
    byId("map-box"),
    study.drawn.map((place) => ({
      code: place.code,
      name: both(place),
      geometry: place.geometry,
      group: place.province,
      city: place.prefecture,
    })),
    { point: (code, event) => point(study, code, event), choose: chosen, focus: (code) => focused(study, code) },
    t("map.title"),
  );
  moves = movable(map, () => named(study));
  controls(study);
  on(["solved", "layer", "mode", "language", "areas", "rule"], () => redraw(study));
  on(["chosen"], () => choose(map, get("chosen")));
  on(["language"], () => {
    controls(study);
    named(study);
    lines(study);
  });
  on(["network", "shownLines", "package", "drawing"], () => lines(study));
  on(["layer", "solved"], () => areas());
  new ResizeObserver(() => named(study)).observe(byId("map-box"));
  redraw(study);
  named(study);
}

function chosen(code) {
  if (get("drawing")) put({ drawing: { ...get("drawing"), clicked: code } });
  else put({ chosen: code });
}

function controls(study) {
  const layer = byId("layer");
  const option = ([value, text]) => el("option", { value, selected: value === get("layer") }, text);
  const more = el("optgroup", { label: t("layer.more") }, moreLayers(study).map(option));
  show(layer, layers(study).map(option), more);
  layer.onchange = () => put({ layer: layer.value });
  document.querySelectorAll("[name=mode]").forEach((radio) => {
    radio.checked = radio.value === get("mode");
    radio.onchange = () => put({ mode: radio.value });
  });
  document.querySelectorAll("[name=lines]").forEach((box) => {
    box.checked = get("shownLines").includes(box.value);
    box.onchange = () =>
      put({ shownLines: [...document.querySelectorAll("[name=lines]:checked")].map((other) => other.value) });
  });
  byId("zoom-in").onclick = () => moves.zoomBy(1.6);
  byId("zoom-out").onclick = () => moves.zoomBy(1 / 1.6);
  byId("zoom-whole").onclick = () => moves.whole();
  byId("zoom-capital").onclick = () => toCapital(study);
  byId("zoom-capital").textContent = name(study.capital);
  byId("layer-method").onclick = () =>
    get("layer") === URBAN ? explainAreas(get("areas"), get("areas").rules[get("rule") ?? 0]) : explain(study, get("layer"));
  byId("ground-note").textContent = name(study.ground);
}

/** Zooms to the capital, whose districts are specks on the whole map. */
function toCapital(study) {
  const residents = study.baseline.residents;
  const dense = study.capital.regions.filter((code) => map.centre.has(code));
  const weight = dense.map((code) => residents[study.position.get(code)] / Math.max(1, map.centre.get(code).area));
  const total = weight.reduce((sum, one) => sum + one, 0);
  const mean = (axis) => dense.reduce((sum, code, n) => sum + map.centre.get(code)[axis] * weight[n], 0) / total;
  moves.to({ x: mean("x"), y: mean("y") }, 5);
}

/** Urban areas have no change, gains no level in the base year: the nearest mode is shown instead. */
function modeOf(layer) {
  const modes = layer === URBAN ? ["after", "before"] : isGain(layer) ? ["change", "after"] : MODES;
  MODES.forEach((mode) => {
    byId(`mode-${mode}-box`).hidden = !modes.includes(mode);
  });
  const mode = modes.includes(get("mode")) ? get("mode") : modes[0];
  document.querySelector(`[name=mode][value=${mode}]`).checked = true;
  return mode;
}

function redraw(study) {
  const layer = get("layer");
  const mode = modeOf(layer);
  byId("rule-box").hidden = layer !== URBAN;
  byId("layer").value = layer;
  const rules = get("areas")?.rules;
  byId("layer-method").hidden = layer === URBAN && !rules;
  if (layer === URBAN && !rules) {
    byId("legend-heading").textContent = t("areas.waiting");
    show(byId("legend"));
    return;
  }
  if (layer === URBAN) rulesOffered(rules);
  view =
    layer === URBAN
      ? areaView(study, rules[get("rule") ?? 0], mode)
      : variableView(study, layer, mode, get("solved")?.figures);
  paint(map, view.of);
  legend();
  map.root.setAttribute("aria-label", `${t("map.title")}: ${view.heading}. ${t("map.keys")}`);
}

function legend() {
  byId("legend-heading").textContent = view.heading;
  const entries = view.missing
    ? [...view.legend, { colour: NO_FIGURE, text: t("legend.none"), count: "" }]
    : view.legend;
  show(
    byId("legend"),
    entries.map(({ colour, text, count }) =>
      el("li", {}, swatch(colour), el("span", {}, text), el("span", { class: "count" }, String(count))),
    ),
  );
}

/** A patch of a colour; the colour is set on the element's style, which the page's policy allows. */
export function swatch(colour) {
  const patch = el("span", { class: "swatch", "aria-hidden": "true" });
  patch.style.backgroundColor = colour;
  return patch;
}

function rulesOffered(rules) {
  const select = byId("rule");
  show(
    select,
    rules.map((rule, n) =>
      el(
        "option",
        { value: n, selected: n === (get("rule") ?? 0) },
        name({ name_en: rule.label_en, name_zh: rule.label_zh }) || rule.rule,
      ),
    ),
  );
  select.onchange = () => put({ rule: Number(select.value) });
}

/** Urban areas are asked for only where they are looked at. */
async function areas() {
  if (get("layer") !== URBAN || !get("solved")) return;
  const text = written(get("package"));
  if (get("areas")?.text === text) return;
  try {
    const told = await read("areas", { package: text });
    if (written(get("package")) === text) put({ areas: { ...told, text } });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put({ mistake: error });
  }
}

function point(study, code, event) {
  const tip = byId("tip");
  if (!code || !view) {
    tip.hidden = true;
    return;
  }
  tell(study, code);
  const box = byId("map-box").getBoundingClientRect();
  place(tip, event.clientX - box.left, event.clientY - box.top, box);
}

function focused(study, code) {
  if (!map.counties.get(code).matches(":focus-visible")) return;
  tell(study, code);
  const [county, box] = [map.counties.get(code).getBoundingClientRect(), byId("map-box").getBoundingClientRect()];
  place(byId("tip"), county.right - box.left, county.top - box.top, box);
  map.root.addEventListener(
    "focusout",
    () => {
      byId("tip").hidden = true;
    },
    { once: true },
  );
}

function tell(study, code) {
  const region = study.place.get(code);
  const { words } = view.of(code);
  const city = cityOf(study, region);
  const rows = [
    ["tip.before", words.before],
    ["tip.after", words.after],
    ["tip.change", words.change],
  ].filter(([, value]) => value !== undefined);
  show(
    byId("tip"),
    el("strong", {}, both(region)),
    city ? el("span", { class: "soft" }, both(city)) : null,
    view.variable
      ? el(
          "dl",
          {},
          rows.map(([key, value]) => [
            el("dt", {}, t(key)),
            el("dd", { class: key === "tip.change" ? "strong" : "" }, value),
          ]),
        )
      : el("p", {}, words.before),
  );
}

function place(tip, x, y, box) {
  tip.hidden = false;
  tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth - 4))}px`;
  tip.style.top = `${Math.max(0, y + 14 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 10 : y + 14)}px`;
}

function named(study) {
  const zoom = moves.zoom();
  const cities = new Map();
  study.drawn.forEach((place) => {
    const centre = map.centre.get(place.code);
    const city = cityOf(study, place);
    if (city && centre.area > (cities.get(city.code)?.area ?? 0))
      cities.set(city.code, { ...centre, text: name(city), kind: "city" });
  });
  const shown =
    zoom < NAMES_FROM
      ? [...cities.values()]
      : study.drawn.map((place) => ({ ...map.centre.get(place.code), text: name(place), kind: "county" }));
  drawLabels(
    map,
    shown.sort((a, b) => b.area - a.area),
    zoom,
  );
  map.layers.stations
    .querySelectorAll("circle")
    .forEach((dot) => dot.setAttribute("r", (4 / Math.sqrt(zoom) / 1.3).toFixed(2)));
}

function lines(study) {
  const own = get("package").links.filter((link) => link.intensity > 0);
  drawLinks(
    map,
    own.map((link) => [link.origin, link.destination]),
    (get("drawing")?.ends ?? []).filter((code) => map.counties.has(code)),
  );
  const network = get("network");
  if (!network) return;
  const shown = get("shownLines");
  const acting = get("package").amounts;
  within ??= groundOf(study.drawn.map((place) => place.geometry));
  const of = network.links.filter(
    (link) => WIDE[link.mode]?.some((kind) => link.class.startsWith(kind)) && link.coordinates.every(within),
  );
  const visible = of
    .map((link) => ({ link, opened: link.opened_by.some((measure) => acting[measure] > 0) }))
    .filter(
      ({ link, opened }) =>
        (opened && shown.includes("opened")) || (link.open && link.opened_by.length === 0 && shown.includes(link.mode)),
    );
  drawLines(
    map,
    visible.map(({ link, opened }) => ({
      geometry: { type: "LineString", coordinates: link.coordinates },
      mode: link.mode,
      opened,
      name: both(link) || link.line,
    })),
  );
  drawStations(
    map,
    shown.includes("stations")
      ? network.places.filter((place) => place.kind === "station").map((place) => ({ ...place, name: both(place) }))
      : [],
  );
  named(study);
}

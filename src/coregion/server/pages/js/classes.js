// Which colour a figure gets on the map: seven classes about zero for changes, six rising ones for levels.

import { NONE, plain, scaled } from "./numbers.js";
import { t } from "./language.js";

// ColorBrewer PuOr and Purples-like steps: told apart with every common colour deficiency, ordered by lightness in grey.
export const DIVERGING = ["#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d8daeb", "#998ec3", "#542788"];
export const RISING = ["#f2f0f7", "#dadaeb", "#bcbddc", "#9e9ac8", "#756bb1", "#54278f"];
export const AREAS = [
  "#88ccee",
  "#ddcc77",
  "#117733",
  "#cc6677",
  "#332288",
  "#aa4499",
  "#44aa99",
  "#999933",
  "#882255",
  "#6699cc",
  "#661100",
  "#ee8866",
  "#bbcc33",
  "#777777",
];
export const NO_FIGURE = "#c8c8c8";
const STEPS = [0.1, 0.3, 1];
const FINE = 6; // digits where fewer would write two limits alike
const MINUS = "\u2212";

function percentile(sorted, share) {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** The nearest of 1, 2, 3, 5 times a power of ten. */
export function roundNumber(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const near = (step) => Math.abs(Math.log((step * power) / value));
  return [1, 2, 3, 5, 10].reduce((best, step) => (near(step) < near(best) ? step : best)) * power;
}

/**
 * Seven classes about zero: the outer limit is the larger of the 2nd and 98th of 100, rounded; the inner limits are three
 * and one tenths of it, so that small changes stay visible beside large ones. `unit` stands behind each limit.
 */
export function diverging(values, unit) {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  const spread = known.length ? Math.max(Math.abs(percentile(known, 0.02)), Math.abs(percentile(known, 0.98))) : 0;
  const outer = roundNumber(spread > 1e-9 ? spread : 0.01);
  const positive = STEPS.map((step) => outer * step);
  const limits = [...positive]
    .reverse()
    .map((limit) => -limit)
    .concat(positive);
  const text = limits.map((limit) => (limit < 0 ? MINUS : "+") + scaled(Math.abs(limit), 2));
  const labels = [
    t("class.below", { limit: text[0], unit }),
    t("class.between", { low: text[0], high: text[1], unit }),
    t("class.between", { low: text[1], high: text[2], unit }),
    t("class.within", { limit: scaled(limits[3], 2), unit }),
    t("class.between", { low: text[3], high: text[4], unit }),
    t("class.between", { low: text[4], high: text[5], unit }),
    t("class.above", { limit: text[5], unit }),
  ];
  return scale(limits, DIVERGING, labels);
}

/** Six classes of equal numbers of places, from low to high; fewer where many places have the same figure. */
export function rising(values, write) {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!known.length) return scale([], [NO_FIGURE], [NONE]);
  if (known[0] === known[known.length - 1])
    return scale([], [RISING[0]], [t("class.everywhere", { value: write(known[0]) })]);
  const limits = [...new Set([1, 2, 3, 4, 5].map((n) => percentile(known, n / 6)))].filter(
    (limit) => limit < known[known.length - 1],
  );
  const rough = limits.map(write);
  const text = new Set(rough).size === rough.length ? rough : limits.map((limit) => plain(limit, FINE));
  const last = text.length - 1;
  const labels = [
    t("class.up_to", { limit: text[0] }),
    ...text.slice(1).map((high, n) => t("class.from_to", { low: text[n], high })),
    t("class.from", { limit: text[last] }),
  ];
  const colours = labels.map((_, n) => RISING[Math.round((n * (RISING.length - 1)) / (labels.length - 1))]);
  return scale(limits, colours, labels);
}

function scale(limits, colours, labels) {
  const of = (value) => (Number.isFinite(value) ? limits.filter((limit) => limit < value).length : -1);
  return { of, colours, labels, colour: (value) => (Number.isFinite(value) ? colours[of(value)] : NO_FIGURE) };
}

// What the map can show: a layer is a variable, or the urban areas; its figures, its classes and its words.

import { both, joined, label, name, t } from "./language.js";
import { amount, change, level, perCent, unitName } from "./numbers.js";
import { AREAS, diverging, rising } from "./classes.js";

export const URBAN = "areas";

const labelled = (study) => (layer) => [layer, label(study.variable.get(layer))];

/** The layers that the study puts first: [name, label]. */
export function layers(study) {
  return [...study.layers.map(labelled(study)), [URBAN, t("layer.areas")]];
}

/** Every other outcome that has one figure a county. */
export function moreLayers(study) {
  const rest = study.variables.filter(
    (one) => one.mapped && one.role === "outcome" && !study.layers.includes(one.name),
  );
  return rest.map((one) => one.name).map(labelled(study));
}

/** Gains have no level in the base year. */
export const isGain = (layer) => layer.startsWith("equivalent_variation");

/** A change in the words of its variable: per cent, or in its unit. */
function changeText(variable, value) {
  return variable.change === "difference" ? change(value, variable.unit) : perCent(value);
}

const NEUTRAL = "#ffffff";

/**
 * The view of a variable. mode: "change", "before" or "after".
 * Returns {of(code) → {colour, text, words}, legend: [{colour, text, count}], heading, unit}.
 */
export function variableView(study, layer, mode, figures, others = []) {
  const variable = study.variable.get(layer);
  const now = figures?.[layer];
  const before = study.baseline[layer];
  const shown = { change: now?.change, before, after: now?.value }[mode] ?? [];
  const unit = variable.change === "difference" ? unitName(variable.unit) : "%";
  const pooled = [...shown, ...others.flatMap((other) => other[layer]?.[mode === "change" ? "change" : "value"] ?? [])];
  const classes =
    mode === "change"
      ? diverging(pooled.map(cleared), unit)
      : rising(mode === "before" ? before : [...pooled], (value) => level(value, variable.unit));
  const values = mode === "change" ? shown.map(cleared) : shown;
  const counts = classes.colours.map((_, n) => values.filter((value) => classes.of(value) === n).length);
  return {
    of: (code) => {
      const n = study.position.get(code);
      const words = figureWords(variable, before[n], now, n);
      return {
        colour: classes.colour(values[n]),
        words,
        text: joined([both(study.place.get(code)), `${label(variable)} ${words.change ?? words.before}`], ":"),
      };
    },
    legend: classes.labels.map((text, n) => ({ colour: classes.colours[n], text, count: counts[n] })),
    heading: t(`legend.${mode === "change" && isGain(layer) ? "gain" : mode}`, {
      label: label(variable),
      year: study.base_year,
      unit: unitName(variable.unit),
    }),
    missing: values.some((value) => !Number.isFinite(value)),
    variable,
  };
}

/** A figure that only rounding made is none: the baseline solved again differs in the tenth digit. */
function cleared(value) {
  return Number.isFinite(value) && Math.abs(value) < 1e-7 ? 0 : (value ?? NaN);
}

function figureWords(variable, before, now, n) {
  if (!now) return { before: amount(before, variable.unit) };
  return {
    before: amount(before, variable.unit),
    after: amount(now.value[n], variable.unit),
    change: changeText(variable, now.change[n]),
  };
}

/** The view of urban areas by a rule: the areas around their cores in colours, before or after. */
export function areaView(study, rule, mode) {
  const side = mode === "before" ? rule.before : rule.after;
  const came = new Set(rule.capital_came);
  const went = new Set(rule.capital_went);
  const order = [...new Set(side.area.filter((area) => area >= 0))].sort((a, b) => a - b);
  return {
    of: (code) => {
      const n = study.position.get(code);
      const area = side.area[n];
      const part = area < 0 ? t("areas.none") : side.core[n] ? t("areas.core") : t("areas.ring");
      const moved = came.has(code) ? t("areas.came") : went.has(code) ? t("areas.went") : "";
      const colour =
        area < 0
          ? NEUTRAL
          : side.core[n]
            ? AREAS[order.indexOf(area) % AREAS.length]
            : paler(AREAS[order.indexOf(area) % AREAS.length]);
      return {
        colour,
        words: { before: joined([part, moved], ";") },
        text: joined([both(study.place.get(code)), joined([part, moved], ";")], ":"),
      };
    },
    legend: [
      {
        colour: AREAS[0],
        text: t("areas.legend_core"),
        count: side.core.filter((core, n) => core && side.area[n] >= 0).length,
      },
      {
        colour: paler(AREAS[0]),
        text: t("areas.legend_ring"),
        count: side.area.filter((area, n) => area >= 0 && !side.core[n]).length,
      },
      { colour: NEUTRAL, text: t("areas.none"), count: side.area.filter((area) => area < 0).length },
    ],
    heading: t("areas.heading", {
      rule: name({ name_en: rule.label_en, name_zh: rule.label_zh }) || rule.rule,
      count: side.count,
    }),
    missing: false,
    variable: null,
  };
}

function paler(colour) {
  const parts = [1, 3, 5].map((at) => Math.round((parseInt(colour.slice(at, at + 2), 16) + 2 * 255) / 3));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

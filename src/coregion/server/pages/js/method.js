// How a number is made: the variable's meaning, formula and unit, what was assumed about it, and the study's parameters.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on } from "./store.js";
import { label, language, name, t, told } from "./language.js";
import { plain, unitName } from "./numbers.js";

/** Builds the tab that tells how everything is computed. */
export function mountMethod(study) {
  const build = () => show(byId("method-body"), parameters(study), assumptions(study), residuals(), notes(study));
  on(["language", "solved"], build);
  byId("method-close").onclick = () => byId("method").close();
}

/** A button that opens the explanation of a variable. */
export function about(study, variableName) {
  return el(
    "button",
    {
      type: "button",
      class: "about",
      "data-about": variableName,
      "aria-label": t("method.of", { variable: label(study.variable.get(variableName)) }),
      onclick: () => explain(study, variableName),
    },
    "?",
  );
}

/** Opens the explanation of urban areas by a rule. `told`: the answer to /api/areas. */
export function explainAreas(areas, rule) {
  byId("method-title").textContent = name({ name_en: rule.label_en, name_zh: rule.label_zh });
  show(
    byId("method-text"),
    pairs([
      ["method.meaning", name({ name_en: areas.note_en, name_zh: areas.note_zh })],
      ["method.threshold", told(rule.threshold, rule.threshold_zh)],
    ]),
  );
  byId("method").showModal();
}

/** Opens the explanation of a variable. */
export function explain(study, variableName) {
  const variable = study.variable.get(variableName);
  if (!variable) return;
  byId("method-title").textContent = label(variable);
  const rows = [
    ["method.meaning", told(variable.meaning, variable.meaning_zh)],
    ["method.origin", told(variable.origin, variable.origin_zh)],
    ["method.unit", unitName(variable.unit)],
    [
      "method.over",
      variable.over
        ? t("method.mean", {
            weight: label(study.variable.get(variable.over) ?? { label_en: variable.over, label_zh: variable.over }),
          })
        : t("method.sum"),
    ],
    ["method.change", variable.change === "difference" ? t("method.difference") : t("method.per_cent")],
    ["method.role", variable.role === "input" ? t("method.input") : t("method.outcome")],
  ];
  const assumed = study.assumptions.filter((one) => one.variable === variableName);
  show(
    byId("method-text"),
    pairs(rows),
    assumed.length
      ? [
          el("h3", {}, t("method.assumed")),
          el(
            "ul",
            {},
            assumed.map((one) => el("li", {}, name({ name_en: one.rule, name_zh: one.rule_zh }))),
          ),
        ]
      : null,
    el("details", {}, el("summary", {}, t("method.parameters")), parameters(study)),
  );
  byId("method").showModal();
}

const pairs = (rows) =>
  el(
    "dl",
    { class: "pairs" },
    rows.map(([key, value]) => [el("dt", {}, t(key)), el("dd", {}, value)]),
  );

function parameters(study) {
  const called = (code) => name(study.government.get(code) ?? study.regions.find((one) => one.code === code) ?? {}) || code;
  const many = (parameter) => [
    Number.isFinite(parameter.value) ? plain(parameter.value, 4) : null,
    Object.entries(parameter.by ?? {}).map(([code, value]) =>
      el("span", { class: "soft block one-line" }, `${called(code)} ${plain(value, 4)}`),
    ),
  ];
  return scrolling(
    t("method.parameters"),
    el(
      "table",
      {},
      el("caption", {}, t("method.parameters")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["parameter", "value", "range", "unit", "meaning", "source"].map((key) =>
            el("th", { scope: "col" }, t(`method.column_${key}`)),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        study.parameters.map((one) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              language() === "zh" && one.name_zh ? [el("span", { class: "block" }, one.name_zh)] : null,
              el("code", {}, one.name),
            ),
            el("td", {}, many(one)),
            el(
              "td",
              {},
              Number.isFinite(one.low) && Number.isFinite(one.high) ? `${plain(one.low)} – ${plain(one.high)}` : "–",
            ),
            el("td", {}, unitName(one.unit)),
            el("td", { class: "words" }, told(one.meaning, one.meaning_zh)),
            el(
              "td",
              { class: "words" },
              told(one.source, one.source_zh),
              one.assumed ? el("strong", {}, ` ${t("method.is_assumed")}`) : null,
            ),
          ),
        ),
      ),
    ),
  );
}

function assumptions(study) {
  if (!study.assumptions.length) return null;
  return el(
    "details",
    {},
    el("summary", {}, t("method.assumptions")),
    el(
      "ul",
      {},
      study.assumptions.map((one) =>
        el(
          "li",
          {},
          el("strong", { class: "block" }, name(one) || one.variable),
          name({ name_en: one.rule, name_zh: one.rule_zh }),
        ),
      ),
    ),
  );
}

function residuals() {
  const solved = get("solved");
  if (!solved) return null;
  return el(
    "details",
    {},
    el("summary", {}, t("method.residuals")),
    el(
      "dl",
      { class: "pairs" },
      Object.entries(solved.residuals).map(([key, value]) => [
        el("dt", {}, t(`residual.${key}`, {}, key.replace(/_/g, " "))),
        el("dd", {}, Number(value).toExponential(1)),
      ]),
    ),
  );
}

function notes(study) {
  return el(
    "div",
    {},
    study.notes.map((note, n) => el("p", { class: "soft" }, told(note, study.notes_zh[n]))),
    el("p", { class: "soft" }, `coregion ${study.version} · ${study.name} · ${study.fingerprint}`),
  );
}

// The other way round: a goal is named, and the least of the measures that reaches it is looked for; and draws.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on } from "./store.js";
import { both, joined, label, name, t } from "./language.js";
import { amount, change, percent, plain } from "./numbers.js";
import { parsed, written } from "./package.js";
import { choose } from "./measures.js";
import { start } from "./jobs.js";
import { GOAL_DIGITS, outcomeName } from "./outcome.js";
import { cityOf } from "./study.js";

const DRAWS = 100;
const DRIVERS = 5; // parameters told for each place

const BEYOND = ["travel_minutes", "access", "commuting_to_capital"]; // figures that no goal can be set on

/** Builds the forms and follows the store. */
export function mountGoal(study) {
  on(["language"], () => offer(study));
  offer(study);
  on(["package", "language"], () => allowed(study));
  allowed(study);
  ["goal-variable", "goal-place"].forEach((id) => {
    byId(id).onchange = () => today(study);
  });
  byId("goal-form").onsubmit = (event) => {
    event.preventDefault();
    const text = `${byId("goal-variable").value}[${byId("goal-place").value}] ${byId("goal-sense").value} ${byId("goal-target").value}`;
    start({ kind: "goal", goal: text, measures: Object.keys(get("package").amounts) });
  };
  byId("draws").hidden = !study.jobs.includes("draws");
  byId("draws").onclick = () => start({ kind: "draws", package: written(get("package")), draws: DRAWS });
  on(["jobs", "language"], () => results(study));
}

function offer(study) {
  const outcomes = study.variables.filter((one) => one.mapped && one.role === "outcome" && !BEYOND.includes(one.name));
  show(
    byId("goal-variable"),
    outcomes.map((one) => el("option", { value: one.name, selected: one.name === "residents" }, label(one))),
  );
  const option = (one) => el("option", { value: one.code }, both(one));
  show(
    byId("goal-place"),
    (study.places ?? []).length ? el("optgroup", { label: t("goal.named") }, study.places.map(option)) : null,
    el("optgroup", { label: t("table.jurisdictions") }, study.jurisdictions.map(option)),
    el(
      "optgroup",
      { label: t("table.regions") },
      study.inside.map((place) => el("option", { value: place.code }, joined([both(place), name(cityOf(study, place))]))),
    ),
  );
  today(study);
}

/** The counties of a place of the list. */
function members(study, code) {
  if (study.place.has(code)) return [code];
  const named = (study.places ?? []).find((place) => place.code === code);
  return (
    named?.members ??
    study.inside.filter((place) => place.province === code || place.prefecture === code).map((place) => place.code)
  );
}

/** What the base year has, beside the target, where it is a sum. */
function today(study) {
  const variable = study.variable.get(byId("goal-variable").value);
  const codes = members(study, byId("goal-place").value);
  const figures = study.baseline[variable.name];
  const values = codes.map((code) => figures[study.position.get(code)]).filter(Number.isFinite);
  const told = variable.over ? (codes.length === 1 ? values[0] : NaN) : values.reduce((sum, value) => sum + value, 0);
  byId("goal-today").textContent = Number.isFinite(told) ? t("goal.today", { value: amount(told, variable.unit, GOAL_DIGITS) }) : "";
}

function allowed(study) {
  const count = Object.keys(get("package").amounts).length;
  const most = study.limits.goal_measures;
  byId("goal-start").disabled = count === 0 || count > most;
  byId("goal-note").textContent =
    count === 0 ? t("goal.none") : count > most ? t("goal.too_many", { most, count }) : t("goal.note");
}

function results(study) {
  const finished = (get("jobs") ?? []).filter(
    (job) => job.state === "finished" && job.result && ["goal", "draws"].includes(job.kind),
  );
  show(
    byId("goal-results"),
    finished.map((job) => el("li", { class: "panel" }, job.kind === "goal" ? reached(study, job) : drawn(study, job))),
  );
}

function reached(study, job) {
  const told = job.result;
  const unit = study.variable.get(told.outcome.split("[")[0])?.unit ?? "";
  const called = (measure) => name(study.measure.get(measure) ?? { name_en: measure });
  const level = (value) => amount(value, unit, GOAL_DIGITS);
  const met = told.intensities !== null && told.intensities !== undefined;
  const list = Object.entries(told.intensities ?? {})
    .filter(([, value]) => value > 0)
    .map(([measure, value]) => `${called(measure)} ${share(value)}`);
  const words = { outcome: outcomeName(study, told.outcome), baseline: level(told.baseline), value: level(told.value) };
  const alone = told.alone.map((one) =>
    one.intensity === null
      ? t("goal.alone_not", { measure: called(one.measure), best: level(one.best), amount: share(one.best_at) })
      : t("goal.alone", { measure: called(one.measure), amount: share(one.intensity) }),
  );
  return [
    el("h4", {}, `${words.outcome} ${told.sense > 0 ? "≥" : "≤"} ${level(told.target)}`),
    el(
      "p",
      {},
      !met ? t("goal.no") : list.length ? t("goal.met", { ...words, list: joined(list, ";") }) : t("goal.already", words),
    ),
    el(
      "details",
      {},
      el("summary", {}, t("goal.each")),
      el(
        "ul",
        {},
        alone.map((one) => el("li", {}, one)),
      ),
    ),
    met && told.package
      ? el("button", { type: "button", onclick: () => use(study, told.package) }, t("goal.use"))
      : null,
  ];
}

function use(study, text) {
  const { amounts, links } = parsed(text, study.measures);
  choose({ amounts, links });
}

/** A parameter in words. */
function parameterName(study, parameter) {
  const chinese = study.parameters.find((one) => one.name === parameter)?.name_zh;
  return name({ name_en: parameter.replace(/_/g, " "), name_zh: chinese });
}

const share = (value) => percent(plain(value * 100, 3));

const GAIN = "equivalent_variation_registered";

function drawn(study, job) {
  const ours = (row) => row.variable === GAIN && (row.place === "all" || study.government.get(row.place)?.level === 1);
  const place = (row) => (row.place === "all" ? t("why.all") : both(study.government.get(row.place)));
  const sum = (row) => [
    ...["low", "median", "high"].map((key) => change(row[key], "yuan a year")),
    Number.isFinite(row.probability_of_loss) ? share(row.probability_of_loss) : "–",
  ];
  const rank = new Map();
  const drivers = (job.result.drivers ?? [])
    .filter(ours)
    .sort((a, b) => b.total - a.total)
    .filter((row) => rank.set(row.place, (rank.get(row.place) ?? 0) + 1).get(row.place) <= DRIVERS)
    .sort((a, b) => (b.place === "all") - (a.place === "all") || a.place.localeCompare(b.place));
  return [
    el("h4", {}, t("draws.title", { draws: job.result.draws })),
    ranges(t("draws.caption"), ["low", "median", "high", "loss"], job.result.ranges.filter(ours), place, sum),
    drivers.length
      ? el(
          "details",
          {},
          el("summary", {}, t("draws.drivers")),
          ranges(t("draws.drivers"), ["parameter", "first_order", "total"], drivers, place, (row) => [
            parameterName(study, row.parameter),
            share(row.first_order),
            share(row.total),
          ]),
        )
      : null,
  ];
}

function ranges(caption, heads, rows, place, cells) {
  return scrolling(
    caption,
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
          heads.map((key) => el("th", { scope: "col", class: "n" }, t(`draws.${key}`))),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, place(row)),
            cells(row).map((text) => el("td", { class: "n" }, text)),
          ),
        ),
      ),
    ),
  );
}

// The other way round: a goal is named, and the least of the measures that reaches it is looked for; and draws.

import { byId, el, show } from "./dom.js";
import { get, on } from "./store.js";
import { both, label, language, t } from "./language.js";
import { change } from "./numbers.js";
import { parsed, written } from "./package.js";
import { choose } from "./measures.js";
import { start } from "./jobs.js";
import { cityOf } from "./study.js";

/** Builds the forms and follows the store. */
export function mountGoal(study) {
  const offer = () => {
    show(
      byId("goal-variable"),
      study.variables
        .filter((one) => one.mapped && one.role === "outcome")
        .map((one) => el("option", { value: one.name, selected: one.name === "residents" }, label(one))),
    );
    const cities = study.jurisdictions.map((one) => el("option", { value: one.code }, both(one)));
    show(
      byId("goal-place"),
      cities,
      study.inside.map((place) => el("option", { value: place.code }, `${both(place)}, ${both(cityOf(study, place))}`)),
    );
  };
  on(["language"], offer);
  offer();
  byId("goal-form").onsubmit = (event) => {
    event.preventDefault();
    start({ kind: "goal", goal: goal(study), measures: Object.keys(get("package").amounts).slice(0, 12) });
  };
  byId("draws").hidden = !study.jobs.includes("draws");
  byId("draws").onclick = () => start({ kind: "draws", package: written(get("package")), draws: 100 });
  on(["jobs", "language"], () => results(study));
}

/** "residents[130629+130632] >= 300000" */
function goal(study) {
  const code = byId("goal-place").value;
  const codes = study.place.has(code)
    ? [code]
    : study.inside.filter((place) => place.province === code || place.prefecture === code).map((place) => place.code);
  return `${byId("goal-variable").value}[${codes.join("+")}] ${byId("goal-sense").value} ${byId("goal-target").value}`;
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
  const sentences = (language() === "zh" && told.sentences_zh) || told.sentences_en || [];
  return [
    el("h4", {}, job.request.goal),
    sentences.map((sentence) => el("p", { lang: told.sentences_zh && language() === "zh" ? "zh" : "en" }, sentence)),
    told.package
      ? el(
          "button",
          {
            type: "button",
            onclick: () => {
              const { amounts, links } = parsed(told.package, study.measures);
              choose({ amounts, links });
            },
          },
          t("goal.use"),
        )
      : null,
  ];
}

function drawn(study, job) {
  const rows = job.result.ranges.filter((row) => study.government.get(row.place)?.level === 1 || row.place === "all");
  return [
    el("h4", {}, t("draws.title", { draws: job.result.draws })),
    el(
      "table",
      {},
      el("caption", {}, t("draws.caption")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("column.place")),
          ["low", "median", "high", "loss"].map((key) => el("th", { scope: "col", class: "n" }, t(`draws.${key}`))),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, row.place === "all" ? t("why.all") : both(study.government.get(row.place))),
            ["low", "median", "high"].map((key) => el("td", { class: "n" }, change(row[key], "yuan a year"))),
            el("td", { class: "n" }, `${Math.round(100 * row.probability_of_loss)}\u00a0%`),
          ),
        ),
      ),
    ),
  ];
}

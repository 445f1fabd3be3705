// Why: what each measure contributes, as Shapley values over all packages of the measures chosen.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on } from "./store.js";
import { both, label, name, t, told } from "./language.js";
import { change } from "./numbers.js";
import { size, written } from "./package.js";
import { progress, start } from "./jobs.js";
import { chart } from "./charts.js";
import { pillarName } from "./measures.js";
import { about } from "./method.js";

const COLUMNS = ["shapley", "alone", "last_in", "synergy"];

/** Builds the tab and follows the store. */
export function mountWhy(study) {
  byId("why-measures").onclick = () => start({ kind: "packages", package: written(get("package")), by: "measure" });
  byId("why-pillars").onclick = () => start({ kind: "packages", package: written(get("package")), by: "pillar" });
  byId("why-government").onchange = () => draw(study);
  on(["package", "language"], () => offer(study));
  on(["jobs", "package", "language", "tab"], () => draw(study));
  offer(study);
}

function offer(study) {
  const count = size(get("package"));
  const most = study.limits.packages_measures;
  byId("why-measures").disabled = count < 2 || count > most;
  byId("why-pillars").disabled = count < 2;
  byId("why-note").textContent =
    count < 2
      ? t("why.too_few")
      : count > most
        ? t("why.too_many", { count, most })
        : t("why.note", { packages: 2 ** count });
}

/** The newest finished job on this very package. */
function newest() {
  const text = written(get("package"));
  return get("jobs")?.find(
    (job) => job.kind === "packages" && job.state === "finished" && job.result && same(job.request.package, text),
  );
}

const same = (a, b) => a.split(",").sort().join() === b.split(",").sort().join();

function draw(study) {
  if (get("tab") !== "why") return;
  const running = get("jobs")?.find(
    (job) =>
      job.kind === "packages" &&
      ["waiting", "running"].includes(job.state) &&
      same(job.request.package, written(get("package"))),
  );
  byId("why-running").hidden = !running;
  if (running) show(byId("why-running"), progress(running, t("why.title")));
  const job = newest();
  byId("why-result").hidden = !job;
  if (job) result(study, job.result);
}

function result(study, found) {
  const select = byId("why-government");
  const chosen = found.bars.some((bar) => bar.jurisdiction === select.value) ? select.value : found.bars[0].jurisdiction;
  const called = (code) =>
    code === "all" ? t("why.all") : both(study.government.get(code) ?? { name_en: code, name_zh: code });
  show(
    select,
    found.bars.map((bar) =>
      el("option", { value: bar.jurisdiction, selected: bar.jurisdiction === chosen }, called(bar.jurisdiction)),
    ),
  );
  const title = new Map(
    found.players.map((player) => [
      player.name,
      study.pillars.some((pillar) => pillar.name === player.name)
        ? pillarName(study.pillars.find((pillar) => pillar.name === player.name))
        : name({ name_en: player.label_en, name_zh: player.label_zh }),
    ]),
  );
  const rows = [...found.bars.find((bar) => bar.jurisdiction === chosen).rows].sort((a, b) => b.shapley - a.shapley);
  chart(
    byId("why-chart"),
    rows.map((row) => ({ label: title.get(row.player), value: row.shapley })),
    t("why.axis"),
  );
  show(byId("why-table"), scrolling(t("why.caption"), table(study, rows, title)));
  show(byId("why-pairs"), pairs(study, found, title));
  show(
    byId("why-warnings"),
    (found.warnings ?? []).map((warning, n) => el("li", {}, told(warning, found.warnings_zh?.[n]))),
  );
}

function table(study, rows, title) {
  return el(
    "table",
    {},
    el("caption", {}, t("why.caption")),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, t("column.measure")),
        COLUMNS.map((key) =>
          el("th", { scope: "col", class: "n" }, label(study.variable.get(key)), " ", about(study, key)),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, title.get(row.player)),
          COLUMNS.map((key) =>
            el("td", { class: key === "shapley" ? "n strong" : "n" }, change(row[key], "yuan a year")),
          ),
        ),
      ),
    ),
  );
}

function pairs(study, found, title) {
  if (!found.pairs.length) return null;
  return el(
    "details",
    {},
    el("summary", {}, t("why.pairs")),
    el("p", {}, label(study.variable.get("interaction")), " ", about(study, "interaction")),
    el(
      "table",
      {},
      el("caption", { class: "unseen" }, t("why.pairs")),
      el(
        "tbody",
        {},
        found.pairs
          .slice(0, 10)
          .map((pair) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, `${title.get(pair.player)} + ${title.get(pair.other)}`),
              el("td", { class: "n" }, change(pair.interaction, "yuan a year")),
            ),
          ),
      ),
    ),
  );
}

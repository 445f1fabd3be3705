// A county's card: every variable before and after, where its people work and where those who work there come from.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, joined, label, name, t } from "./language.js";
import { amount, change, level, perCent, scaled, signed, unitName } from "./numbers.js";
import { read, Refused } from "./api.js";
import { explain } from "./method.js";
import { cityOf } from "./study.js";

const ENDS = 5;
const BELOW = 120; // pixels: a card that begins lower is out of sight
const ORDER = [
  ...[
    "residents",
    "registered",
    "employed_residents",
    "jobs",
    "jobs_per_employed_resident",
    "commuters_in",
    "commuters_out",
  ],
  ...[
    "commuting_to_capital",
    "travel_minutes",
    "access",
    "wage",
    "real_wage",
    "income_per_head",
    "labour_income_per_head",
  ],
  ...["non_labour_income", "floor_space_price", "floor_space", "price_index", "place_value", "welfare"],
  ...[
    "equivalent_variation_registered",
    "equivalent_variation_living",
    "equivalent_variation_working",
    "labour_income",
  ],
  ...[
    "value_added",
    "sales",
    "productivity",
    "private_jobs",
    "public_jobs",
    "expenditure",
    "rents",
    "capital_income",
    "transfers",
  ],
];
let asked = null;

/** Follows the store. */
export function mountCounty(study) {
  on(["chosen", "solved"], () => load());
  on(["card", "language"], () => draw(study));
  on(["chosen"], reveal);
  on(["solved", "language"], () => extremes(study));
  byId("county-close").onclick = () => put({ chosen: null, card: null });
  draw(study);
}

/** Where the card lies below the map, it is brought into view. */
function reveal() {
  if (get("chosen") && byId("county").getBoundingClientRect().top > window.innerHeight - BELOW) {
    byId("county").scrollIntoView({ block: "end" });
  }
}

/** While no county is chosen: those that gain and lose most, a click away. */
function extremes(study) {
  const ordered = [...(get("solved")?.counties ?? [])].sort((a, b) => b.yuan - a.yuan);
  const ends = [
    ["winners.up", ordered.filter((row) => row.sign > 0).slice(0, ENDS)],
    [
      "winners.down",
      ordered
        .filter((row) => row.sign < 0)
        .slice(-ENDS)
        .reverse(),
    ],
  ];
  const line = (row) => {
    const choose = el("button", { type: "button", class: "link", onclick: () => put({ chosen: row.code }) });
    choose.textContent = both(study.place.get(row.code));
    const city = cityOf(study, study.place.get(row.code));
    const where = el("span", {}, choose, el("span", { class: "soft" }, ` ${name(city)}`));
    return el("li", {}, where, el("span", { class: "n" }, change(row.yuan, "yuan a year")));
  };
  show(
    byId("county-ends"),
    ends.filter(([, rows]) => rows.length).map(([key, rows]) => [el("h3", {}, t(key)), el("ol", {}, rows.map(line))]),
  );
}

async function load() {
  const [code, solved] = [get("chosen"), get("solved")];
  if (!code || !solved) return;
  asked?.abort();
  asked = new AbortController();
  try {
    const card = await read(`county/${encodeURIComponent(code)}`, { package: solved.text }, asked.signal);
    if (get("chosen") === code) put({ card });
  } catch (error) {
    if (error instanceof Refused) put({ mistake: error });
    else if (error.name !== "AbortError") throw error;
  }
}

function draw(study) {
  const card = get("card");
  byId("county-empty").hidden = Boolean(card);
  byId("county-body").hidden = !card;
  byId("county-close").hidden = !card;
  byId("county-name").textContent = card ? both(card) : t("county.title");
  if (!card) return;
  byId("county-where").textContent = [
    both({ name_en: card.prefecture_en, name_zh: card.prefecture_zh }),
    both({ name_en: card.province_en, name_zh: card.province_zh }),
  ]
    .filter((part, n, all) => part && all.indexOf(part) === n && part !== both(card))
    .join(" · ");
  const totals = new Set(card.rows.filter((row) => row.group === "" && row.sector === "").map((row) => row.variable));
  const main = (row) => (row.group === "" && row.sector === "") || (row.sector === "" && !totals.has(row.variable));
  const rank = (row) => (ORDER.indexOf(row.variable) + ORDER.length + 1) % (ORDER.length + 1);
  const over = card.rows.filter(main).sort((a, b) => rank(a) - rank(b));
  const parts = card.rows.filter((row) => !main(row)).sort((a, b) => rank(a) - rank(b));
  show(byId("county-rows"), variables(study, over, t("county.caption")));
  show(
    byId("county-parts"),
    parts.length
      ? el("details", {}, el("summary", {}, t("county.parts")), variables(study, parts, t("county.parts")))
      : null,
  );
  show(
    byId("county-flows"),
    flows(t("county.work"), card.work),
    flows(t("county.come"), card.come),
    el(
      "details",
      {},
      el("summary", {}, t("county.registration")),
      flows(t("county.registered"), card.registered),
      flows(t("county.gone"), card.gone),
    ),
  );
  show(byId("county-inputs"), inputs(study, card.inputs));
}

function variables(study, rows, caption) {
  return el(
    "table",
    {},
    el("caption", { class: "unseen" }, caption),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, t("column.variable")),
        el("th", { scope: "col", class: "n" }, t("tip.before")),
        el("th", { scope: "col", class: "n" }, t("tip.after")),
        el("th", { scope: "col", class: "n" }, t("tip.change")),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) => {
        const variable = study.variable.get(row.variable);
        return el(
          "tr",
          {},
          el(
            "th",
            { scope: "row" },
            el(
              "button",
              { type: "button", class: "link", onclick: () => explain(study, row.variable) },
              label(variable),
            ),
            el("span", { class: "soft" }, ` ${[part(study, row), unitName(row.unit)].filter(Boolean).join(" · ")}`),
          ),
          el("td", { class: "n" }, level(row.baseline, row.unit)),
          el("td", { class: "n" }, level(row.value, row.unit)),
          el("td", { class: "n strong" }, rowChange(variable, row)),
        );
      }),
    ),
  );
}

/** A change that is told in the variable's unit needs no second unit; the rest is in per cent. */
const rowChange = (variable, row) =>
  variable.change === "difference" ? signed(level(row.change, row.unit)) : perCent(row.change);

function part(study, row) {
  const found = [...study.groups, ...study.sectors].filter((one) => one.code === row.group || one.code === row.sector);
  return joined(found.map(name));
}

function flows(title, rows) {
  const widest = Math.max(...rows.map((row) => row.before), 1);
  return el(
    "table",
    { class: "flows" },
    el("caption", {}, title),
    el(
      "thead",
      { class: "unseen" },
      el(
        "tr",
        {},
        ["column.place", "tip.before", "tip.after", "tip.change"].map((key) => el("th", { scope: "col" }, t(key))),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, both(row), flowBar(row.before / widest)),
          el("td", { class: "n" }, scaled(row.before)),
          el("td", { class: "n" }, scaled(row.after)),
          el("td", { class: "n" }, row.before > 0 ? perCent((100 * (row.after - row.before)) / row.before) : "–"),
        ),
      ),
    ),
  );
}

function flowBar(share) {
  const stroke = el("span", { class: "flow", "aria-hidden": "true" });
  stroke.style.width = `${(100 * share).toFixed(1)}%`;
  return stroke;
}

function inputs(study, rows) {
  if (!rows.length) return null;
  return el(
    "details",
    {},
    el("summary", {}, t("county.inputs")),
    el(
      "table",
      {},
      el("caption", { class: "unseen" }, t("county.inputs")),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            el(
              "th",
              { scope: "row" },
              el(
                "button",
                { type: "button", class: "link", onclick: () => explain(study, row.variable) },
                label(study.variable.get(row.variable) ?? { label_en: row.variable, label_zh: row.variable }),
              ),
            ),
            el("td", { class: "n" }, amount(row.value, row.unit)),
          ),
        ),
      ),
    ),
  );
}

// The measures at the side: a switch and a slider each, what it costs and who pays, and where it was announced.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, joined, name, t, told } from "./language.js";
import { amount, percent, scaled } from "./numbers.js";
import { EMPTY, announced, changedLink, size, withAmount } from "./package.js";
import { byPillar } from "./study.js";
import { solve } from "./solving.js";

const STEPS = 20;

/** Builds the list and follows the store. */
export function mountMeasures(study) {
  const build = () => {
    show(
      byId("pillars"),
      ownLinks(study),
      byPillar(study).map((pillar, n) =>
        group(study, pillar, someOnly(study, pillar) || (n === 0 && size(get("package")) >= study.measures.length)),
      ),
    );
    follow(study);
  };
  byId("all-on").onclick = () => choose({ ...announced(study.measures), links: get("package").links });
  byId("all-off").onclick = () => choose(EMPTY);
  on(["language"], build);
  on(["package"], () => follow(study));
  let links = get("package").links.length;
  on(["package"], () => {
    if (get("package").links.length !== links) {
      links = get("package").links.length;
      build();
    }
  });
  on(["solved"], () => linkCosts(study));
  build();
}

/** Puts a package into the store and asks for its equilibrium. */
export function choose(chosen) {
  put({ package: chosen });
  solve();
}

function group(study, pillar, open) {
  return el(
    "details",
    { class: "pillar", "data-pillar": pillar.name, open: open || pillar.measures.some((m) => openNow(m.name)) },
    el("summary", {}, el("h3", {}, pillarName(pillar)), el("span", { class: "count" })),
    el(
      "ul",
      {},
      pillar.measures.map((measure) => row(measure)),
    ),
  );
}

/** Where the package is not all that was announced, its pillars stand open. */
const someOnly = (study, pillar) =>
  size(get("package")) < study.measures.length &&
  pillar.measures.some((measure) => get("package").amounts[measure.name] > 0);

const openNow = (measure) =>
  document.querySelector(`[data-pillar] [data-measure="${measure}"]`)?.closest("details")?.open ?? false;

/** What a pillar is called. */
export function pillarName(pillar) {
  return name(pillar) || pillar.name.replace(/_/g, " ");
}

function row(measure) {
  const id = `m-${measure.name}`;
  const set = (value) => choose(withAmount(get("package"), measure.name, value));
  const start = measure.intensity > 0 ? measure.intensity : measure.highest;
  return el(
    "li",
    { "data-measure": measure.name },
    el(
      "label",
      { class: "switch" },
      el("input", { type: "checkbox", role: "switch", id, onchange: (event) => set(event.target.checked ? start : 0) }),
      el("span", {}, name(measure)),
    ),
    slider(measure, name(measure), set),
    el(
      "p",
      { class: "money" },
      el("span", { class: "cost" }),
      ` · ${t("measure.paid_by", { payer: name({ name_en: measure.payer_name_en, name_zh: measure.payer_name_zh }) })}`,
    ),
    source(measure),
  );
}

function slider(bounds, label, set) {
  return el(
    "div",
    { class: "slide" },
    el("input", {
      type: "range",
      min: bounds.lowest,
      max: bounds.highest,
      step: (bounds.highest - bounds.lowest) / STEPS / (bounds.highest > 1 ? bounds.highest : 1),
      "aria-label": t("measure.amount_of", { measure: label }),
      oninput: (event) => set(Number(event.target.value)),
    }),
    el("output", {}),
  );
}

const called = (code) => {
  const government = get("study").government.get(code) ?? get("study").payers.find((payer) => payer.code === code);
  return government ? both(government) : code;
};

function source(measure) {
  const list = (title, items, translated) =>
    items.length
      ? [
          el("h4", {}, t(title)),
          el(
            "ul",
            {},
            items.map((item, n) => el("li", {}, told(item, translated[n]))),
          ),
        ]
      : [];
  return el(
    "details",
    { class: "source" },
    el("summary", {}, t("measure.source"), el("span", { class: "unseen" }, `: ${name(measure)}`)),
    el("p", { class: "soft" }, t("measure.words")),
    el("blockquote", { lang: "en" }, `“${measure.quote}”`),
    el("p", { class: "soft" }, told(measure.document, measure.document_zh)),
    (measure.agreed_by ?? []).length
      ? el("p", {}, t("measure.agreed_by", { who: joined(measure.agreed_by.map(called)) }))
      : null,
    el("p", {}, t("measure.full", { year: measure.opens })),
    list("measure.sources", measure.sources, measure.sources_zh),
    list("measure.assumptions", measure.assumptions, measure.assumptions_zh),
    measure.equation
      ? [
          el("h4", {}, t("measure.equation")),
          el("p", { class: "formula" }, told(measure.equation, measure.equation_zh)),
        ]
      : [],
  );
}

function follow(study) {
  const { amounts } = get("package");
  study.measures.forEach((measure) => {
    const item = document.querySelector(`[data-measure="${measure.name}"]`);
    const value = amounts[measure.name] ?? 0;
    item.classList.toggle("off", value === 0);
    item.querySelector("[type=checkbox]").checked = value > 0;
    amountShown(item, value, measure.cost_yuan_a_year);
  });
  byPillar(study).forEach((pillar) => {
    const acting = pillar.measures.filter((measure) => amounts[measure.name] > 0).length;
    document.querySelector(`[data-pillar="${pillar.name}"] .count`).textContent = t("measure.acting", {
      acting,
      all: pillar.measures.length,
    });
  });
  get("package").links.forEach((link, n) => {
    const item = document.querySelector(`[data-link="${n}"]`);
    if (item) {
      item.querySelector("[type=range]").value = link.intensity;
      item.querySelector("output").textContent = share(link.intensity);
    }
  });
  byId("chosen-count").textContent = t("measure.chosen", { count: size(get("package")) });
}

const share = (value) => percent(String(Math.round(value * 100)));

function amountShown(item, value, cost) {
  const range = item.querySelector("[type=range]");
  if (Number(range.value) !== value) range.value = value;
  item.querySelector("output").textContent = share(value);
  range.setAttribute("aria-valuetext", share(value));
  item.querySelector(".cost").textContent =
    value > 0 ? amount(cost * value, "yuan a year") : t("measure.would_cost", { cost: amount(cost, "yuan a year") });
}

function ownLinks(study) {
  const { links } = get("package");
  if (!links.length) return null;
  return el(
    "details",
    { class: "pillar own", open: true },
    el("summary", {}, el("h3", {}, t("link.own")), el("span", { class: "count" }, String(links.length))),
    el(
      "ul",
      {},
      links.map((link, n) => ownLink(study, link, n)),
    ),
  );
}

function ownLink(study, link, n) {
  const [from, to] = [link.origin, link.destination].map((code) =>
    study.place.has(code) ? both(study.place.get(code)) : code,
  );
  const title = `${from} – ${to}`;
  const set = (intensity) => choose(changedLink(get("package"), n, { ...link, intensity }));
  return el(
    "li",
    { "data-link": n },
    el(
      "p",
      { class: "own-title" },
      el("strong", {}, title),
      el("span", { class: "soft" }, ` ${t(`class.${link.kind}`, {}, link.kind.replace(/_/g, " "))}`),
    ),
    slider({ lowest: 0, highest: 1 }, title, set),
    el("p", { class: "money" }),
    el(
      "button",
      { type: "button", class: "quiet", onclick: () => choose(changedLink(get("package"), n, null)) },
      t("link.remove"),
      el("span", { class: "unseen" }, ` ${title}`),
    ),
  );
}

function linkCosts(study) {
  const payers = new Map(study.payers.map((payer) => [payer.code, payer]));
  (get("solved").new_links ?? []).forEach((link, n) => {
    const item = document.querySelector(`[data-link="${n}"] .money`);
    if (!item) return;
    item.textContent = [
      amount(link.cost_yuan_a_year, "yuan a year"),
      payers.has(link.payer) ? t("measure.paid_by", { payer: name(payers.get(link.payer)) }) : "",
      t("link.length", { length: scaled(link.length_km) }),
      t("link.minutes", { before: scaled(link.minutes_before, 2), after: scaled(link.minutes_after, 2) }),
    ]
      .filter(Boolean)
      .join(" · ");
  });
}

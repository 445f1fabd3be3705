// The budget: what each government pays and receives, and the transfers under which each is better off than alone.

import { byId, el, scrolling, show } from "./dom.js";
import { get, on } from "./store.js";
import { both, joined, name, t, told } from "./language.js";
import { amount, change } from "./numbers.js";
import { about } from "./method.js";

/** Follows the store. */
export function mountMoney(study) {
  on(["solved", "language"], () => {
    if (get("solved")) {
      budgets(study, get("solved"));
      show(byId("transfers-method"), about(study, "transfer"));
      transfers(byId("transfers"), get("solved").transfers);
    }
  });
}

function budgets(study, solved) {
  show(
    byId("budgets"),
    el(
      "table",
      {},
      el("caption", {}, t("money.caption")),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("column.payer")),
          el("th", { scope: "col", class: "n" }, t("money.cost"), " ", about(study, "cost")),
          el("th", { scope: "col", class: "n" }, t("money.change"), " ", about(study, "budget")),
        ),
      ),
      el(
        "tbody",
        {},
        solved.budgets.map((row) =>
          el(
            "tr",
            { class: row.code === "all" ? "whole" : "" },
            el("th", { scope: "row" }, both(row)),
            el("td", { class: "n" }, Number.isFinite(row.cost) ? amount(row.cost, "yuan a year") : "–"),
            el("td", { class: "n" }, Number.isFinite(row.change) ? change(row.change, "yuan a year") : "–"),
          ),
        ),
      ),
    ),
  );
}

/** The table of sharing rules: what each government receives, and what it then has. */
function transfers(box, shares) {
  if (!shares) {
    show(box);
    return;
  }
  show(
    box,
    sentence(shares),
    scrolling(
      t("transfers.caption"),
      el(
        "table",
        {},
        el("caption", {}, t("transfers.caption")),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, t("transfers.rule")),
            shares.players.map((player) => el("th", { scope: "col", class: "n" }, both(player))),
            el("th", { scope: "col" }, t("transfers.everyone")),
          ),
        ),
        el(
          "tbody",
          {},
          shares.rules.map((rule) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, named(rule)),
              cells(rule, shares.players.length),
              el("td", {}, rule.everyone_gains ? t("yes") : t("no")),
            ),
          ),
        ),
      ),
    ),
    el("p", { class: "soft" }, t("transfers.note")),
  );
}

const named = (rule) => name({ name_en: rule.label_en, name_zh: rule.label_zh }) || rule.rule;

function cells(rule, count) {
  if (!rule.transfers) return el("td", { colspan: count, class: "soft" }, rule.reason ? told(rule.reason, rule.reason_zh) : "–");
  return rule.transfers.map((received, n) =>
    el(
      "td",
      { class: "n" },
      el("span", { class: "strong" }, change(received, "yuan a year")),
      rule.payoffs
        ? el("span", { class: "soft block" }, t("transfers.then", { payoff: change(rule.payoffs[n], "yuan a year") }))
        : null,
    ),
  );
}

/** In words: the smallest transfer that leaves nobody worse off, or why there is none. */
function sentence(shares) {
  const none = shares.rules.find((rule) => rule.rule === "none");
  if (none?.everyone_gains) return el("p", { class: "lead" }, t("transfers.not_needed"));
  const smallest = shares.rules.find((rule) => rule.rule === "smallest");
  if (!smallest?.transfers)
    return el(
      "p",
      { class: "lead" },
      t("transfers.impossible"),
      smallest?.reason ? [" ", told(smallest.reason, smallest.reason_zh)] : null,
    );
  const give = shares.players
    .filter((_, n) => smallest.transfers[n] < 0)
    .map((player) => `${both(player)} ${amount(-smallest.transfers[shares.players.indexOf(player)], "yuan a year")}`);
  const take = shares.players
    .filter((_, n) => smallest.transfers[n] > 0)
    .map((player) => `${both(player)} ${amount(smallest.transfers[shares.players.indexOf(player)], "yuan a year")}`);
  return el("p", { class: "lead" }, t("transfers.smallest", { give: joined(give, ";"), take: joined(take, ";") }));
}

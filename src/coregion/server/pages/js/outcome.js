// A goal in words: "residents[130629] >= 500000" is a variable, the places it is summed over, a sense and a target.

import { both, joined, label } from "./language.js";
import { amount } from "./numbers.js";

export const GOAL_DIGITS = 5; // a target may be near what there is
const GOAL = /^(\S+)\[(.*)\]\s*(>=|<=)\s*(\S+)$/;

/** "residents[130629]" in words. */
export function outcomeName(study, outcome) {
  const [variable, inside = ""] = outcome.replace("]", "").split("[");
  const place = (code) =>
    both(
      study.place.get(code) ??
        study.government.get(code) ??
        (study.places ?? []).find((one) => one.code === code) ?? { name_en: code },
    );
  return joined([
    label(study.variable.get(variable) ?? { label_en: variable, label_zh: variable }),
    inside.split("+").map(place).join(" + "),
  ]);
}

/** The whole goal in words; as it stands where it is none of the page's own. */
export function goalWords(study, goal) {
  const [, variable, inside, sense, target] = goal.match(GOAL) ?? [];
  if (!variable) return goal;
  const unit = study.variable.get(variable)?.unit ?? "";
  return `${outcomeName(study, `${variable}[${inside}]`)} ${sense === ">=" ? "≥" : "≤"} ${amount(Number(target), unit, GOAL_DIGITS)}`;
}

// How a figure is written for a reader: three significant digits, a true minus sign, 亿 and 万 in Chinese.

import { language, t } from "./language.js";

const SPACE = "\u00a0";
const MINUS = "\u2212";
export const NONE = "–";
const LARGE = {
  en: [
    [1e12, `${SPACE}trillion`],
    [1e9, `${SPACE}bn`],
    [1e6, `${SPACE}m`],
  ],
  zh: [
    [1e12, "万亿"],
    [1e8, "亿"],
    [1e4, "万"],
  ],
};

/** A number to `digits` significant digits, thousands separated. */
export function plain(value, digits = 3) {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const decimals = Math.min(9, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)))));
  const text = Math.abs(rounded).toLocaleString("en-US", { maximumFractionDigits: decimals });
  return (rounded < 0 ? MINUS : "") + text;
}

/** A large number in words: 1.23 bn, 12.3亿. */
export function scaled(value, digits = 3) {
  if (!Number.isFinite(value) || value === 0) return plain(value, digits);
  const rounded = Number(value.toPrecision(digits));
  for (const [size, word] of LARGE[language()]) {
    if (Math.abs(rounded) >= size) return plain(rounded / size, digits) + word;
  }
  return plain(rounded, digits);
}

/** The same text with a plus sign where it is neither negative nor zero. */
export function signed(text) {
  return text === NONE || /^(0($|[^.\d])|[\u2212±])/.test(text) ? text : `+${text}`;
}

/** A unit in the reader's language. */
export function unitName(unit) {
  return language() === "en" ? unit : t(`unit.${unit}`, {}, unit);
}

const COUNTED = { "yuan a year": 0.01, persons: 1e-4 };

/** Less than a hundredth of a yuan is what rounding left of nothing. */
const noiseless = (value, unit) => (Math.abs(value) < (COUNTED[unit] ?? 0) ? 0 : value);

const isRatio = (unit) => unit.startsWith("index") || ["ratio", "share"].includes(unit);

/** A level with its unit; an index as a plain number. */
export function amount(figure, unit, digits = 3) {
  const value = noiseless(figure, unit);
  if (!Number.isFinite(value)) return NONE;
  if (isRatio(unit)) return plain(value, 4);
  return `${scaled(value, digits)}${language() === "zh" ? "" : SPACE}${unitName(unit)}`;
}

/** A level whose unit stands elsewhere. */
export function level(value, unit) {
  return isRatio(unit) ? amount(value, unit) : scaled(noiseless(value, unit));
}

/** A difference with its unit and sign. */
export function change(value, unit) {
  return signed(amount(value, unit));
}

/** A relative change given in per cent; below a thousandth of a per cent it is written as about zero. */
export function perCent(value) {
  if (!Number.isFinite(value)) return NONE;
  if (value === 0) return percent("0");
  if (Math.abs(value) < 5e-4) return percent("±0.00");
  return percent(signed(plain(value, Math.abs(value) >= 10 ? 3 : 2)));
}

/** The sign of per cent behind a figure, as the language sets it. */
export function percent(text) {
  return `${text}${language() === "zh" ? "" : SPACE}%`;
}


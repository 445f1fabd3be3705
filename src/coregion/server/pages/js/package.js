// A package: how much of each measure, and the links that the reader has drawn; and as the text that stands in addresses.

const DIGITS = 1000;

/** amounts: {measure: intensity}; links: [{origin, destination, kind, intensity, yuanPerKm, payer, lengthKm}]. */
export const EMPTY = Object.freeze({ amounts: {}, links: [] });

/** The measures as the study announces them. */
export function announced(measures) {
  return {
    amounts: Object.fromEntries(measures.filter((m) => m.intensity > 0).map((m) => [m.name, m.intensity])),
    links: [],
  };
}

/** The package with another amount of a measure; zero leaves it out. */
export function withAmount(chosen, measure, amount) {
  const { [measure]: _, ...others } = chosen.amounts;
  return { ...chosen, amounts: amount > 0 ? { ...others, [measure]: amount } : others };
}

/** The package with one more link. */
export function withLink(chosen, link) {
  return { ...chosen, links: [...chosen.links, link] };
}

/** The package with a link replaced, or without it when `link` is null. */
export function changedLink(chosen, position, link) {
  return { ...chosen, links: chosen.links.flatMap((other, n) => (n === position ? (link ? [link] : []) : [other])) };
}

/** How many measures and links act. */
export function size(chosen) {
  return Object.keys(chosen.amounts).length + chosen.links.filter((link) => link.intensity > 0).length;
}

const rounded = (number) => String(Math.round(number * DIGITS) / DIGITS);

/** name:intensity and ~origin~destination~class~intensity~cost~payer~length, joined by commas, in order of the name. */
export function written(chosen) {
  const measures = Object.entries(chosen.amounts)
    .sort()
    .map(([name, amount]) => `${name}:${rounded(amount)}`);
  const links = chosen.links.map((link) => {
    const parts = [
      link.origin,
      link.destination,
      link.kind,
      rounded(link.intensity),
      link.yuanPerKm ?? "",
      link.payer ?? "",
      link.lengthKm ?? "",
    ];
    return `~${parts.join("~").replace(/~+$/, "")}`;
  });
  return [...measures, ...links].join(",");
}

/** The package that a text describes; unknown measures and broken items are left out and named in `lost`. */
export function parsed(text, measures) {
  const known = new Map(measures.map((measure) => [measure.name, measure]));
  const [amounts, links, lost] = [{}, [], []];
  text
    .split(",")
    .filter(Boolean)
    .forEach((item) => {
      if (item.startsWith("~")) {
        const [origin, destination, kind, intensity = "1", cost = "", payer = "", length = ""] = item
          .slice(1)
          .split("~");
        if (!origin || !destination || !kind || !Number.isFinite(Number(intensity))) {
          lost.push(item);
          return;
        }
        links.push({
          origin,
          destination,
          kind,
          intensity: Number(intensity),
          yuanPerKm: cost ? Number(cost) : null,
          payer: payer || null,
          lengthKm: length ? Number(length) : null,
        });
        return;
      }
      const [name, amount = "1"] = item.split(":");
      const measure = known.get(name);
      const value = Number(amount);
      if (!measure || !Number.isFinite(value)) lost.push(item);
      else if (value > 0) amounts[name] = Math.min(measure.highest, Math.max(measure.lowest, value));
    });
  return { amounts, links, lost };
}

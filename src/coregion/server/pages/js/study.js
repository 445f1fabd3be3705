// What the page knows of the study: places, governments, measures and variables by their codes.

import { read } from "./api.js";

/** Reads the study, its outlines and its baseline; the network follows when the map stands. */
export async function readStudy() {
  const [study, boundaries, baseline] = await Promise.all([read("study"), read("boundaries"), read("baseline")]);
  return known(study, boundaries, baseline.figures);
}

function known(study, boundaries, baseline) {
  const inside = study.regions.filter((region) => !region.external);
  const shapes = new Map(boundaries.features.map((feature) => [feature.id, feature.geometry]));
  return {
    ...study,
    inside,
    place: new Map(inside.map((region) => [region.code, region])),
    position: new Map(inside.map((region, n) => [region.code, n])),
    government: new Map(study.jurisdictions.map((government) => [government.code, government])),
    measure: new Map(study.measures.map((measure) => [measure.name, measure])),
    variable: new Map(study.variables.map((variable) => [variable.name, variable])),
    drawn: inside
      .filter((region) => shapes.has(region.code))
      .map((region) => ({ ...region, geometry: shapes.get(region.code) })),
    baseline,
    ground: { name_en: boundaries.note, name_zh: boundaries.note_zh },
  };
}

/** The government of the second level that a place belongs to, else of the first. */
export function cityOf(study, place) {
  return study.government.get(place.prefecture) ?? study.government.get(place.province);
}

/** The measures of each pillar, in the study's order. */
export function byPillar(study) {
  return study.pillars.map((pillar) => ({
    ...pillar,
    measures: pillar.measures.map((measure) => study.measure.get(measure)),
  }));
}

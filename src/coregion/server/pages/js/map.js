// The map: one path a county in SVG, each with its words for a screen reader, lines and stations over it.

import { svg } from "./dom.js";
import { borders, fitted, pathOf } from "./projection.js";

export const WIDTH = 1000;

/**
 * Draws the map into a box. `places`: {code, name, geometry, group, city}, in order; `lines`: {geometry, mode, opened, name}.
 * Told through `told`: point(code or null, event), choose(code), focus(code).
 */
export function drawMap(box, places, told, title) {
  const projection = fitted(
    places.map((place) => place.geometry),
    WIDTH,
  );
  const ground = svg("g", { class: "ground" });
  const root = svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${projection.height}`,
      role: "group",
      "aria-label": title,
      preserveAspectRatio: "xMinYMid meet",
    },
    ground,
  );
  const counties = new Map(places.map((place) => [place.code, county(place, projection)]));
  const layers = Object.fromEntries(
    ["lines", "drawn", "stations", "marks", "labels"].map((name) => [
      name,
      svg("g", { class: name, "aria-hidden": "true" }),
    ]),
  );
  ground.append(
    svg("g", { class: "counties" }, [...counties.values()]),
    outline(places, (place) => place.city, "cities", projection),
    outline(places, (place) => place.group, "borders", projection),
    layers.lines,
    layers.drawn,
    layers.stations,
    layers.marks,
    layers.labels,
  );
  box.replaceChildren(root);
  const map = {
    root,
    ground,
    counties,
    layers,
    projection,
    places,
    centre: centres(places, projection),
    width: WIDTH,
    height: projection.height,
  };
  listen(map, told);
  return map;
}

function county(place, projection) {
  return svg("path", {
    d: pathOf(place.geometry, projection),
    "data-code": place.code,
    class: "county",
    tabindex: "-1",
    role: "button",
    "aria-label": place.name,
    fill: "#f7f7f7",
  });
}

function outline(places, groupOf, kind, projection) {
  const features = places.map((place) => ({ geometry: place.geometry, place }));
  const edges = borders(features, (feature) => groupOf(feature.place));
  return svg("path", {
    d: edges.coordinates.length ? pathOf(edges, projection) : "M0 0",
    class: kind,
    "aria-hidden": "true",
  });
}

/** The middle of the largest ring of each place, by code. */
function centres(places, projection) {
  return new Map(
    places.map((place) => {
      const rings =
        place.geometry.type === "Polygon"
          ? [place.geometry.coordinates[0]]
          : place.geometry.coordinates.map((polygon) => polygon[0]);
      const middles = rings.map((positions) => middle(positions.map((position) => projection.point(position))));
      return [place.code, middles.reduce((best, one) => (one.area > best.area ? one : best))];
    }),
  );
}

function middle(points) {
  let [area, x, y] = [0, 0, 0];
  for (let n = 1; n < points.length; n += 1) {
    const [[ax, ay], [bx, by]] = [points[n - 1], points[n]];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return area === 0
    ? { area: 0, x: points[0][0], y: points[0][1] }
    : { area: Math.abs(area / 2), x: x / (3 * area), y: y / (3 * area) };
}

function listen(map, told) {
  const codeOf = (event) => event.target.closest?.("[data-code]")?.dataset.code ?? null;
  const { ground } = map;
  ground.addEventListener("pointermove", (event) => told.point(codeOf(event), event));
  ground.addEventListener("pointerleave", (event) => told.point(null, event));
  ground.addEventListener("click", (event) => {
    const code = codeOf(event);
    if (code) told.choose(code);
  });
  ground.addEventListener("focusin", (event) => {
    const code = codeOf(event);
    if (code) {
      reach(map, code);
      told.focus(code);
    }
  });
  ground.addEventListener("keydown", (event) => {
    const code = codeOf(event);
    if (!code) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      told.choose(code);
    }
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      map.counties.get(neighbour(map, code, step)).focus();
    }
  });
  reach(map, map.places[0].code);
}

/** One county at a time is in the order of the tab key; the arrow keys walk to the others. */
export function reach(map, code) {
  map.counties.forEach((path, other) => path.setAttribute("tabindex", other === code ? "0" : "-1"));
}

/** The nearest county in a direction: within 60 degrees of it, else the same county. */
function neighbour(map, code, [right, down]) {
  const from = map.centre.get(code);
  let [best, nearest] = [code, Infinity];
  map.centre.forEach((to, other) => {
    const [x, y] = [to.x - from.x, to.y - from.y];
    const [ahead, aside] = [x * right + y * down, Math.abs(x * down) + Math.abs(y * right)];
    if (other !== code && ahead > 0 && aside < 1.73 * ahead && ahead + 2 * aside < nearest)
      [best, nearest] = [other, ahead + 2 * aside];
  });
  return best;
}

/** Colours and names the counties. `of(code)`: {colour, text}. */
export function paint(map, of) {
  map.counties.forEach((path, code) => {
    const { colour, text } = of(code);
    path.setAttribute("fill", colour);
    path.setAttribute("aria-label", text);
  });
}

/** Marks the chosen county, or none. */
export function choose(map, code) {
  map.counties.forEach((path, other) => path.setAttribute("aria-pressed", String(other === code)));
  map.layers.marks.replaceChildren();
  if (code && map.counties.has(code)) {
    map.layers.marks.append(svg("path", { d: map.counties.get(code).getAttribute("d"), class: "chosen" }));
  }
}

/** Lines over the ground. Each: {geometry, mode, opened, name}. */
export function drawLines(map, lines) {
  map.layers.lines.replaceChildren(
    ...lines.map((line) =>
      svg(
        "path",
        {
          d: pathOf(line.geometry, map.projection),
          class: `line ${line.mode} ${line.opened ? "opened" : "existing"}`,
        },
        svg("title", {}, line.name),
      ),
    ),
  );
}

/** Stations as dots. Each: {longitude, latitude, name}. */
export function drawStations(map, stations) {
  map.layers.stations.replaceChildren(
    ...stations.map((station) => {
      const [x, y] = map.projection.point([station.longitude, station.latitude]);
      return svg(
        "circle",
        { cx: x.toFixed(1), cy: y.toFixed(1), r: 2, class: "station" },
        svg("title", {}, station.name),
      );
    }),
  );
}

/** Links that the reader has drawn, from centre to centre. Each: [code, code]; `ends`: codes that are being chosen. */
export function drawLinks(map, pairs, ends) {
  const known = ([from, to]) => map.centre.has(from) && map.centre.has(to);
  const line = ([from, to]) => {
    const [a, b] = [map.centre.get(from), map.centre.get(to)];
    return svg("path", { d: `M${a.x} ${a.y}L${b.x} ${b.y}`, class: "line drawn" });
  };
  const rim = (code) => svg("path", { d: map.counties.get(code).getAttribute("d"), class: "end" });
  map.layers.drawn.replaceChildren(...ends.map(rim), ...[...pairs, ends].filter(known).map(line));
}

const SIZE = { city: 13, county: 11.5 }; // pixels on the screen

/** Units of the map in one pixel of the screen, at zoom 1. */
function pixel(map) {
  const { width, height } = map.root.getBoundingClientRect();
  return width > 0 ? Math.max(map.width / width, map.height / height) : 1;
}

/** Half the breadth of a text, in its font's size. */
const breadth = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 0.5 : 0.29), 0);

/** The place of a name, moved off the map's left edge. */
const clear = (map, { x, text, kind }, unit) => Math.max(x, (breadth(text) + 0.2) * SIZE[kind] * unit);

/** Names in the map. Each: {x, y, text, kind}; those that would lie on an earlier one are left out. */
export function drawLabels(map, labels, zoom) {
  const taken = [];
  const unit = pixel(map) / zoom;
  const shown = labels
    .map((label) => ({ ...label, x: clear(map, label, unit) }))
    .filter(({ x, y, text, kind }) => {
      const size = SIZE[kind] * unit;
      const half = size * breadth(text);
      const box = [x - half, y - size * 0.65, x + half, y + size * 0.65];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]))
        return false;
      taken.push(box);
      return true;
    });
  map.layers.labels.replaceChildren(
    ...shown.map(({ x, y, text, kind }) =>
      svg(
        "text",
        {
          x: x.toFixed(1),
          y: y.toFixed(1),
          class: `label of-${kind}`,
          "font-size": (SIZE[kind] * unit).toFixed(2),
          "stroke-width": (3 * unit).toFixed(2),
        },
        text,
      ),
    ),
  );
}

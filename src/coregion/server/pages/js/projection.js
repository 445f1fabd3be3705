// Degrees to the plane of the map: Mercator's projection, fitted to a window.

const RADIANS = Math.PI / 180;

function north(latitude) {
  return Math.log(Math.tan(Math.PI / 4 + (latitude * RADIANS) / 2));
}

/** Calls `take` with every position of a GeoJSON geometry. */
export function eachPosition(geometry, take) {
  const walk = (part) => (typeof part[0] === "number" ? take(part) : part.forEach(walk));
  walk(geometry.coordinates);
}

/** The projection that shows all these geometries within width and height: {point, degrees, height}. */
export function fitted(geometries, width, margin = 12) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  geometries.forEach((geometry) =>
    eachPosition(geometry, ([longitude, latitude]) => {
      const [x, y] = [longitude * RADIANS, north(latitude)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      bottom = Math.min(bottom, y);
      top = Math.max(top, y);
    }),
  );
  const scale = (width - 2 * margin) / (right - left);
  return {
    height: Math.round((top - bottom) * scale + 2 * margin),
    point: ([longitude, latitude]) => [
      margin + (longitude * RADIANS - left) * scale,
      margin + (top - north(latitude)) * scale,
    ],
  };
}

const written = (projection, position) =>
  projection
    .point(position)
    .map((v) => Math.round(v * 100) / 100)
    .join(" ");

/** The `d` of a path for a polygon, multipolygon, line or multiline. */
export function pathOf(geometry, projection) {
  const line = (positions) => "M" + positions.map((position) => written(projection, position)).join("L");
  const ring = (positions) => line(positions) + "Z";
  switch (geometry.type) {
    case "Polygon":
      return geometry.coordinates.map(ring).join("");
    case "MultiPolygon":
      return geometry.coordinates.flat().map(ring).join("");
    case "LineString":
      return line(geometry.coordinates);
    case "MultiLineString":
      return geometry.coordinates.map(line).join("");
    default:
      throw new Error(`a geometry of type ${geometry.type} is not drawn`);
  }
}

/** The edges that belong to one group alone, as line geometries: the borders between groups and the outer rim. */
export function borders(features, groupOf) {
  const seen = new Map();
  features.forEach((feature) => {
    const rings =
      feature.geometry.type === "Polygon" ? feature.geometry.coordinates : feature.geometry.coordinates.flat();
    const group = groupOf(feature);
    rings.forEach((positions) => {
      for (let n = 1; n < positions.length; n += 1) {
        const [a, b] = [positions[n - 1].join(), positions[n].join()];
        const key = `${group}|${a < b ? `${a}|${b}` : `${b}|${a}`}`;
        if (seen.has(key)) seen.set(key, null);
        else seen.set(key, [positions[n - 1], positions[n]]);
      }
    });
  });
  return { type: "MultiLineString", coordinates: [...seen.values()].filter((edge) => edge !== null) };
}

/** Tells whether a position lies on the ground of these geometries. */
export function groundOf(geometries) {
  const shapes = geometries.map((geometry) => {
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    const all = rings.flat();
    const [xs, ys] = [0, 1].map((axis) => all.map((position) => position[axis]));
    return { rings, window: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
  });
  const crossed = (ring, x, y) =>
    ring.reduce((odd, [bx, by], n) => {
      const [ax, ay] = ring[n === 0 ? ring.length - 1 : n - 1];
      return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd;
    }, false);
  return ([x, y]) =>
    shapes.some(
      ({ rings, window: [west, south, east, north_] }) =>
        x >= west &&
        x <= east &&
        y >= south &&
        y <= north_ &&
        rings.reduce((odd, ring) => odd !== crossed(ring, x, y), false),
    );
}

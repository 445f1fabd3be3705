// Zoom and pan: the wheel, two fingers, dragging, and buttons; the ground moves under a fixed window.

const MOST = 16;
const STILL = 4; // pixels: a pointer that has moved less has clicked

/** Lets the reader move the map. `moved(zoom)` after each change. Returns {zoomBy, whole, to}. */
export function movable(map, moved) {
  const at = { zoom: 1, x: 0, y: 0 };
  const place = () => {
    at.x = Math.min(0, Math.max(map.width * (1 - at.zoom), at.x));
    at.y = Math.min(0, Math.max(map.height * (1 - at.zoom), at.y));
    map.ground.setAttribute(
      "transform",
      `translate(${at.x.toFixed(2)} ${at.y.toFixed(2)}) scale(${at.zoom.toFixed(4)})`,
    );
    map.root.classList.toggle("zoomed", at.zoom > 1);
    moved(at.zoom);
  };
  const zoomAt = (factor, x, y) => {
    const next = Math.min(MOST, Math.max(1, at.zoom * factor));
    const ratio = next / at.zoom;
    Object.assign(at, { zoom: next, x: x - (x - at.x) * ratio, y: y - (y - at.y) * ratio });
    place();
  };
  pointers(map, at, place, zoomAt);
  return {
    zoomBy: (factor) => zoomAt(factor, map.width / 2, map.height / 2),
    whole: () => {
      Object.assign(at, { zoom: 1, x: 0, y: 0 });
      place();
    },
    to: (point, zoom) => {
      Object.assign(at, { zoom, x: map.width / 2 - point.x * zoom, y: map.height / 2 - point.y * zoom });
      place();
    },
    zoom: () => at.zoom,
  };
}

function pointers(map, at, place, zoomAt) {
  const down = new Map();
  let travelled = 0;
  const inMap = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.root.getScreenCTM().inverse());
    return [x, y];
  };
  map.root.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomAt(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...inMap(event));
    },
    { passive: false },
  );
  map.root.addEventListener("dblclick", (event) => zoomAt(2, ...inMap(event)));
  map.root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    down.set(event.pointerId, inMap(event));
    travelled = 0;
  });
  const up = (event) => down.delete(event.pointerId);
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", up);
  map.root.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const now = inMap(event);
    travelled += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    const others = [...down].filter(([id]) => id !== event.pointerId);
    if (others.length) {
      const [, still] = others[0];
      const ratio =
        Math.hypot(now[0] - still[0], now[1] - still[1]) /
        Math.max(1, Math.hypot(before[0] - still[0], before[1] - still[1]));
      zoomAt(ratio, ...still);
    } else if (at.zoom > 1) {
      at.x += now[0] - before[0];
      at.y += now[1] - before[1];
      place();
    }
    down.set(event.pointerId, now);
  });
  map.root.addEventListener(
    "click",
    (event) => {
      if (travelled > STILL && at.zoom > 1) event.stopPropagation();
    },
    { capture: true },
  );
}

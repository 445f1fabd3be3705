// A new link between two counties: clicked on the map or chosen from lists, of a class, at a cost, paid by somebody.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { both, joined, name, t } from "./language.js";
import { plain, scaled } from "./numbers.js";
import { withLink } from "./package.js";
import { cityOf } from "./study.js";
import { choose } from "./measures.js";

let payerNamed = false;

/** Builds the form and follows the store. */
export function mountDrawing(study) {
  byId("draw").onclick = () => (get("drawing") ? leave() : enter());
  byId("draw-leave").onclick = leave;
  byId("draw-form").onsubmit = (event) => {
    event.preventDefault();
    add(study);
  };
  byId("draw-class").onchange = () => cost(study);
  ["draw-from", "draw-to"].forEach((id) => {
    byId(id).onchange = () => {
      payerOf(study);
      ready();
    };
  });
  byId("draw-cost").oninput = ready;
  on(["language"], () => offer(study));
  on(["drawing"], () => picked(study));
  byId("draw-payer").onchange = () => {
    payerNamed = true;
  };
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && get("drawing")) leave();
  });
  offer(study);
}

function enter() {
  byId("draw-form").hidden = false;
  byId("draw").setAttribute("aria-expanded", "true");
  document.body.classList.add("drawing");
  byId("draw-from").value = "";
  byId("draw-to").value = "";
  put({ drawing: { clicked: null, ends: [] } });
  ready();
}

function leave() {
  byId("draw-form").hidden = true;
  byId("draw").setAttribute("aria-expanded", "false");
  document.body.classList.remove("drawing");
  put({ drawing: null });
  byId("draw").focus();
}

function offer(study) {
  const cities = new Map();
  study.inside.forEach((place) => {
    const city = cityOf(study, place);
    cities.set(city.code, { city, places: [...(cities.get(city.code)?.places ?? []), place] });
  });
  const options = () => [
    el("option", { value: "" }, t("draw.choose")),
    ...[...cities.values()].map(({ city, places }) =>
      el(
        "optgroup",
        { label: both(city) },
        places.map((place) => el("option", { value: place.code }, both(place))),
      ),
    ),
  ];
  show(byId("draw-from"), options());
  show(byId("draw-to"), options());
  show(
    byId("draw-class"),
    study.link_classes.map((kind) =>
      el(
        "option",
        { value: kind.name },
        joined([
          t(`class.${kind.name}`, {}, kind.name.replace(/_/g, " ")),
          kind.speed ? t("link.speed", { speed: plain(kind.speed) }) : "",
        ]),
      ),
    ),
  );
  show(
    byId("draw-payer"),
    study.payers.map((payer) => el("option", { value: payer.code }, both(payer))),
  );
  cost(study);
}

function cost(study) {
  const kind = study.link_classes.find((one) => one.name === byId("draw-class").value);
  if (!kind) return;
  byId("draw-cost").value = kind.yuan_per_km ? Math.round(kind.yuan_per_km / 1e5) / 10 : "";
  byId("draw-cost-source").textContent = kind.yuan_per_km
    ? t("draw.cost_from", { source: name({ name_en: kind.cost_source, name_zh: kind.cost_source_zh }) })
    : t("draw.cost_unknown");
  ready();
}

/** The government of the place where a link begins pays, until the reader names another. */
function payerOf(study) {
  const place = study.place.get(byId("draw-from").value);
  const payer = place && study.payers.find((one) => one.code === place.province);
  if (payer && !payerNamed) byId("draw-payer").value = payer.code;
}

/** A county was clicked: it fills the first empty end. */
function picked(study) {
  const code = get("drawing")?.clicked;
  if (!code) return;
  const [from, to] = [byId("draw-from"), byId("draw-to")];
  if (!from.value) from.value = code;
  else if (code !== from.value) to.value = code;
  payerOf(study);
  ready();
}

function ready() {
  const [from, to] = [byId("draw-from").value, byId("draw-to").value];
  const full = get("package").links.length >= (get("most_links") ?? 8);
  const ends = [from, to].filter(Boolean);
  if (get("drawing") && ends.join() !== get("drawing").ends.join()) put({ drawing: { clicked: null, ends } });
  byId("draw-add").disabled = full || !from || !to || from === to || !(Number(byId("draw-cost").value) > 0);
  byId("draw-hint").textContent = full
    ? t("draw.full")
    : !from
      ? t("draw.first")
      : !to
        ? t("draw.second")
        : from === to
          ? t("draw.same")
          : t("draw.ready");
}

function add(study) {
  const payer = byId("draw-payer").value;
  const kind = study.link_classes.find((one) => one.name === byId("draw-class").value);
  const perKm = Number(byId("draw-cost").value) * 1e6;
  choose(
    withLink(get("package"), {
      origin: byId("draw-from").value,
      destination: byId("draw-to").value,
      kind: kind.name,
      intensity: 1,
      yuanPerKm: kind.yuan_per_km && Math.abs(perKm - kind.yuan_per_km) < 5e4 ? null : perKm,
      payer,
      lengthKm: null,
    }),
  );
  const [a, b] = [byId("draw-from"), byId("draw-to")].map((select) => name(study.place.get(select.value)));
  put({ said: t("draw.added", { from: a, to: b, size: scaled(get("package").links.length) }) });
  leave();
}

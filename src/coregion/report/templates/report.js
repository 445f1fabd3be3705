(function () {
  "use strict";
  const read = (id) => { const e = document.getElementById(id); return e ? JSON.parse(e.textContent) : null; };
  const options = {
    actions: false, renderer: "svg", ast: true, defaultStyle: false,
    tooltip: { disableDefaultStyle: true, sanitize: (v) => String(v).replace(/&/g, "&amp;").replace(/</g, "&lt;") },
  };
  const embed = (box, spec) => window.vegaEmbed(box, spec, options).then((made) => {
    const svg = box.querySelector("svg");
    if (svg) { svg.setAttribute("aria-hidden", "true"); svg.setAttribute("focusable", "false"); }
    return made.view;
  });
  const failed = (box) => (error) => { box.textContent = "This drawing could not be made (" + error.message + "); the table has its figures."; };

  document.querySelectorAll("[data-chart]").forEach((box) => {
    embed(box, read(box.dataset.chart)).catch(failed(box));
  });

  const places = read("map-figures");
  if (places) {
    const ground = read("map-ground");
    const of = (id) => "[data-map]" + (id === "map-package" ? ":not([data-choice])" : `[data-choice="${id}"]`);
    const urban = Object.assign({}, places, read("map-urban"));
    [["map-package", places], ["map-rule", urban]].forEach(([id, data]) => maps(data, document.getElementById(id), of(id), ground));
  }

  function maps(data, choice, figures, ground) {
    const rows = (package_, variable) => {
      const layer = data.packages[package_][variable];
      return ground.places.map((shape, n) => ({
        type: "Feature", geometry: shape.geometry, class: layer.class[n], place: data.place[n], city: data.city[n],
        baseline: layer.baseline[n], value: layer.value[n], change: layer.change[n],
      }));
    };
    const current = () => (choice ? choice.value : Object.keys(data.packages)[0]);
    document.querySelectorAll(figures).forEach((figure) => {
      const variable = figure.dataset.map;
      const views = [];
      figure.querySelectorAll("[data-frame]").forEach((box) => {
        const spec = read(box.dataset.frame);
        spec.datasets = {
          places: rows(current(), variable), borders: ground.borders, lines: ground.lines, labels: ground.labels,
        };
        embed(box, spec).then((view) => {
          views.push(view);
          if (box.dataset.movable) move(figure, box, view);
        }).catch(failed(box));
      });
      if (choice) choice.addEventListener("change", () => {
        const shown = rows(choice.value, variable);
        views.forEach((view) => view.data("places", shown).run());
        const layer = data.packages[choice.value][variable];
        figure.querySelectorAll("[data-class]").forEach((item) => {
          const n = Number(item.dataset.class);
          item.querySelector(".label").textContent = layer.legend[n];
          item.querySelector(".count").textContent = layer.counts[n];
        });
        const beyond = figure.querySelector(".beyond");
        if (beyond) beyond.textContent = layer.counts[0] + layer.counts[6];
        const ranges = figure.querySelector(".ranges");
        if (ranges) {
          ranges.textContent = layer.ranges;
          figure.querySelector("caption .note").textContent = data.notes[choice.value];
        }
        figure.querySelectorAll("tbody tr").forEach((line) => {
          const n = data.code.indexOf(line.dataset.code);
          [layer.baseline, layer.value, layer.change].forEach((column, k) => { line.children[k + 2].textContent = column[n]; });
        });
        figure.querySelectorAll(".shown-package").forEach((e) => { e.textContent = choice.selectedOptions[0].textContent; });
      });
    });
  }

  function move(figure, box, view) {
    const zoom = (factor) => {
      const next = Math.min(12, Math.max(1, view.signal("zoom") * factor));
      const ratio = next / view.signal("zoom");
      view.signal("right", next === 1 ? 0 : view.signal("right") * ratio)
        .signal("down", next === 1 ? 0 : view.signal("down") * ratio).signal("zoom", next).run();
      box.classList.toggle("zoomed", next > 1);
    };
    const actions = { in: () => zoom(1.6), out: () => zoom(1 / 1.6), whole: () => zoom(1e-6) };
    figure.querySelectorAll("[data-zoom]").forEach((button) => {
      button.addEventListener("click", actions[button.dataset.zoom]);
    });
    let from = null;
    box.addEventListener("pointerdown", (e) => {
      if (view.signal("zoom") > 1 && e.button === 0) from = [e.clientX, e.clientY, view.signal("right"), view.signal("down")];
    });
    window.addEventListener("pointerup", () => { from = null; });
    window.addEventListener("pointercancel", () => { from = null; });
    box.addEventListener("pointermove", (e) => {
      if (!from) return;
      const scale = view.width() / box.getBoundingClientRect().width;
      view.signal("right", from[2] + (e.clientX - from[0]) * scale)
        .signal("down", from[3] + (e.clientY - from[1]) * scale).run();
    });
    box.addEventListener("wheel", (e) => {
      if (!e.ctrlKey) return;
      e.preventDefault();
      zoom(e.deltaY < 0 ? 1.25 : 0.8);
    }, { passive: false });
  }

  window.addEventListener("beforeprint", () => document.querySelectorAll("details.print").forEach((d) => { d.open = true; }));
})();

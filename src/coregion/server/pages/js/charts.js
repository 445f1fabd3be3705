// A bar chart by Vega, whose script is fetched when the first chart is drawn; the table beside it has the same figures.

import { language, t } from "./language.js";

const SCRIPT = "vega.js";
const UNIT = { en: 1e9, zh: 1e8 }; // of the axis: bn yuan, 亿元
let loading = null;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = SCRIPT;
    script.onload = resolve;
    script.onerror = () => reject(new Error(t("chart.missing")));
    document.head.append(script);
  });
  return loading;
}

/** Draws bars about zero. rows: {label, value} in yuan a year, in order. */
export async function chart(box, rows, title) {
  try {
    await library();
    await window.vegaEmbed(box, bars(rows, title, Math.max(320, box.clientWidth)), {
      actions: false,
      renderer: "svg",
      ast: true,
      defaultStyle: false,
      tooltip: false,
    });
    const drawing = box.querySelector("svg");
    drawing.setAttribute("aria-hidden", "true");
    drawing.setAttribute("focusable", "false");
  } catch (error) {
    box.textContent = `${t("chart.failed")} ${error.message}`;
  }
}

function bars(rows, title, width) {
  return {
    data: {
      values: rows.map((row) => ({ ...row, size: row.value / UNIT[language()], sign: row.value < 0 ? "minus" : "plus" })),
    },
    width: Math.round(width * 0.5),
    height: { step: 26 },
    background: null,
    padding: 4,
    mark: { type: "bar", cornerRadiusEnd: 2 },
    encoding: {
      y: {
        field: "label",
        type: "nominal",
        sort: null,
        title: null,
        axis: { labelLimit: Math.min(340, width * 0.45), ticks: false, domain: false },
      },
      x: { field: "size", type: "quantitative", title },
      color: {
        field: "sign",
        type: "nominal",
        legend: null,
        scale: { domain: ["minus", "plus"], range: ["#b35806", "#7a6bb0"] },
      },
    },
    config: {
      view: { stroke: null },
      font: "system-ui, 'Noto Sans', 'Noto Sans CJK SC', sans-serif",
      aria: false,
      axis: {
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: "normal",
        labelColor: "currentColor",
        titleColor: "currentColor",
        gridColor: "#88888844",
      },
    },
  };
}

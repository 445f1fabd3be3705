// Starts the page: language and look, then the study, then its parts; the first package is solved last.

import { byId, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { joined, t } from "./language.js";
import { followAddress, firstLanguage, readAddress, writeAddress } from "./address.js";
import { readStudy } from "./study.js";
import { read, post, Refused } from "./api.js";
import { mountAtlas } from "./atlas.js";
import { choose, mountMeasures } from "./measures.js";
import { parsed } from "./package.js";
import { mountDrawing } from "./drawing.js";
import { mountVerdict, refused } from "./verdict.js";
import { mountWinners } from "./winners.js";
import { mountMoney } from "./money.js";
import { mountCounty } from "./county.js";
import { mountTable } from "./table.js";
import { mountCompare } from "./compare.js";
import { mountJobs } from "./jobs.js";
import { mountWhy } from "./why.js";
import { mountGoal } from "./goal.js";
import { mountMethod } from "./method.js";
import { mountSaved } from "./saved.js";
import { mountTabs, openTab } from "./tabs.js";
import { solve } from "./solving.js";

const LOOKS = ["auto", "light", "dark"];

function words() {
  document.documentElement.lang = get("language") === "zh" ? "zh-CN" : "en";
  document.querySelectorAll("[data-t]").forEach((node) => {
    node.textContent = t(node.dataset.t);
  });
  document.querySelectorAll("[data-t-label]").forEach((node) => {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
  });
  document.querySelectorAll("[data-t-placeholder]").forEach((node) => {
    node.setAttribute("placeholder", t(node.dataset.tPlaceholder));
  });
  byId("language").textContent = get("language") === "zh" ? "English" : "中文";
  byId("language").lang = get("language") === "zh" ? "en" : "zh-CN";
  byId("look").textContent = t(`look.${get("look")}`);
  const study = get("study");
  if (study) {
    byId("title").textContent = get("language") === "zh" ? study.title_zh : study.title_en;
    document.title = `${byId("title").textContent} · coregion`;
  }
}

function looks() {
  const look = get("look");
  if (look === "auto") delete document.documentElement.dataset.look;
  else document.documentElement.dataset.look = look;
  byId("look").textContent = t(`look.${look}`);
}

function settings() {
  put({
    language: firstLanguage(),
    look: localStorage.getItem("coregion.look") ?? "auto",
    mode: "change",
    shownLines: ["opened"],
    tab: "winners",
    solving: null,
    mistake: null,
    jobs: [],
  });
  on(["language"], () => {
    words();
    localStorage.setItem("coregion.language", get("language"));
  });
  on(["look"], () => {
    looks();
    localStorage.setItem("coregion.look", get("look"));
  });
  on(["said"], () => {
    byId("said").textContent = get("said");
  });
  byId("language").onclick = () => put({ language: get("language") === "zh" ? "en" : "zh" });
  byId("look").onclick = () => put({ look: LOOKS[(LOOKS.indexOf(get("look")) + 1) % LOOKS.length] });
  byId("print").onclick = () => window.print();
  words();
  looks();
}

/** The study on the server's disk may have been edited since it was read. */
function watchStudy(study) {
  const look = async () => {
    if (document.hidden) return;
    try {
      const health = await read("health");
      byId("stale").hidden = !health.stale && health.fingerprint === study.fingerprint;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  };
  setInterval(look, 15000);
  window.addEventListener("focus", look);
  byId("reload").onclick = async () => {
    byId("reload").disabled = true;
    try {
      await post("reload", {});
      window.location.reload();
    } catch (error) {
      byId("reload").disabled = false;
      put({ mistake: error });
    }
  };
  byId("stale").hidden = !study.stale;
}

async function begin() {
  settings();
  let study;
  try {
    study = await readStudy();
  } catch (error) {
    show(byId("headline"), refused(error));
    return;
  }
  put({ study, most_links: study.limits.links });
  readAddress(study);
  words();
  [
    mountAtlas,
    mountMeasures,
    mountDrawing,
    mountVerdict,
    mountWinners,
    mountMoney,
    mountCounty,
    mountTable,
    mountCompare,
    mountWhy,
    mountGoal,
    mountMethod,
    mountSaved,
  ].forEach((mount) => mount(study));
  mountTabs();
  followAddress();
  on(["swapped"], solve);
  on(["wanted"], () => {
    const { amounts, links } = parsed(get("wanted").request.package, study.measures);
    choose({ amounts, links });
    if (get("wanted").kind === "packages") openTab("why");
  });
  on(["ended"], () => {
    if (get("ended").kind === "draws") solve();
  });
  document.body.classList.add("ready");
  solve();
  if (get("lost").length) {
    put({ mistake: new Refused("lost", t("mistake.lost", { items: joined(get("lost")) }), 0) });
    writeAddress();
  }
  watchStudy(study);
  mountJobs();
  try {
    put({ network: await read("network") });
  } catch (error) {
    put({ mistake: error });
  }
}

begin();

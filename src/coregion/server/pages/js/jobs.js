// Long work: what runs and waits, how far it is, its end; found again after the page is loaded anew.

import { byId, el, show } from "./dom.js";
import { get, on, put } from "./store.js";
import { joined, language, name, t } from "./language.js";
import { post, read, remove, Refused } from "./api.js";
import { goalWords } from "./outcome.js";

const watched = new Map();
const LIVE = ["waiting", "running"];

/** Finds the jobs that the server knows and follows those that are not at their end. */
export async function mountJobs() {
  on(["jobs", "language"], list);
  put({ jobs: [] });
  try {
    const { jobs } = await read("jobs");
    put({ jobs });
    jobs.filter((job) => LIVE.includes(job.state)).forEach((job) => follow(job.id));
    await Promise.all(jobs.filter((job) => job.state === "finished").map((job) => fetchResult(job.id)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put({ mistake: error });
  }
}

/** Starts a job; the page hears of it until it ends. */
export async function start(request) {
  try {
    const job = await post("jobs", request);
    replace(job);
    follow(job.id);
    return job;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put({ mistake: error });
    return null;
  }
}

async function fetchResult(id) {
  replace(await read(`jobs/${id}`));
}

function follow(id) {
  if (watched.has(id)) return;
  const events = new EventSource(`api/jobs/${id}/events`);
  watched.set(id, events);
  events.addEventListener("state", (event) => replace(JSON.parse(event.data)));
  events.addEventListener("end", (event) => {
    events.close();
    watched.delete(id);
    const job = JSON.parse(event.data);
    replace(job);
    put({
      ended: job,
      said: t("job.ended", {
        title: titleOf(job),
        state: t(`job.${job.state}`),
      }),
    });
  });
}

function replace(job) {
  const jobs = get("jobs");
  const known = jobs.find((other) => other.id === job.id);
  const merged = { ...known, ...job, result: job.result ?? known?.result ?? null };
  put({ jobs: known ? jobs.map((other) => (other.id === job.id ? merged : other)) : [merged, ...jobs] });
}

async function end(job) {
  try {
    await remove(`jobs/${job.id}`);
    if (!LIVE.includes(job.state)) put({ jobs: get("jobs").filter((other) => other.id !== job.id) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put({ mistake: error });
  }
}

function list() {
  const jobs = get("jobs");
  byId("jobs-empty").hidden = jobs.length > 0;
  byId("jobs-count").textContent = jobs.some((job) => LIVE.includes(job.state))
    ? ` (${jobs.filter((job) => LIVE.includes(job.state)).length})`
    : "";
  show(byId("jobs"), jobs.map(item));
}

/** How far a job is: a bar where it counts, else only that it is at work. */
export function progress(job, title) {
  const counted = job.of > 1;
  return [
    el("progress", { "aria-label": title, ...(counted ? { max: job.of, value: job.done } : {}) }),
    el("p", { class: "soft" }, progressText(job)),
  ];
}

function progressText(job) {
  const seconds = Math.round(job.seconds ?? 0);
  const stage = job.stage ? t(`job.stage.${job.stage}`, {}, job.stage) : "";
  const far = job.of > 1 ? t("job.done", { done: job.done, of: job.of, seconds }) : t("job.busy", { seconds });
  return joined([stage, far], ":");
}

/** What a job is called: a goal by what it asks for. */
function titleOf(job) {
  if (job.kind === "goal") return t("goal.job", { goal: goalWords(get("study"), job.request.goal) });
  return name({ name_en: job.title_en, name_zh: job.title_zh });
}

/** Why a job failed; the server's sentence is English. */
function failure(sentence) {
  if (language() === "en") return el("p", { class: "down" }, sentence);
  return el("details", { class: "down" }, el("summary", {}, t("mistake.said")), el("span", { lang: "en" }, sentence));
}

function item(job) {
  const title = titleOf(job);
  const live = LIVE.includes(job.state);
  return el(
    "li",
    { class: "panel", "data-job": job.id, "data-state": job.state },
    el(
      "p",
      {},
      el("strong", {}, title),
      ` · ${joined([t(`job.${job.state}`), job.state === "waiting" && job.place > 0 ? t("job.place", { place: job.place }) : ""])}`,
    ),
    job.state === "running" ? progress(job, title) : null,
    job.sentence && job.state === "failed" ? failure(job.sentence) : null,
    job.state === "finished" && job.request.package
      ? el(
          "button",
          { type: "button", class: "quiet", onclick: () => put({ wanted: job }) },
          t("job.show"),
          el("span", { class: "unseen" }, ` ${title}`),
        )
      : null,
    el(
      "button",
      { type: "button", class: "quiet", onclick: () => end(job) },
      live ? t("job.cancel") : t("job.forget"),
      el("span", { class: "unseen" }, ` ${title}`),
    ),
  );
}

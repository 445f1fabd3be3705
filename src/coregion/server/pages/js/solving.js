// From a package to its equilibrium: the newest position is always asked for, an older answer never drawn over a newer.

import { post, read } from "./api.js";
import { get, put } from "./store.js";
import { written } from "./package.js";

const PAUSE = 80; // ms between two questions while a slider moves
const PATIENCE = 700; // ms before the place in the queue is asked for
const POLL = 500;

const session = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");
const under = new Map();
let [sequence, drawn, asked, timer, aside] = [0, 0, -Infinity, 0, 0];

/** Asks for the equilibrium of the package in the store: at once, or after a short pause when one was just asked for. */
export function solve() {
  clearTimeout(timer);
  put({ solving: { since: performance.now(), place: null }, mistake: null });
  const wait = Math.max(0, asked + PAUSE - performance.now());
  if (wait === 0) ask();
  else timer = setTimeout(ask, wait);
}

/** One question is being solved, one waits: those between are given up. */
async function ask() {
  asked = performance.now();
  sequence += 1;
  const mine = sequence;
  const abort = new AbortController();
  const [, ...replaced] = [...under.keys()].sort((a, b) => a - b);
  replaced.forEach((number) => {
    under.get(number).abort();
    under.delete(number);
  });
  under.set(mine, abort);
  const watching = setTimeout(() => watch(mine), PATIENCE);
  try {
    const solved = await post("solve", { session, sequence: mine, package: written(get("package")) }, abort.signal);
    if (mine > drawn) {
      drawn = mine;
      put({ solved: { ...solved, waited: performance.now() - asked } });
    }
  } catch (error) {
    if (error.name !== "AbortError" && error.kind !== "superseded" && mine === sequence) put({ mistake: error });
  } finally {
    clearTimeout(watching);
    under.delete(mine);
    if (under.size === 0) put({ solving: null });
  }
}

async function watch(mine) {
  while (under.has(mine)) {
    try {
      const { place } = await read("queue", { session });
      if (under.has(mine)) put({ solving: { ...get("solving"), place } });
    } catch (error) {
      if (error.status >= 500) return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, POLL);
    });
  }
}

/** The equilibrium of another package, for a comparison; it does not replace what the reader is solving. */
export function solveAside(text) {
  aside += 1;
  return post("solve", { session: `${session}-aside`, sequence: aside, package: text });
}

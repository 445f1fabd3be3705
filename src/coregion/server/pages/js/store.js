// What the reader has chosen and what the server has answered: one place, told to all who listen.

const values = new Map();
const listeners = new Map();

/** The value under a key; undefined where nothing was put. */
export function get(key) {
  return values.get(key);
}

/** Puts values and tells those who listen to any of the keys, each once. */
export function put(changes) {
  const told = new Set();
  for (const [key, value] of Object.entries(changes)) {
    values.set(key, value);
    (listeners.get(key) ?? []).forEach((listener) => told.add(listener));
  }
  told.forEach((listener) => listener());
}

/** Calls the listener after any of these keys has been put. */
export function on(keys, listener) {
  keys.forEach((key) => listeners.set(key, [...(listeners.get(key) ?? []), listener]));
}

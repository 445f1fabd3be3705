// The server's answers, or an error whose message is the server's sentence.

/** kind: the server's word for the mistake ("superseded", "busy", …); message: its sentence, with the mistakes behind. */
export class Refused extends Error {
  constructor(kind, sentence, status) {
    super(sentence);
    this.kind = kind;
    this.status = status;
  }
}

async function answer(address, options) {
  let reply;
  try {
    reply = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("unreachable", "", 0);
  }
  const body = await reply.json().catch(() => ({ error: "failed", sentence: `${reply.status} ${reply.statusText}` }));
  if (!reply.ok) {
    throw new Refused(
      body.error ?? "failed",
      [body.sentence, ...(body.mistakes ?? [])].filter(Boolean).join(" "),
      reply.status,
    );
  }
  return body;
}

/** The body of a GET; the parameters are appended to the address. */
export function read(path, parameters = {}, signal = undefined) {
  const query = new URLSearchParams(parameters).toString();
  return answer(`api/${path}${query ? `?${query}` : ""}`, { signal });
}

/** The body of the answer to a POST of JSON. */
export function post(path, body, signal = undefined) {
  return answer(`api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

/** The body of the answer to a DELETE. */
export function remove(path) {
  return answer(`api/${path}`, { method: "DELETE" });
}

/** The address of a file to save. */
export function exportAddress(text, format, table) {
  return `api/export?${new URLSearchParams({ package: text, format, table })}`;
}

/* How this page follows: the rules of docs/protocol.md, without a wire and without a document.

   The same table of tests/vectors that the Python client passes is run against this file. */

export const NOWHERE = Object.freeze({ cursor: null, seq: -1 });

/** What to do about a message, and what is held after it. `hole`: come back with the cursor. */
export function step(state, message) {
  const stay = (action) => ({ action, state, changes: [] });
  const { type, cursor, seq } = message ?? {};
  switch (type) {
    case "reset":
      return { action: "reset", state: NOWHERE, changes: [] };
    case "reconnect":
      return stay("reconnect");
    case "hello":
      if (state.cursor === null) return { action: "hello", state: { cursor, seq }, changes: [] };
      // Asked with `after`, a server starts there. One that starts later would skip something.
      return stay(seq > state.seq ? "hole" : "hello");
    case "heartbeat":
      return stay(seq > state.seq ? "hole" : "heartbeat");
    case "change":
    case "changes": {
      if (seq <= state.seq) return stay("drop");
      const single = type === "change";
      const continues = single ? seq === state.seq + 1 : message.from === state.cursor;
      if (!continues) return stay("hole");
      const changes = single ? [message.change] : message.changes;
      return { action: "apply", state: { cursor, seq }, changes };
    }
    default:
      return stay("ignore");
  }
}

/** Whether a subject replaces the one shown: only a higher revision does. */
export function newer(shown, subject) {
  return shown === undefined || shown === null || subject.revision > shown;
}

/** The wait before the next attempt in ms: full jitter, so that no crowd comes back at once. */
export function backoff(attempt, random = Math.random) {
  return random() * Math.min(30_000, 1000 * 2 ** Math.min(attempt, 10));
}

/** What a close code asks for. */
export function closing(code) {
  if (code === 4001) return "reset";
  return code >= 4500 && code <= 4599 ? "stop" : "retry";
}

/** What the status of an HTTP answer asks for. 400: the cursor is no good to this server. */
export function answering(status) {
  if (status >= 200 && status < 300) return "ok";
  if (status === 400) return "reset";
  return [401, 403, 404, 410].includes(status) ? "stop" : "retry";
}

/** `Retry-After` in ms, spread upwards, or null. */
export function retryAfter(header, random = Math.random) {
  const seconds = Number.parseInt(header ?? "", 10);
  return seconds >= 0 ? seconds * 1000 * (1 + random()) : null;
}

/** What an entry is ordered by. Fractions are padded: as text, "00.5Z" sorts before "00Z". */
export function orderKey(publishedAt, id) {
  const [whole, fraction = ""] = (publishedAt ?? "").replace("Z", "").split(".");
  return publishedAt ? `${whole}.${fraction.padEnd(6, "0")} ${id}` : "";
}

/* The API as the desk's parts ask it. An answer is `{status, body, revision}`; what is refused is
   thrown as a Problem, and Offline where there was no answer. Where the session has ended,
   somebody signs in and the same request is said again: whoever asked does not notice. */

import { bounded } from "./network.js";

const NO_SERVER = [502, 504];
const ANSWER_MS = 30_000;
/** The slowest upload that is waited for, in bytes per ms. */
const SLOWEST = 16;
const SIGNED_OUT = { type: "urn:liveblog:problem:not-authenticated", detail: "You are signed out." };
const REVISION = /^(?:W\/)?"r(\d+)"$/;

/** What the server refused (RFC 9457): `status`, `name`, `detail`, `errors` `[{path, message}]`,
    `current` of a 412, `retryAfter` in seconds or null. */
export class Problem extends Error {
  constructor(status, body = {}, retryAfter = null) {
    super(body.detail || body.title || `The server answered ${status}.`);
    this.status = status;
    this.name = (body.type ?? "").split(":").at(-1) || "problem";
    this.detail = this.message;
    this.errors = body.errors ?? [];
    this.current = body.current ?? null;
    this.retryAfter = retryAfter;
  }

  /** Whether the same may succeed when it is said again. */
  get passing() {
    return this.status >= 500 || this.status === 429 || this.retryAfter !== null;
  }
}

/** There was no answer: whether the request was heard is not known. */
export class Offline extends Error {
  passing = true;
  status = 0;
  errors = [];
  retryAfter = null;

  constructor() {
    super("The server cannot be reached.");
    this.name = "offline";
    this.detail = this.message;
  }
}

export class Api {
  /** Lets somebody sign in: `async () => true` when the request may be said again. */
  signIn = null;
  /** Holds a request while it is not sure in whose name it would go: `async () => true` when it may. */
  allowed = null;
  #base;
  #network;

  constructor(base, network) {
    this.#base = base;
    this.#network = network;
  }

  get(path, options) {
    return this.send("GET", path, options);
  }

  post(path, body, options) {
    return this.send("POST", path, { body, ...options });
  }

  patch(path, body, options) {
    return this.send("PATCH", path, { body, ...options });
  }

  put(path, body, options) {
    return this.send("PUT", path, { body, ...options });
  }

  delete(path, options) {
    return this.send("DELETE", path, options);
  }

  /** @param key the Idempotency-Key
      @param revision for If-Match
      @param patient false: a missing session is a Problem like others
      @param file sent as it is, instead of `body` */
  async send(method, path, { body, file, key, revision, patient = true } = {}) {
    const headers = { Accept: "application/json" };
    if (key) headers["Idempotency-Key"] = key;
    if (revision != null) headers["If-Match"] = `"r${revision}"`;
    if (file) headers["Content-Type"] = file.type;
    else if (body !== undefined) headers["Content-Type"] = "application/json";
    const sent = file ?? (body === undefined ? undefined : JSON.stringify(body));
    const asked = { method, headers, body: sent, cache: "no-store" };
    const ms = ANSWER_MS + (file?.size ?? 0) / SLOWEST;
    for (;;) {
      if (patient && !((await this.allowed?.()) ?? true)) throw new Problem(401, SIGNED_OUT);
      const answer = await this.#fetch(this.#base + path, asked, ms);
      if (answer.ok) return read(answer);
      const problem = refused(answer);
      const over = problem.status === 401 && problem.name === "not-authenticated";
      if (!over || !patient || !(await this.signIn?.())) throw problem;
    }
  }

  /** `{ok, status, headers, body}`. What is no answer of the server's (none at all, a gateway's,
      a page of somebody between) is Offline. */
  async #fetch(address, asked, ms) {
    try {
      const answer = await bounded(address, asked, ms, opened);
      if (NO_SERVER.includes(answer.status)) throw new Offline();
      this.#network.worked();
      return answer;
    } catch {
      this.#network.failed();
      throw new Offline();
    }
  }
}

/** An answer with its body; a success that is not JSON is not the server's.
    @throws SyntaxError */
async function opened(answer) {
  const { ok, status, headers } = answer;
  const text = await answer.text();
  try {
    return { ok, status, headers, body: text ? JSON.parse(text) : null };
  } catch (error) {
    if (ok) throw error;
    // Something between us and the server refused in its own way.
    return { ok, status, headers, body: {} };
  }
}

function read({ status, headers, body }) {
  const tag = REVISION.exec(headers.get("ETag") ?? "");
  return { status, body, revision: tag ? Number(tag[1]) : (body?.revision ?? null) };
}

function refused({ status, headers, body }) {
  const after = Number(headers.get("Retry-After") ?? NaN);
  return new Problem(status, body ?? {}, Number.isFinite(after) ? after : null);
}

/** What went wrong, for people: the problem's sentence, with the fields it names. */
export function told(error) {
  const fields = (error.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  return [error.detail || error.message, ...fields].filter(Boolean).join(" ");
}

/** A word that nobody else has; browsers give `randomUUID` only where the page came by https. */
export const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

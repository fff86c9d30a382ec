/* The wire: a WebSocket, else Server-Sent Events, else polling; always from the cursor held.

   `page` is told `apply(changes)`, `replace(snapshot)`, `heard(at)` when the server says that
   there is no more up to its own time `at`, and `connection(state)`, the state being "live",
   "waiting" or "stopped". Nothing here knows the document. */

import { NOWHERE, answering, backoff, closing, retryAfter, step } from "./session.js";

const WAIT_SECONDS = 25;
const FIRST_WORD_MS = 10_000;
const FAILURES_BEFORE_ASKING = 2;
const POLLS_WHEN_TOLD = 12;
const WATCH_MS = 1000;

export class Connection {
  #urls;
  #page;
  #state;
  #transport = "socket";
  #heartbeatMs = 15_000;
  #attempt = 0;
  #failures = 0;
  #spoke = false;
  #told = null;
  #turn = 0;
  #timer = 0;
  #watch = 0;
  #lastHeard = [0, 0];
  #close = () => {};
  #stopped = false;

  constructor(urls, state, page) {
    this.#urls = urls;
    this.#state = state;
    this.#page = page;
  }

  /** Connects now, whatever was under way. */
  connect() {
    if (this.#stopped) return;
    this.disconnect();
    const turn = this.#turn;
    if (this.#state.cursor === null) this.#resync(turn);
    else if (this.#transport === "socket") this.#openSocket(turn);
    else if (this.#transport === "stream") this.#openStream(turn);
    else this.#poll(turn);
  }

  /** Lets go of the wire; `connect()` takes it up again from the cursor. */
  disconnect() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#close();
    this.#close = () => {};
  }

  /** After a time away: connects when nothing was heard for too long; whether it did. */
  wake() {
    const due = this.#silent;
    if (due) this.lost();
    return due;
  }

  /** One clock may have been set, the other stands still while a machine sleeps: the longer
      time counts. */
  get #silent() {
    const [wall, steady] = this.#lastHeard;
    const most = this.#spoke ? 2 * this.#heartbeatMs : FIRST_WORD_MS;
    return Math.max(Date.now() - wall, performance.now() - steady) > most;
  }

  /** The network is known to be gone, or was: comes back as soon as there is one. */
  lost() {
    if (this.#stopped) return;
    this.#page.connection("waiting");
    this.connect();
  }

  #retry(delay = backoff(this.#attempt++)) {
    if (this.#stopped) return;
    this.disconnect();
    this.#page.connection("waiting");
    this.#timer = setTimeout(() => this.connect(), delay);
  }

  #stop() {
    this.#stopped = true;
    this.disconnect();
    this.#page.connection("stopped");
  }

  #heard() {
    this.#lastHeard = [Date.now(), performance.now()];
  }

  /** A timer for the whole silence would stand still while a machine sleeps. */
  #listen() {
    this.#spoke = false;
    this.#heard();
    this.#watch = setInterval(() => this.#silent && this.#gone(), WATCH_MS);
  }

  /** The wire has ended, or is as good as that. */
  #gone() {
    if (this.#spoke) this.#retry();
    else this.#refused();
  }

  /** Nothing came over it, and a browser cannot read why: it was refused, or something between
      holds it back. So after two plain HTTP is asked once. */
  async #refused() {
    this.#failures += 1;
    if (this.#failures < FAILURES_BEFORE_ASKING) return this.#retry();
    this.disconnect();
    this.#page.connection("waiting");
    const turn = this.#turn;
    const answer = await this.#ask(this.#urls.changes, { wait: 0 });
    if (turn !== this.#turn) return;
    if (answer.asked !== "ok") return this.#wait(answer);
    // The server is well: what is between lets no such wire through.
    this.#transport = this.#transport === "socket" ? "stream" : "poll";
    this.#failures = 0;
    this.#obey(answer.body);
    if (turn === this.#turn) this.connect();
  }

  #receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#gone();
    }
    this.#spoke = true;
    this.#failures = 0;
    this.#heard();
    this.#obey(message);
  }

  #obey(message) {
    const { action, state, changes } = step(this.#state, message);
    if (action === "hole") return this.#retry();
    if (action === "reset") return this.#reset();
    if (action === "reconnect") return this.#leave(message);
    if (action === "apply" && !this.#applied(() => this.#page.apply(changes))) return;
    this.#state = state;
    if (action === "hello") {
      this.#heartbeatMs = 1000 * (message.heartbeat_seconds || 15);
      this.#heard();
    }
    if (action === "apply" || action === "heartbeat") this.#attempt = 0;
    if (action === "ignore" || action === "drop") return;
    this.#page.connection("live");
    const at = message.at ?? message.change?.at;
    if (at) this.#page.heard(at);
  }

  /** A change that could not be shown is not behind us: the page is made anew, with a pause. */
  #applied(show) {
    try {
      show();
      return true;
    } catch (error) {
      console.error(error);
      this.#state = NOWHERE;
      this.#retry();
      return false;
    }
  }

  #reset() {
    this.#state = NOWHERE;
    this.connect();
  }

  #leave(message) {
    if (message.transport === "poll") {
      this.#told = { interval: message.interval_ms ?? 10_000, left: POLLS_WHEN_TOLD };
      this.#transport = "poll";
    }
    this.#retry(message.after_ms ?? backoff(this.#attempt++));
  }

  // WebSocket ---------------------------------------------------------------------------

  #openSocket(turn) {
    const url = new URL(this.#urls.live, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = this.#query({});
    const socket = new WebSocket(url, "liveblog.v1.json");
    this.#close = () => socket.close();
    this.#listen();
    socket.onmessage = (event) => turn === this.#turn && this.#receive(event.data);
    socket.onclose = ({ code }) => {
      if (turn !== this.#turn) return;
      const asked = closing(code);
      if (asked === "stop") this.#stop();
      else if (asked === "reset") this.#reset();
      else this.#gone();
    };
  }

  // Server-Sent Events ------------------------------------------------------------------

  #openStream(turn) {
    const url = new URL(this.#urls.stream, location.href);
    url.search = this.#query({});
    const stream = new EventSource(url);
    this.#close = () => stream.close();
    this.#listen();
    stream.onmessage = (event) => turn === this.#turn && this.#receive(event.data);
    stream.onerror = () => {
      if (turn !== this.#turn) return;
      this.#page.connection("waiting");
      // One that has spoken the browser takes up again by itself, with Last-Event-ID.
      if (!this.#spoke || stream.readyState === EventSource.CLOSED) this.#gone();
    };
  }

  // Polling -----------------------------------------------------------------------------

  async #poll(turn) {
    const wait = this.#told ? 0 : WAIT_SECONDS;
    const started = Date.now();
    const answer = await this.#ask(this.#urls.changes, { wait });
    if (turn !== this.#turn) return;
    if (answer.asked !== "ok") return this.#wait(answer);
    this.#spoke = true;
    this.#heard();
    this.#obey(answer.body);
    if (turn !== this.#turn) return;
    this.#attempt = 0;
    this.#page.connection("live");
    if (answer.at) this.#page.heard(answer.at);
    // An answer that came at once must not make a storm of questions.
    const pause = Math.max(0, 1000 - (Date.now() - started));
    this.#timer = setTimeout(() => this.connect(), this.#pollPause(answer.body) ?? pause);
  }

  #pollPause(body) {
    if (this.#told === null) return body.poll_after_ms;
    const { interval, left } = this.#told;
    this.#told = left > 1 ? { interval, left: left - 1 } : null;
    if (this.#told === null) this.#transport = "socket";
    return interval * (0.75 + Math.random() / 2);
  }

  // HTTP --------------------------------------------------------------------------------

  async #resync(turn) {
    this.#page.connection("waiting");
    const answer = await this.#ask(this.#urls.snapshot, {});
    if (turn !== this.#turn) return;
    if (answer.asked === "reset") answer.asked = "retry";
    if (answer.asked !== "ok") return this.#wait(answer);
    const { cursor, seq } = answer.body;
    if (!this.#applied(() => this.#page.replace(answer.body))) return;
    this.#state = { cursor, seq };
    this.connect();
  }

  async #ask(address, extra) {
    const url = new URL(address, location.href);
    url.search = this.#query(extra);
    const signal = AbortSignal.timeout((WAIT_SECONDS + 15) * 1000);
    try {
      const response = await fetch(url, { signal, cache: "no-cache" });
      const asked = answering(response.status);
      const delay = retryAfter(response.headers.get("Retry-After"));
      const date = new Date(response.headers.get("Date") ?? NaN);
      const at = Number.isNaN(date.valueOf()) ? "" : date.toISOString();
      return { asked, delay, at, body: asked === "ok" ? await response.json() : null };
    } catch {
      return { asked: "retry", delay: null, body: null };
    }
  }

  #wait({ asked, delay }) {
    if (asked === "stop") this.#stop();
    else if (asked === "reset") this.#reset();
    else this.#retry(delay ?? undefined);
  }

  #query(extra) {
    const query = new URLSearchParams({ view: "page", ...extra });
    if (this.#state.cursor !== null) query.set("after", this.#state.cursor);
    return query.toString();
  }
}

/* The desk's wire: what the others do, as it happens. All of it is a hint: when some may have
   been missed, `again` is told and the desk reads again, so nothing rests on having heard.

   Tells events named as the messages, the message in `detail`, and `state`: "waiting" (there is
   no wire, it is being tried), "live", "deaf" (there is one, but the server itself does not hear
   what is done: it is asked anew every now and then), "ended" (the session is over) or "stopped".
   `refused` is told when the server does not let the wire in, and nobody can say why. */

import { backoff } from "../session.js";

const REPEAT_MS = 10_000;
const WATCH_MS = 1000;
const SESSION_OVER = 4501;
const REFUSALS = 2;

export class DeskLive extends EventTarget {
  state = "waiting";
  people = [];
  readers = null;
  #url;
  #socket = null;
  #entry = null;
  #attempt = 0;
  #refused = 0;
  #doubtful = false;
  #greeted = false;
  #timer = 0;
  #repeat = 0;
  #watch = 0;
  #heardAt = 0;
  #beatMs = 10_000;

  constructor(url) {
    super();
    this.#url = new URL(url, location.href);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    addEventListener("offline", () => this.#lost(REPEAT_MS));
    document.addEventListener("visibilitychange", () => this.#tell());
    addEventListener("online", () => this.state === "waiting" && this.connect());
  }

  /** Connects now, whatever was under way; also after the end, when somebody signed in. */
  connect() {
    this.#letGo();
    if (this.state !== "deaf") this.#say("waiting");
    const socket = (this.#socket = new WebSocket(this.#url));
    this.#heard();
    this.#watch = setInterval(() => this.#silent && this.#doubt(), WATCH_MS);
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** Lets go of the wire for good. */
  stop() {
    this.#letGo();
    this.#say("stopped");
  }

  /** What is worked on here, an entry's id or null: the others see it. */
  working(entry) {
    if (entry === this.#entry) return;
    this.#entry = entry;
    this.#tell();
  }

  #tell() {
    if (this.#socket?.readyState !== WebSocket.OPEN || document.hidden) return;
    this.#socket.send(JSON.stringify({ type: "working", entry: this.#entry }));
  }

  #receive(message) {
    this.#heard();
    if (message.type === "hello") this.#greet(message);
    if (message.type === "presence") this.#present(message.people);
    if (message.type === "readers") this.readers = message.count;
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    if (message.type === "missed") this.dispatchEvent(new Event("again"));
    if (message.type === "reconnect") this.#lost(message.after_ms);
  }

  #greet(message) {
    this.#attempt = this.#refused = 0;
    this.#beatMs = 1000 * (message.beat_seconds || 10);
    this.#say(this.#doubtful ? "deaf" : "live");
    this.#tell();
    this.#repeat = setInterval(() => this.#tell(), REPEAT_MS);
    if (this.#greeted) this.dispatchEvent(new Event("again"));
    this.#greeted = true;
  }

  /** Who is here is said with every beat of the server: it hears. */
  #present(people) {
    this.#doubtful = false;
    this.people = people;
    if (this.state === "deaf") this.#say("live");
  }

  /** Nothing came for too long: the wire is dead, or the server is deaf. A new wire tells. */
  #doubt() {
    this.#doubtful = true;
    if (this.state === "deaf") this.connect();
    else this.#lost(0);
  }

  #closed(code) {
    if (code === SESSION_OVER) {
      this.#letGo();
      this.#say("ended");
    } else if (code >= 4500 && code <= 4599) this.stop();
    else {
      if (this.state === "waiting" && ++this.#refused === REFUSALS) {
        this.dispatchEvent(new Event("refused"));
      }
      this.#lost();
    }
  }

  #lost(afterMs = backoff(this.#attempt++)) {
    if (this.state === "stopped" || this.state === "ended") return;
    this.#letGo();
    this.#say("waiting");
    this.#timer = setTimeout(() => this.connect(), afterMs);
  }

  #letGo() {
    clearTimeout(this.#timer);
    clearInterval(this.#repeat);
    clearInterval(this.#watch);
    if (this.#socket === null) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #heard() {
    this.#heardAt = performance.now();
  }

  get #silent() {
    return performance.now() - this.#heardAt > 2.5 * this.#beatMs;
  }

  #say(state) {
    if (state === this.state) return;
    this.state = state;
    if (state !== "live") this.people = [];
    if (state === "waiting") this.readers = null;
    this.dispatchEvent(new Event("state"));
  }
}

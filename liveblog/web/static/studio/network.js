/* Whether the server can be reached: what the last request proved, not what the machine hopes.
   While it cannot, it is asked again and again, and `change` is told when it answers. */

const FIRST_MS = 1000;
const PROBE_MS = 5000;
const LONGEST_MS = 15_000;

/** A fetch that comes to an end: where nothing is answered in time, it fails as without a network.
    A connection can be up and carry nothing, as after a phone changed networks.
    @param take what is read of the answer, within the same time */
export async function bounded(address, asked, ms, take) {
  const bound = new AbortController();
  const timer = setTimeout(() => bound.abort(), ms);
  try {
    return await take(await fetch(address, { ...asked, signal: bound.signal }));
  } finally {
    clearTimeout(timer);
  }
}

export class Network extends EventTarget {
  up = true;
  #address;
  #attempt = 0;
  #timer = 0;

  /** @param address what answers as long as the server runs */
  constructor(address) {
    super();
    this.#address = address;
    addEventListener("online", () => this.up || this.#probe());
    addEventListener("offline", () => this.failed());
  }

  /** A request had no answer. */
  failed() {
    if (!this.up) return;
    this.#say(false);
    this.#later();
  }

  /** A request had an answer. */
  worked() {
    if (this.up) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#say(true);
  }

  /** Comes when the server can be reached. */
  async back() {
    while (!this.up) await new Promise((done) => this.addEventListener("change", done, { once: true }));
  }

  #say(up) {
    this.up = up;
    this.dispatchEvent(new Event("change"));
  }

  #later() {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#probe(), bound * (0.5 + Math.random() / 2));
  }

  async #probe() {
    try {
      if (await bounded(this.#address, { cache: "no-store" }, PROBE_MS, ({ ok }) => ok)) return this.worked();
    } catch {
      // Still away.
    }
    this.#later();
  }
}

/* What is said aloud: politely, together, and no more than the reader asked for. */

const AFTER_MS = 1000;
const APART_MS = 5000;
const MOST = 3;

/** What to say of new entries; "" is nothing. `items` are `{ headline, key }`, newest first;
    `waiting` says how many are held back, these among them; `updates` says a number. Pure. */
export function sentence(mode, items, waiting, updates) {
  if (mode === "off" || items.length === 0) return "";
  const wanted = { headlines: () => true, key: (item) => item.key }[mode] ?? (() => false);
  const named = items.filter((item) => item.headline && wanted(item));
  const lines = named.slice(0, MOST).map((item) => item.headline).reverse();
  const all = mode === "key" || lines.length === items.length;
  return [...(all ? [] : [updates(Math.max(waiting, items.length))]), ...lines].join("\n");
}

export class Announcer {
  mode = "count";
  #region;
  #updates;
  #items = [];
  #waiting = 0;
  #timer = 0;
  #last = -Infinity;

  constructor(region, updates) {
    this.#region = region;
    this.#updates = updates;
  }

  /** Says it in a moment, with what comes until then, and not in the middle of what was said
      before; where the tab is hidden, when the reader is back. */
  add(articles, waiting) {
    for (const article of articles) {
      const headline = article.querySelector(".entry-headline")?.textContent ?? "";
      const key = article.matches(".is-key, .is-breaking");
      this.#items.unshift({ headline, key });
    }
    this.#waiting = waiting;
    this.resume();
  }

  /** Says what is unsaid in a moment, unless that is coming anyway. */
  resume() {
    if (this.#timer || this.#items.length === 0) return;
    const rest = this.#last + APART_MS - performance.now();
    this.#timer = setTimeout(() => this.#say(), Math.max(AFTER_MS, rest));
  }

  /** What was not said yet has been seen. */
  hush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#items = [];
    this.#region.textContent = "";
  }

  #say() {
    this.#timer = 0;
    if (document.hidden) return;
    const text = sentence(this.mode, this.#items, this.#waiting, this.#updates);
    this.#items = [];
    if (!text) return;
    this.#last = performance.now();
    // The same words again are a new announcement.
    this.#region.textContent = "";
    this.#region.textContent = text;
  }
}

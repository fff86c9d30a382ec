/* What is said aloud: politely, together, and no more than the reader asked for. */

const AFTER_MS = 1000;
const APART_MS = 5000;

/** What to say of new entries; "" is nothing. `items` are `{ headline, key }`, newest first;
    `waiting` says how many are held back, these among them. Pure. */
export function sentence(mode, items, waiting, updates) {
  if (mode === "off" || items.length === 0) return "";
  const named = items.filter((item) => item.headline && (mode === "headlines" || item.key));
  const headlines = named.map((item) => item.headline).reverse();
  if (mode === "key") return headlines.join("\n");
  if (mode === "headlines" && headlines.length === items.length) return headlines.join("\n");
  const count = updates(Math.max(waiting, items.length));
  return mode === "headlines" ? [count, ...headlines].join("\n") : count;
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

  /** Says it when no more comes for a moment, and not in the middle of what was said before. */
  add(articles, waiting) {
    for (const article of articles) {
      const headline = article.querySelector(".entry-headline")?.textContent ?? "";
      const key = article.matches(".is-key, .is-breaking");
      this.#items.unshift({ headline, key });
    }
    this.#waiting = waiting;
    clearTimeout(this.#timer);
    const rest = this.#last + APART_MS - performance.now();
    this.#timer = setTimeout(() => this.#say(), Math.max(AFTER_MS, rest));
  }

  /** What was not said yet has been seen. */
  hush() {
    clearTimeout(this.#timer);
    this.#items = [];
  }

  #say() {
    const text = sentence(this.mode, this.#items, this.#waiting, this.#updates);
    this.#items = [];
    if (!text) return;
    this.#last = performance.now();
    this.#region.textContent = text;
  }
}

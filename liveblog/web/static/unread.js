/* What was read: the newest entry seen, kept for the next visit, and the line above which is
   what came since. */

/** Where the line belongs among order keys as they stand in the page: the index of the first
    that was seen; none (-1) when nothing is new or nothing is known. Pure. */
export function lineAt(keys, seen) {
  if (!seen || !keys.some((key) => key > seen)) return -1;
  const index = keys.findIndex((key) => key <= seen);
  return index < 0 ? keys.length : index;
}

export class Unread {
  #list;
  #key;
  #say;
  #seen;
  #line = null;
  #left = "";
  #missed = new Set();

  /** @param say makes a sentence of how many came since: `say(name, count)`, and of none. */
  constructor(list, slug, say) {
    this.#list = list;
    this.#key = `liveblog:${location.pathname.split("/blogs/")[0]}:${slug}:seen`;
    this.#say = say;
    this.#seen = this.#stored();
  }

  /** Draws the line, with the sentence of that name. */
  draw(name) {
    const rows = this.#rows();
    const oldestFirst = this.#list.dataset.order === "oldest";
    if (oldestFirst) rows.reverse();
    const index = lineAt(rows.map((row) => row.at), this.#seen);
    this.#line?.remove();
    this.#line = null;
    if (index < 0) return;
    const text = document.createElement("span");
    text.textContent = this.#say(name, index);
    this.#line = document.createElement("li");
    this.#line.className = "since";
    this.#line.append(text);
    const below = oldestFirst ? rows[index - 1] : rows[index];
    this.#list.insertBefore(this.#line, below?.row ?? null);
    this.#left = this.#seen;
    if (name === "since") this.#missed = new Set(rows.slice(0, index).map((row) => row.id));
    this.mark();
  }

  /** Marks the key developments that the reader missed, wherever they are listed. */
  mark() {
    if (this.#missed.size === 0) return;
    for (const link of document.querySelectorAll("#strip a[data-to], #day li a[data-to]")) {
      const missed = this.#missed.has(link.dataset.to);
      const marked = link.querySelector(".missed");
      if (missed === Boolean(marked)) continue;
      marked?.remove();
      if (!missed) continue;
      const mark = document.createElement("span");
      mark.className = "missed visually-hidden";
      mark.textContent = this.#say("missed");
      link.prepend(mark, " ");
    }
  }

  /** The unread article after the one at hand, in the order in which things happened. */
  next(current) {
    const seen = current?.dataset.at ?? "";
    if (!this.#line) return undefined;
    const later = this.#rows().filter(({ at }) => at > this.#left && at > seen);
    return later.sort((a, b) => (a.at < b.at ? -1 : 1))[0]?.article;
  }

  /** On a first visit all that is there counts as seen: nothing came since. */
  begin() {
    this.#seen ||= this.#rows().map(({ at }) => at).sort().at(-1) ?? "";
    // With a fragment in the address the browser has yet to scroll there.
    if (!location.hash) this.look();
  }

  /** Takes note of what can be seen now. */
  look() {
    if (document.hidden) return;
    for (const { article, at } of this.#rows()) {
      const { top, bottom } = article.getBoundingClientRect();
      if (bottom > 0 && top < innerHeight && at > this.#seen) this.#seen = at;
    }
  }

  /** Keeps it for the next visit; another tab may have seen more. */
  keep() {
    try {
      if (this.#seen > this.#stored()) localStorage.setItem(this.#key, this.#seen);
    } catch {
      // Storage is full or forbidden: the next visit draws no line.
    }
  }

  #rows() {
    const known = this.#list.querySelectorAll('article[data-at]:not(.tombstone, [data-at=""])');
    return [...known].map((article) => {
      const { at, entry } = article.dataset;
      return { article, at, id: entry, row: article.closest("li") };
    });
  }

  #stored() {
    try {
      return localStorage.getItem(this.#key) ?? "";
    } catch {
      return "";
    }
  }
}

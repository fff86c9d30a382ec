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

  /** @param say makes the sentence in the line from how many came since. */
  constructor(list, slug, say) {
    this.#list = list;
    this.#key = `liveblog:${location.pathname.split("/blogs/")[0]}:${slug}:seen`;
    this.#say = say;
    this.#seen = this.#stored();
  }

  /** Draws the line; the unread articles, newest first, or none. */
  draw() {
    const rows = this.#rows();
    const oldestFirst = this.#list.dataset.order === "oldest";
    if (oldestFirst) rows.reverse();
    const index = lineAt(rows.map((row) => row.at), this.#seen);
    this.#line?.remove();
    if (index < 0) return [];
    this.#line = document.createElement("li");
    this.#line.className = "since";
    this.#line.textContent = this.#say(index);
    const seen = rows[index]?.row ?? null;
    if (oldestFirst) this.#list.insertBefore(this.#line, seen ? seen.nextSibling : this.#list.firstChild);
    else this.#list.insertBefore(this.#line, seen);
    return rows.slice(0, index).map((row) => row.article);
  }

  /** The unread article after the one at hand, in the order in which things happened. */
  next(current) {
    const seen = current?.dataset.at ?? "";
    const unread = this.#line ? this.#since() : [];
    const later = unread.filter((row) => row.at > seen).sort((a, b) => (a.at < b.at ? -1 : 1));
    return later[0]?.article;
  }

  /** On a first visit all that is there counts as seen: nothing came since. */
  begin() {
    if (!this.#seen) for (const { at } of this.#rows()) this.#seen = at > this.#seen ? at : this.#seen;
    this.look();
  }

  /** Takes note of what can be seen now. */
  look() {
    if (document.hidden) return;
    for (const { article, at } of this.#rows()) {
      const { top, bottom } = article.getBoundingClientRect();
      if (bottom > 0 && top < innerHeight && at > this.#seen) this.#seen = at;
    }
  }

  /** Keeps it for the next visit. */
  keep() {
    try {
      localStorage.setItem(this.#key, this.#seen);
    } catch {
      // Storage is full or forbidden: the next visit draws no line.
    }
  }

  #since() {
    const rows = this.#rows();
    const after = (row) => this.#line.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
    const oldestFirst = this.#list.dataset.order === "oldest";
    return rows.filter(({ row }) => Boolean(after(row)) === oldestFirst);
  }

  #rows() {
    const articles = [...this.#list.querySelectorAll("article[data-at]")];
    const known = articles.filter((article) => article.dataset.at);
    return known.map((article) => ({ article, row: article.closest("li"), at: article.dataset.at }));
  }

  #stored() {
    try {
      return localStorage.getItem(this.#key) ?? "";
    } catch {
      return "";
    }
  }
}

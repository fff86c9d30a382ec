/* The strip of key developments: the newest of the whole blog, newest first. */

const MOST = 12;

export class Strip {
  #nav = document.getElementById("strip");
  #list = this.#nav.querySelector("ol");
  #floor;

  constructor() {
    this.#settle();
  }

  /** An entry as it is now: `article` is what its fragment says. */
  put(item, article) {
    this.drop(item.id);
    const { at } = article.dataset;
    if (!item.key || at < this.#floor) return;
    const copy = (what) => article.querySelector(what).cloneNode(true);
    const row = document.createElement("li");
    const link = copy("a[rel=bookmark]");
    const title = copy(".entry-headline");
    row.dataset.entry = link.dataset.to = item.id;
    row.dataset.at = at;
    title.className = "strip-title";
    link.removeAttribute("class");
    link.append(" ", title);
    row.append(link);
    const rows = [...this.#list.children];
    this.#list.insertBefore(row, rows.find((other) => other.dataset.at < at) ?? null);
    if (rows.length === MOST) this.#list.lastElementChild.remove();
    this.#settle();
  }

  /** It is none, or none any more. */
  drop(id) {
    this.#list.querySelector(`li[data-entry="${CSS.escape(id)}"]`)?.remove();
    this.#nav.hidden = this.#list.children.length === 0;
  }

  /** After a reset: the strip of the page as the server has it now. */
  replace(nav) {
    this.#list.replaceChildren(...nav.querySelector("ol").children);
    this.#floor = undefined;
    this.#settle();
  }

  /** Below the last one of a full strip there may be others that this page does not know. */
  #settle() {
    const { children } = this.#list;
    if (children.length === MOST) this.#floor = children[MOST - 1].dataset.at;
    this.#nav.hidden = children.length === 0;
  }
}

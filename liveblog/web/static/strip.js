/* The strip of key developments: the newest of the whole blog, newest first. */

const MOST = 12;

export class Strip {
  #nav = document.getElementById("strip");
  #list = this.#nav.querySelector("ol");

  /** An entry as it is now: `article` is what its fragment says. */
  put(item, article) {
    this.drop(item.id);
    const headline = article.querySelector(".entry-headline");
    if (!item.key || !headline) return;
    const row = document.createElement("li");
    row.dataset.entry = item.id;
    row.dataset.at = article.dataset.at;
    const link = document.createElement("a");
    link.dataset.to = item.id;
    const address = article.querySelector("a[rel=bookmark]");
    link.href = address.getAttribute("href");
    const title = document.createElement("span");
    title.className = "strip-title";
    title.textContent = headline.textContent;
    link.append(address.querySelector("time").cloneNode(true), " ", title);
    row.append(link);
    const after = [...this.#list.children].find((other) => other.dataset.at < row.dataset.at);
    if (!after && this.#list.children.length >= MOST) return;
    this.#list.insertBefore(row, after ?? null);
    if (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
    this.#nav.hidden = false;
  }

  /** It is none, or none any more. */
  drop(id) {
    this.#list.querySelector(`li[data-entry="${CSS.escape(id)}"]`)?.remove();
    this.#nav.hidden = this.#list.children.length === 0;
  }

  /** After a reset: the strip of the page as the server has it now. */
  replace(nav) {
    this.#list.replaceChildren(...nav.querySelector("ol").children);
    this.#nav.hidden = this.#list.children.length === 0;
  }
}

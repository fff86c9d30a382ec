/* The document: puts the server's fragments where they belong, and moves nothing that is read.

   New entries go in at once only while the end of the feed where they belong and the tab are
   visible, nothing is watched and the reader did not pause; otherwise they are held and counted.
   Edits and retractions always go in, and the line being read stays where it is. */

import { separate } from "./days.js";
import { newer, orderKey } from "./session.js";
import { Strip } from "./strip.js";
import { trusted } from "./trusted.js";

/** The element of a fragment. The server made it with the page's own template. */
function element(fragment) {
  const template = document.createElement("template");
  template.innerHTML = trusted.createHTML(fragment);
  return template.content.firstElementChild;
}

export class Feed {
  #list = document.getElementById("feed");
  #pinned = document.getElementById("pinned");
  #day = document.getElementById("day");
  #strip = new Strip();
  #whole;
  #revisions = new Map();
  #held = new Map();
  #view;
  #paused = false;
  #newestFirst = this.#list.dataset.order !== "oldest";

  /** @param view is told `count(n)` of held entries, `held(articles)` of those that came to be
      held, and `arrived(articles)` of those that went in at once. */
  constructor(view, { whole }) {
    this.#view = view;
    this.#whole = whole;
    for (const article of document.querySelectorAll("article[data-revision]")) {
      this.#revisions.set(`entry:${article.dataset.entry}`, Number(article.dataset.revision));
    }
    const day = this.#day.firstElementChild;
    if (day) this.#revisions.set(`day:${day.dataset.date}`, Number(day.dataset.revision));
    this.#retarget();
  }

  /** Applies changes in their order. Change types it does not know are passed over. */
  apply(changes) {
    const waiting = new Set(this.#held.keys());
    this.#keepingPlace(() => {
      for (const change of changes) this.#change(change);
      this.#tidy();
    });
    const came = [...this.#held].filter(([id]) => !waiting.has(id)).map(([, article]) => article);
    const held = this.settle();
    if (came.length) this.#view[held ? "held" : "arrived"](came);
  }

  /** After a reset: shows what the snapshot says, and nothing that it does not say. */
  replace({ blog, day, pinned, entries }) {
    this.#revisions.clear();
    this.#held.clear();
    const listed = new Set(entries.map((entry) => entry.id));
    const overlap = entries.some((entry) => this.#article(entry.id));
    this.#keepingPlace(() => {
      for (const article of this.#list.querySelectorAll("article")) {
        if (!listed.has(article.dataset.entry)) article.closest("li").remove();
      }
      this.#change({ type: "blog.revised", blog });
      if (day) this.#putDay(day);
      else this.#day.replaceChildren();
      this.#showPinned(pinned);
      for (const entry of entries) this.#change({ type: "entry.revised", entry });
      this.#tidy();
    });
    if (overlap) this.settle();
    else this.reveal();
    this.#refresh();
  }

  /** A snapshot has the newest entries alone; the strip is of all, so the page is asked. */
  async #refresh() {
    const url = location.href.split("#")[0];
    const answer = await fetch(url, { cache: "no-cache" }).catch(() => null);
    if (!answer?.ok) return;
    const html = await answer.text();
    const other = new DOMParser().parseFromString(trusted.createHTML(html), "text/html");
    const strip = other.getElementById("strip");
    if (strip) this.#strip.replace(strip);
    this.#retarget();
  }

  /** Whether the end of the feed where new entries go in is in sight, or not yet reached. */
  get atEdge() {
    const { top, bottom } = this.#list.getBoundingClientRect();
    return this.#newestFirst ? top >= 0 : bottom <= innerHeight;
  }

  /** The reader holds everything back, or lets it come again. */
  set paused(value) {
    this.#paused = value;
    this.settle();
  }

  /** Shows what is held when nobody is reading beyond it; otherwise says how much it is.
      Whether something is still held. */
  settle() {
    if (this.atEdge && !document.hidden && !this.#paused && !watched()) this.reveal();
    this.#view.count(this.#held.size);
    return this.#held.size > 0;
  }

  /** Shows the held entries and gives them back, newest first. */
  reveal() {
    const articles = [...this.#held.values()];
    this.#held.clear();
    articles.sort((a, b) => (a.dataset.at < b.dataset.at ? 1 : -1));
    for (const article of articles) this.#insert(article, "is-fresh");
    this.#tidy();
    this.#view.count(0);
    if (articles.length) this.#view.revealed();
    return articles;
  }

  /** Whether this entry waits to be shown. */
  holds(id) {
    return this.#held.has(id);
  }

  #change({ type, entry, day, blog }) {
    if (type === "entry.retracted") this.#retract(entry);
    else if (type === "entry.published" || type === "entry.revised") this.#putEntry(entry);
    else if (type === "day.revised") this.#putDay(day);
    else if (type === "blog.revised" && this.#isNew("blog", blog)) this.#view.blog(blog);
  }

  #isNew(subject, value) {
    if (!newer(this.#revisions.get(subject), value)) return false;
    this.#revisions.set(subject, value.revision);
    return true;
  }

  #putEntry(item) {
    if (item.state === "retracted") return this.#retract(item);
    if (!this.#isNew(`entry:${item.id}`, item)) return;
    if (item.pinned) this.#showPinned(item);
    else if (this.#pinnedId === item.id) this.#showPinned(null);
    const article = element(item.fragment);
    article.dataset.at = orderKey(item.published_at, item.id);
    this.#strip.put(item, article);
    const shown = this.#article(item.id);
    if (shown) this.#swap(shown, article);
    else if (this.#held.has(item.id) || this.#belongs(article)) this.#held.set(item.id, article);
  }

  #retract(item) {
    if (!this.#isNew(`entry:${item.id}`, item)) return;
    if (this.#pinnedId === item.id) this.#showPinned(null);
    this.#held.delete(item.id);
    this.#strip.drop(item.id);
    const shown = this.#article(item.id);
    if (!shown) return;
    const tombstone = element(item.fragment);
    tombstone.dataset.at = shown.dataset.at ?? "";
    this.#exchange(shown, tombstone);
  }

  #putDay(item) {
    const shown = this.#day.firstElementChild?.dataset.date ?? "";
    if (item.id < shown || !this.#isNew(`day:${item.id}`, item)) return;
    this.#day.replaceChildren(element(item.fragment));
  }

  get #pinnedId() {
    return this.#pinned.querySelector("article")?.dataset.entry;
  }

  /** The pinned entry is a copy: the original keeps its place and its id. */
  #showPinned(item) {
    const article = item && element(item.fragment);
    article?.removeAttribute("id");
    const shown = this.#pinned.querySelector("article");
    if (shown && article) succeed(shown, article);
    else if (article) this.#pinned.append(article);
    else shown?.remove();
    this.#pinned.hidden = !article;
    const link = this.#pinned.querySelector("a[data-to]");
    if (article && link) link.dataset.to = item.id;
    if (article && link) link.href = article.querySelector("a[rel=bookmark]").href;
  }

  #article(id) {
    return this.#list.querySelector(`#entry-${CSS.escape(id)}`);
  }

  /** Below the last entry of the page another page begins; what sorts there stands there. */
  #belongs(article) {
    if (this.#whole) return true;
    const shown = [...this.#list.querySelectorAll("article:not(.tombstone)")];
    const oldest = shown.at(this.#newestFirst ? -1 : 0);
    return !oldest || article.dataset.at > oldest.dataset.at;
  }

  #swap(shown, article) {
    const { at } = article.dataset;
    article.classList.add("is-changed");
    if ((shown.dataset.at || at) === at) return this.#exchange(shown, article);
    shown.closest("li").remove();
    this.#insert(article, "is-changed");
  }

  /** Replaces without losing the keyboard's place. */
  #exchange(shown, article) {
    const focused = shown.contains(document.activeElement);
    succeed(shown, article);
    if (!focused || article.contains(document.activeElement)) return;
    article.tabIndex = -1;
    article.focus({ preventScroll: true });
  }

  #insert(article, mark) {
    const item = document.createElement("li");
    article.classList.add(mark);
    item.append(article);
    const { at } = article.dataset;
    const after = [...this.#list.children].find((row) => {
      const its = row.querySelector("article")?.dataset.at;
      return its && (this.#newestFirst ? its < at : its > at);
    });
    this.#list.insertBefore(item, after ?? null);
  }

  #tidy() {
    separate(this.#list);
    this.#retarget();
  }

  /** Links to entries lead to where they stand in this page, if they stand in it. */
  #retarget() {
    for (const link of document.querySelectorAll("a[data-to]")) {
      if (this.#article(link.dataset.to)) link.href = `#entry-${link.dataset.to}`;
    }
  }

  /** Does `change` and scrolls by as much as it moved what is being watched, or else read: the
      part that a third of the screen down belongs to, as above it the end of another may still
      stand. */
  #keepingPlace(change) {
    const parts = [...document.querySelectorAll("#day > *, #pinned, #feed > li")];
    const read = parts.find((part) => {
      const { bottom, height } = part.getBoundingClientRect();
      return height && bottom > innerHeight / 3 && getComputedStyle(part).position !== "sticky";
    });
    const film = watched();
    const { top, bottom } = film?.getBoundingClientRect() ?? {};
    const own = bottom > 0 && top < innerHeight && film.closest("#pinned, #feed > li");
    const anchor = own || (scrollY > 0 ? read : null);
    const id = anchor?.querySelector("article")?.dataset.entry;
    const before = anchor?.getBoundingClientRect().top;
    change();
    const now = anchor?.isConnected ? anchor : id && this.#article(id);
    if (now) scrollBy({ top: now.getBoundingClientRect().top - before, behavior: "instant" });
  }
}

/** Puts an article into the place of another. A film that stays in the new wording stays itself,
    so that it goes on playing; frames of other sites are for `players.js` to move. */
function succeed(shown, article) {
  const address = (film) => (film.querySelector("source") ?? film).getAttribute("src");
  const coming = [...article.querySelectorAll("video, audio")];
  for (const film of shown.querySelectorAll("video, audio")) {
    coming.find((one) => address(one) === address(film))?.replaceWith(film);
  }
  shown.before(article);
  shown.dispatchEvent(new Event("succeed", { bubbles: true }));
  shown.remove();
}

/** What plays, or the frame of which `players.js` says that it is watched. */
function watched() {
  const films = [...document.querySelectorAll("video, audio, .is-watched")];
  return films.find(({ paused }) => !paused);
}

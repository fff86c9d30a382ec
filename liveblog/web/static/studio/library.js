/* The media library: what was uploaded, found by its name and words, used again, or deleted
   where nothing uses it. The composer is told of `liveblog:use-media` (the medium). */

import { html, nothing, repeat } from "../vendor/lit.js";
import { told } from "./api.js";
import { ask } from "./ask.js";
import { Part, compose } from "./part.js";
import { deleteMedium, readLibrary, readMedium } from "./server.js";
import { fitting } from "./sizes.js";

const PAGE = 40;
const PAUSE_MS = 250;
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

const size = (bytes) =>
  bytes < 1e6 ? `${NUMBER.format(bytes / 1e3)} kB` : `${NUMBER.format(bytes / 1e6)} MB`;

class Library extends Part {
  static properties = {
    media: { state: true },
    next: { state: true },
    said: { state: true },
    reading: { state: true },
  };

  #q = "";
  #due = 0;
  #turn = 0;

  connectedCallback() {
    super.connectedCallback();
    this.media = [];
    this.next = null;
    this.said = "";
    this.#read();
    this.slash("input[type=search]");
    this.hear(this.desk.live, "again", () => this.#read());
    this.hear(this.desk.live, "media", ({ detail }) => this.#changed(detail));
  }

  async #read(before = null) {
    const turn = (this.#turn += 1);
    const asked = new URLSearchParams({ limit: PAGE });
    if (this.#q) asked.set("q", this.#q);
    if (before) asked.set("before", before);
    this.reading = true;
    try {
      const { body } = await readLibrary(this.desk, asked);
      if (turn !== this.#turn) return;
      this.media = before ? [...this.media, ...body.media] : body.media;
      this.next = body.next;
      this.said = "";
    } catch (error) {
      if (turn === this.#turn) this.said = told(error);
    }
    if (turn === this.#turn) this.reading = false;
  }

  /** A picture came, is ready, could not be read, or is gone. */
  async #changed({ id, state }) {
    if (state === "deleted") return this.#gone(id);
    if (!this.media.some((one) => one.id === id)) return this.#q ? undefined : this.#read();
    try {
      const { body } = await readMedium(this.desk, id);
      this.media = this.media.map((one) => (one.id === id ? body : one));
    } catch (error) {
      if (error.status === 404) this.#gone(id);
    }
  }

  #gone(id) {
    this.media = this.media.filter((one) => one.id !== id);
  }

  #search({ target }) {
    this.#q = target.value.trim();
    clearTimeout(this.#due);
    this.#due = this.later(PAUSE_MS, () => this.#read());
  }

  async #delete({ id, name }) {
    const sure = await ask({
      title: "Delete this picture?",
      text: `${name} is deleted for good.`,
      yes: "Delete",
      danger: true,
    });
    if (sure === null) return;
    try {
      await deleteMedium(this.desk, id);
      this.#gone(id);
      this.desk.say("Deleted.");
      this.focusOn("input[type=search]");
    } catch (error) {
      this.said = `Not deleted. ${told(error)}`;
      if (error.status === 409) this.#changed({ id });
    }
  }

  render() {
    const { own, media } = this;
    const none = this.#q ? "Nothing is called so." : "Nothing yet. Pictures come here when they are put into an entry.";
    return html`<section class="library" aria-labelledby="${own}-title" aria-busy=${this.reading ? "true" : "false"}>
      <h2 id="${own}-title" tabindex="-1">Media</h2>
      <search><label class="visually-hidden" for="${own}-q">Search media</label>
        <input id="${own}-q" type="search" placeholder="Search media" aria-keyshortcuts="/" dir="auto" maxlength="200" @input=${this.#search} />
      </search>
      <p class="said" role="status">${this.said || (media.length || this.reading ? "" : none)}</p>
      <ul role="list" class="shelf">
        ${repeat(media, ({ id }) => id, (medium) => this.#medium(medium))}
      </ul>
      ${this.next ? html`<button type="button" class="more" @click=${() => this.#read(this.next)}>Show older ones</button>` : nothing}
    </section>`;
  }

  #medium(medium) {
    const { name, url, width, height, bytes, state, reason, uses, proposed } = medium;
    const ready = state === "ready";
    return html`<li class="shelf-item is-${state}" data-medium=${medium.id}>
      <div class="thumb">${ready ? html`<img src=${fitting(medium, 300)} alt="" loading="lazy" />` : html`<span>${state === "failed" ? "Cannot be used" : "Being prepared …"}</span>`}</div>
      <h3 dir="auto">${name ?? url}</h3>
      ${proposed?.caption ? html`<p class="hint" dir="auto">${proposed.caption}</p>` : nothing}
      <p class="hint">${width} × ${height}, ${size(bytes)}, ${uses ? `used ${uses === 1 ? "once" : `${uses} times`}` : "not used"}</p>
      ${reason ? html`<p class="fault">${reason}</p>` : nothing}
      <span class="row-actions">
        ${state === "failed" ? nothing : html`<button type="button" aria-label="Use in an entry: ${name}" @click=${() => compose("liveblog:use-media", medium)}>Use in an entry</button>`}
        ${uses ? nothing : html`<button type="button" class="quiet" aria-label="Delete: ${name}" @click=${() => this.#delete(medium)}>Delete</button>`}
      </span>
    </li>`;
  }
}

customElements.define("lb-library", Library);

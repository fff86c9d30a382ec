/* Where one can go on the desk, with how much waits there. Submissions that nobody looked at in
   this browser are counted apart. */

import { html, nothing } from "../vendor/lit.js";
import { query, unread } from "./lists.js";
import { Part } from "./part.js";
import { see, seen } from "./seen.js";
import { readDesk, readEntries } from "./server.js";

const PLACES = [
  ["", "Desk", null],
  ["submitted", "Submitted", "submitted"],
  ["scheduled", "Scheduled", "scheduled"],
  ["drafts", "Drafts", "draft"],
  ["retracted", "Retracted", null],
  ["media", "Media", null],
  ["page", "Page", null],
  ["people", "People", null],
];
const FOR = { page: ["editor", "chief"], people: ["chief"] };
const MOST = 100;
const TOGETHER_MS = 200;

class Rail extends Part {
  static properties = {
    place: {},
    counts: { state: true },
    fresh: { state: true },
  };

  #due = 0;

  connectedCallback() {
    super.connectedCallback();
    this.counts = {};
    this.fresh = 0;
    const { live } = this.desk;
    this.hear(live, "counts", ({ detail }) => (this.counts = detail));
    this.hear(live, "again", () => this.#read());
    this.hear(live, "touched", () => this.#soon());
    this.#read();
  }

  updated(changes) {
    if (!changes.has("place")) return;
    if (this.place === "submitted") this.#submitted();
    this.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
  }

  /** The focus goes along: to the heading of the place, and to where one writes (on a phone that
      would raise its keyboard). */
  async #go(place) {
    if (place === this.place) return;
    await new Promise((done) => addEventListener("hashchange", () => setTimeout(done), { once: true }));
    if (place !== "") document.querySelector("#main h2[tabindex]")?.focus();
    else if (matchMedia("(pointer: fine)").matches) document.querySelector("lb-composer").write();
  }

  #soon() {
    clearTimeout(this.#due);
    this.#due = this.later(TOGETHER_MS, () => this.#submitted());
  }

  /** A counter that cannot be read is left as it was; the wire says that it is gone. */
  async #read() {
    try {
      this.counts = (await readDesk(this.desk)).body.counts;
      await this.#submitted();
    } catch {
      return;
    }
  }

  async #submitted() {
    try {
      const asked = query({ state: "submitted" }, { limit: MOST });
      const { entries } = (await readEntries(this.desk, asked)).body;
      if (this.place === "submitted") see(this.desk.slug, entries);
      this.fresh = unread(entries, seen(this.desk.slug));
    } catch {
      return;
    }
  }

  render() {
    const { role } = this.desk;
    const places = PLACES.filter(([place]) => FOR[place]?.includes(role) ?? true);
    return html`<nav class="rail" aria-label="Desk">
      <ul role="list">
        ${places.map(([place, label, state]) => {
          const count = state && this.counts[state];
          const fresh = place === "submitted" ? this.fresh : 0;
          return html`<li>
            <a href="#/${place}" @click=${() => this.#go(place)} aria-current=${this.place === place ? "page" : nothing}>
              <span>${label}</span>
              ${fresh ? html`<span class="count fresh">${fresh}<span class="visually-hidden"> unread</span></span>` : count ? html`<span class="count">${count}</span>` : nothing}
            </a>
          </li>`;
        })}
      </ul>
    </nav>`;
  }
}

customElements.define("lb-rail", Rail);

/* A list of entries that keeps itself current: the timeline, drafts, submissions, scheduled and
   retracted ones. What happens is heard as a hint and read from the server. */

import { html, nothing, repeat } from "../vendor/lit.js";
import { told } from "./api.js";
import "./bulk.js";
import "./entry.js";
import { unsaved } from "./kept.js";
import { drop, empty, hold, narrowed, put, query, read, receipt } from "./lists.js";
import { Part } from "./part.js";
import { readAuthors, readEntries, readEntry } from "./server.js";
import "./search.js";

const TOGETHER_MS = 120;
const MANY = 8;
const PAGE = 30;
const MOST = 100;

class EntryList extends Part {
  static properties = {
    heading: {},
    state: {},
    none: {},
    list: { state: true },
    open: { state: true },
    selecting: { state: true },
    selected: { state: true },
    results: { state: true },
    said: { state: true },
    reading: { state: true },
  };

  #touched = new Set();
  #due = 0;
  #turn = 0;

  connectedCallback() {
    super.connectedCallback();
    const { live } = this.desk;
    this.open = new Map();
    this.leaving = new Set();
    this.selected = new Map();
    this.results = new Map();
    this.authors = new Map();
    this.list = empty({ state: this.state });
    this.hear(live, "touched", ({ detail }) => this.#touch(detail.entry));
    this.hear(live, "receipt", ({ detail }) => (this.list = receipt(this.list, detail)));
    this.hear(live, "again", () => this.#read().then(() => this.#unsaved()));
    this.hear(document, "liveblog:wrote", ({ detail }) => this.#touch(detail.id));
    this.#read().then(() => this.#unsaved());
    this.#readAuthors();
  }

  // Reading --------------------------------------------------------------------------------------

  /** Reads what is shown anew, or one page more below. Only the answer to the latest question
      counts. */
  async #read(before = null) {
    const turn = (this.#turn += 1);
    this.reading = true;
    const shown = Math.min(MOST, Math.max(PAGE, this.list.entries.length));
    const limit = before === null ? shown : PAGE;
    try {
      const { body } = await readEntries(this.desk, query(this.list.filter, { before, limit }));
      if (turn !== this.#turn) return;
      this.list = read(this.list, body, before !== null);
      this.said = "";
    } catch (error) {
      if (turn === this.#turn) this.said = told(error);
    }
    if (turn === this.#turn) this.reading = false;
  }

  /** Everybody who made an entry can be asked for; whoever makes the first one joins them. */
  async #readAuthors() {
    try {
      const { authors } = (await readAuthors(this.desk)).body;
      for (const { id, name } of authors) this.authors.set(id, name);
      this.requestUpdate();
    } catch {
      // Those of the entries that are shown can be asked for.
    }
  }

  #touch(id) {
    this.#touched.add(id);
    clearTimeout(this.#due);
    this.#due = this.later(TOGETHER_MS, () => this.#catchUp());
  }

  /** What was touched, each once, or all anew; a text that is searched for only the server
      finds. */
  async #catchUp() {
    const ids = [...this.#touched];
    this.#touched.clear();
    if (ids.length > MANY) return this.#read();
    const known = ids.filter((id) => this.list.entries.some((entry) => entry.id === id));
    if (this.list.filter.q && known.length < ids.length) await this.#read();
    for (const id of this.list.filter.q ? known : ids) await this.#again(id);
  }

  async #again(id) {
    try {
      this.#put((await readEntry(this.desk, id)).body);
    } catch (error) {
      if (error.status === 404 || error.status === 403) this.list = drop(this.list, id);
    }
  }

  /** Entries with words of ours that were never saved are opened where they can be seen. */
  async #unsaved() {
    for (const id of unsaved(this.desk).filter((one) => !this.open.has(one))) {
      const here = this.list.entries.some((entry) => entry.id === id);
      if (!here && this.state !== TIMELINE) continue;
      this.#openEntry(id, "edit");
      if (!here) await this.#again(id);
    }
  }

  willUpdate() {
    const known = this.list.entries.filter(({ by }) => by.name);
    for (const { by } of known) this.authors.set(by.id, by.name);
    const focused = document.activeElement?.closest("article.row");
    this.at = this.contains(focused) ? this.#rows.indexOf(focused) : -1;
  }

  /** The focus of a row that went is in the one that stands there now. */
  updated() {
    if (this.at === -1 || document.activeElement !== document.body) return;
    (this.#rows[this.at] ?? this.#rows.at(-1) ?? this.querySelector("h2")).focus();
  }

  get #rows() {
    return [...this.querySelectorAll("article.row")];
  }

  // What is open, what is chosen -----------------------------------------------------------------

  #openEntry(id, name) {
    const open = new Map(this.open);
    if (open.get(id) === name || name === null) open.delete(id);
    else open.set(id, name);
    this.open = open;
    this.#hold();
  }

  /** What somebody writes in, or could still take back, stays in the list. */
  #hold() {
    const edited = [...this.open].filter(([, what]) => what === "edit").map(([id]) => id);
    this.list = hold(this.list, [...edited, ...this.leaving]);
  }

  #leave(id, on) {
    if (on) this.leaving.add(id);
    else if (!this.leaving.delete(id)) return;
    this.#hold();
  }

  #put(entry) {
    this.list = put(this.list, entry);
    if (entry.state !== "scheduled") this.#leave(entry.id, false);
  }

  #closed({ detail: { id, entry } }) {
    if (entry) this.list = put(this.list, entry);
    this.#openEntry(id, null);
    this.focusOn(`[data-entry="${CSS.escape(id)}"]`);
  }

  #select({ detail: { id, on } }) {
    const selected = new Map(this.selected);
    if (on) selected.set(id, true);
    else selected.delete(id);
    this.selected = selected;
  }

  #selecting(on) {
    this.selecting = on;
    this.selected = new Map();
    this.results = new Map();
  }

  #bulkDone({ detail }) {
    this.results = detail;
    this.selected = new Map([...this.selected].filter(([id]) => detail.get(id) !== "Done."));
    this.#read();
  }

  #filter({ detail }) {
    const state = detail.state || this.state;
    this.list = { ...empty({ ...detail, state }), held: this.list.held, entries: this.list.entries };
    this.#read();
  }

  /** One key, while nothing is typed: from entry to entry, and what is done with one. */
  #keys(event) {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog, .edit, .conflict")) return;
    const rows = this.#rows;
    const at = rows.indexOf(event.target.closest("article.row"));
    const row = { j: rows[at + 1], k: rows[Math.max(0, at - 1)] }[event.key];
    if (row) row.focus();
    const name = { e: "edit", h: "history", r: "retract" }[event.key];
    const entry = event.target.closest("lb-entry");
    if (name && entry) entry.act(name);
    if (event.key === "x" && this.selecting && entry) {
      const { id } = entry.entry;
      this.#select({ detail: { id, on: !this.selected.has(id) } });
    }
    if (row || (name && entry)) event.preventDefault();
  }

  // How it looks -----------------------------------------------------------------------------------

  render() {
    const { list, own } = this;
    return html`<section class="list" aria-labelledby="${own}-title" aria-busy=${this.reading ? "true" : "false"}
      @keydown=${this.#keys}
      @entry-open=${({ detail }) => this.#openEntry(detail.id, detail.name)}
      @edit-done=${this.#closed} @history-done=${this.#closed}
      @entry-came=${({ detail }) => this.#put(detail)} @entry-leaves=${({ detail }) => this.#leave(detail, true)}
      @entry-went=${({ detail }) => (this.list = drop(this.list, detail))}
      @entry-select=${this.#select}>
      <div class="list-head">
        <h2 id="${own}-title" tabindex="-1">${this.heading}</h2>
        <button type="button" class="quiet" aria-pressed=${Boolean(this.selecting)} @click=${() => this.#selecting(!this.selecting)}>
          Select
        </button>
      </div>
      <lb-search .desk=${this.desk} .authors=${[...this.authors]} .states=${this.state === TIMELINE} @filter=${this.#filter}></lb-search>
      ${this.selecting ? this.#bulk() : nothing}
      <p class="said" role="status">${this.#words()}</p>
      <ol role="list" class="rows">
        ${repeat(list.entries, ({ id }) => id, (entry) => html`<li>${this.#row(entry)}</li>`)}
      </ol>
      ${list.next ? html`<button type="button" class="more" @click=${() => this.#read(list.next)}>Show older ones</button>` : nothing}
    </section>`;
  }

  #words() {
    if (this.said) return this.said;
    if (this.reading && this.list.entries.length === 0) return "Reading …";
    if (this.list.entries.length > 0) return "";
    return narrowed(this.list.filter, this.state) ? "Nothing is found." : this.none;
  }

  #bulk() {
    const chosen = this.list.entries.filter(({ id }) => this.selected.has(id));
    return html`<lb-bulk .desk=${this.desk} .chosen=${chosen}
      @bulk-all=${() => (this.selected = new Map(this.list.entries.map(({ id }) => [id, true])))}
      @bulk-done=${this.#bulkDone}></lb-bulk>`;
  }

  #row(entry) {
    const { id } = entry;
    return html`<lb-entry .desk=${this.desk} .entry=${entry} .open=${this.open.get(id)}
      ?selecting=${this.selecting} ?selected=${this.selected.has(id)} ?leaving=${this.leaving.has(id)} .said=${this.results.get(id) ?? ""}></lb-entry>`;
  }
}

/** What the timeline shows: what readers see, in its place. */
export const TIMELINE = "published,retracted";

customElements.define("lb-list", EntryList);

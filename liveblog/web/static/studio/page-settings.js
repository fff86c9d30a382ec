/* The page as a whole: its own words, status, language and zone; what is pinned; who is on duty;
   the day's roll-up. Told of: `blog-changed` (the blog as it is now). */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { ask } from "./ask.js";
import "./conflict.js";
import "./duty.js";
import { UNSAFE, forget, keep, kept } from "./kept.js";
import { changed } from "./merge.js";
import { Part } from "./part.js";
import "./roll-up.js";
import { changeBlog, changeEntry, readBlog, readEntry, readSnapshot } from "./server.js";
import { called } from "./words.js";

const STATUSES = [
  ["upcoming", "Upcoming", "It has not begun."],
  ["live", "Live", "Readers see that it goes on."],
  ["paused", "Paused", "Readers see that it goes on later."],
  ["closed", "Closed", "It is over: nothing can be published in it."],
];
const DIRECTIONS = [
  ["ltr", "left to right"],
  ["rtl", "right to left"],
  ["auto", "as the text asks"],
];
const VISIBILITIES = [
  ["draft", "draft: who works on it"],
  ["private", "private: who may read it"],
  ["unlisted", "unlisted: who knows the address"],
  ["public", "public: everybody"],
];
const NAMES = ["headline", "standfirst", "title", "status", "lang", "dir", "time_zone", "visibility"];
const LABELS = {
  headline: "Headline",
  standfirst: "Standfirst",
  title: "Title",
  status: "Status",
  lang: "Language",
  dir: "Direction",
  time_zone: "Time zone",
  visibility: "Who may read it",
};

const MEANWHILE = "Somebody changed the page meanwhile. When you save, you see both.";

const valuesOf = (blog) => Object.fromEntries(NAMES.map((name) => [name, blog[name]]));

class PageSettings extends Part {
  static properties = {
    values: { state: true },
    theirs: { state: true },
    pinned: { state: true },
    said: { state: true },
    faults: { state: true },
    busy: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    const before = kept(this.desk, "blog");
    this.said = before ? "These words were not saved yet." : "";
    this.faults = {};
    this.base = before?.base ?? this.desk.blog;
    this.values = before?.values ?? valuesOf(this.base);
    /** Whether the browser has what is written. */
    this.safe = true;
    this.hear(window, "beforeunload", (event) => this.safe || event.preventDefault());
    this.#read();
    this.#readPinned();
    for (const type of ["again", "blog"]) this.hear(this.desk.live, type, () => this.#read());
    this.hear(this.desk.live, "touched", ({ detail }) => {
      if (!this.pinned || detail.entry === this.pinned.id) this.#readPinned();
    });
  }

  /** The blog as it is now, for all of the desk; what was written since `sent` stays. */
  #take(blog, sent = this.values) {
    const since = changed(sent, this.values, NAMES);
    this.base = blog;
    this.values = { ...valuesOf(blog), ...since };
    this.#keep();
    this.tell("blog-changed", blog);
  }

  #keep() {
    const { base, values } = this;
    const written = Object.keys(this.#changes).length > 0;
    this.safe = written ? keep(this.desk, "blog", { base, values }) : true;
    if (!written) forget(this.desk, "blog");
  }

  get #changes() {
    return changed(valuesOf(this.base), this.values, NAMES);
  }

  /** What is being written stays. */
  async #read() {
    try {
      const { body } = await readBlog(this.desk);
      // What comes of a save of ours is on its way.
      if (this.busy) return;
      if (Object.keys(this.#changes).length === 0) this.#take(body);
      else if (body.revision > this.base.revision) this.said = MEANWHILE;
    } catch (error) {
      this.said = told(error);
    }
  }

  async #readPinned() {
    try {
      this.pinned = (await readSnapshot(this.desk)).body.pinned;
    } catch {
      this.pinned = null;
    }
  }

  async #unpin() {
    try {
      const { body } = await readEntry(this.desk, this.pinned.id);
      await changeEntry(this.desk, body.id, { pinned: false }, body.revision);
      this.desk.say("Not pinned any more.");
    } catch (error) {
      this.said = told(error);
    }
    await this.#readPinned();
  }

  async #save(event) {
    event?.preventDefault();
    const { values } = this;
    const changes = this.#changes;
    if (this.busy || Object.keys(changes).length === 0) return;
    if (changes.status === "closed") {
      const sure = await ask({ title: "Close this page?", text: STATUSES[3][2], yes: "Close it" });
      if (sure === null) return;
    }
    this.busy = true;
    this.faults = {};
    try {
      const { body } = await changeBlog(this.desk, changes, this.base.revision);
      this.#take(body, values);
      this.said = "";
      this.desk.say("Saved.");
    } catch (error) {
      if (error.status === 412) {
        this.theirs = error.current;
        this.other = valuesOf(this.theirs);
      } else {
        this.said = `Not saved. ${told(error)}`;
        this.faults = Object.fromEntries((error.errors ?? []).map((one) => [one.path, one.message]));
      }
    }
    this.busy = false;
  }

  #merged({ detail }) {
    this.base = this.theirs;
    this.theirs = undefined;
    this.#put(detail);
    this.#save();
  }

  render() {
    const { own } = this;
    return html`<section class="page-settings" aria-labelledby="${own}-title">
      <h2 id="${own}-title" tabindex="-1">The page</h2>
      ${this.theirs ? this.#both() : this.#form()}
      <section aria-labelledby="${own}-pinned">
        <h3 id="${own}-pinned">Pinned</h3>
        ${
          this.pinned
            ? html`<p><bdi>${called(this.pinned)}</bdi></p><button type="button" @click=${this.#unpin}>Unpin</button>`
            : html`<p class="hint">No entry is pinned. Pin one in the timeline.</p>`
        }
      </section>
      <lb-rollup .desk=${this.desk}></lb-rollup>
      <lb-duty .desk=${this.desk}></lb-duty>
    </section>`;
  }

  #both() {
    return html`<lb-conflict
      .desk=${this.desk}
      .base=${valuesOf(this.base)}
      .mine=${this.values}
      .theirs=${this.other}
      .who=${"Somebody else"}
      .names=${NAMES}
      .kinds=${{ texts: ["standfirst"] }}
      .labels=${LABELS}
      .blog=${this.desk.blog}
      @conflict-merged=${this.#merged}
      @conflict-back=${() => (this.theirs = undefined)}
      @conflict-theirs=${() => {
        this.#take(this.theirs);
        this.theirs = undefined;
      }}
    ></lb-conflict>`;
  }

  #form() {
    const changes = Object.keys(this.#changes).length;
    return html`<form @submit=${this.#save} @keydown=${this.#keys} novalidate>
      ${this.#line("headline", { hint: "The line on top of the page." })}
      ${this.#line("standfirst", { rows: 3 })}
      <fieldset>
        <legend>Status</legend>
        ${STATUSES.map(
          ([value, word, means]) => html`<label class="check">
            <input type="radio" name="${this.own}-status" .checked=${this.values.status === value}
              @change=${() => this.#put({ status: value })} />
            <span><strong>${word}</strong> <small>${means}</small></span>
          </label>`,
        )}
      </fieldset>
      ${this.#line("title", { hint: "What lists call it." })}
      <div class="pair">
        ${this.#line("lang", { hint: "As in en, uk, ar." })} ${this.#choice("dir", DIRECTIONS)}
      </div>
      <div class="pair">
        ${this.#line("time_zone", { list: true, hint: "Of the event, as in Europe/Kyiv." })}
        ${this.desk.role === "chief" ? this.#choice("visibility", VISIBILITIES) : nothing}
      </div>
      <p class="said" role="status">${this.safe ? this.said : UNSAFE}</p>
      <div class="buttons">
        <button class="primary" aria-disabled=${changes === 0 || this.busy ? "true" : nothing}>Save the page</button>
        ${changes ? html`<button type="button" @click=${this.#undo}>Undo</button>` : nothing}
      </div>
    </form>`;
  }

  #put(changes) {
    this.values = { ...this.values, ...changes };
    this.#keep();
  }

  #undo() {
    this.said = "";
    this.#put(valuesOf(this.base));
    this.#read();
  }

  #keys = (event) => {
    const sends = event.key === "Enter" && (event.metaKey || event.ctrlKey);
    if (sends) this.#save(event);
  };

  #line(name, { rows = 1, hint = "", list = false }) {
    const id = `${this.own}-${name}`;
    const fault = this.faults[name];
    const told = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
    const words = ["headline", "standfirst", "title"].includes(name);
    const take = ({ target }) => this.#put({ [name]: target.value });
    const { lang, dir } = this.values;
    return html`<p class="field">
      <label for=${id}>${LABELS[name]}</label>
      ${
        rows > 1
          ? html`<textarea id=${id} name=${name} rows=${rows} maxlength="1000" lang=${lang} dir=${dir} .value=${this.values[name]} @input=${take}></textarea>`
          : html`<input id=${id} name=${name} maxlength="300" lang=${words ? lang : nothing} dir=${words ? dir : "ltr"} autocomplete="off"
              list=${list ? `${id}-list` : nothing} .value=${this.values[name]} @input=${take}
              aria-invalid=${fault ? "true" : nothing} aria-describedby=${told || nothing} />`
      }
      ${list ? html`<datalist id="${id}-list">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone}></option>`)}</datalist>` : nothing}
      ${hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : nothing}
      ${fault ? html`<span class="fault" id="${id}-fault">${fault}</span>` : nothing}
    </p>`;
  }

  #choice(name, options) {
    const id = `${this.own}-${name}`;
    return html`<p class="field">
      <label for=${id}>${LABELS[name]}</label>
      <select id=${id} name=${name} @change=${({ target }) => this.#put({ [name]: target.value })}>
        ${options.map(([value, word]) => html`<option value=${value} ?selected=${this.values[name] === value}>${word}</option>`)}
      </select>
    </p>`;
  }
}

customElements.define("lb-page", PageSettings);

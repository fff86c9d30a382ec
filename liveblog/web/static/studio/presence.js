/* Beside the work: whether the wire holds, who is here and on what, who reads, and what the
   shift before left word of. */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { ask } from "./ask.js";
import { UNSAFE, forget, keep, kept } from "./kept.js";
import { Part } from "./part.js";
import { changeDesk, readDesk, readEntry } from "./server.js";
import { called, moment, readers } from "./words.js";
import { others } from "./working.js";

export const WIRE = {
  live: "Connected",
  deaf: "Connected, but the server does not hear what others do. It is asked every now and then.",
  waiting: "Not connected. What others do is not shown until it is back.",
  ended: "Signed out. What others do is not shown.",
  stopped: "Not connected. Load the page again.",
};

class Presence extends Part {
  static properties = {
    names: { state: true },
    handOver: { state: true },
    writing: { state: true },
    said: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.names = new Map();
    this.words = kept(this.desk, "desk");
    this.writing = this.words !== null;
    this.said = this.writing ? "This note was not saved yet." : "";
    /** Whether the browser has what is written. */
    this.safe = true;
    this.hear(window, "beforeunload", (event) => this.safe || event.preventDefault());
    const { live } = this.desk;
    this.hear(live, "readers", () => this.requestUpdate());
    this.hear(live, "state", () => this.#wire());
    this.hear(live, "refused", () => this.#enter());
    this.hear(live, "presence", () => this.#look());
    this.hear(live, "again", () => this.#read());
    this.hear(live, "desk", () => this.writing || this.#read());
    this.#read();
    this.#look();
  }

  #wire() {
    this.requestUpdate();
    if (this.desk.live.state === "ended") this.#enter();
  }

  /** The wire was not let in: when that is for want of a session, asking anything has somebody
      sign in, in place. */
  async #enter() {
    try {
      await this.desk.api.get("/session");
      if (this.desk.live.state === "ended") this.desk.live.connect();
    } catch {
      // It is shown that there is no wire.
    }
  }

  async #read() {
    try {
      const { body, revision } = await readDesk(this.desk);
      this.handOver = body.hand_over;
      this.revision = revision ?? body.revision;
    } catch (error) {
      this.said = told(error);
    }
  }

  /** What the entries are called that others work on; each is asked for once. */
  async #look() {
    this.requestUpdate();
    for (const { entry } of this.desk.live.people) {
      if (!entry || this.names.has(entry)) continue;
      this.names.set(entry, "an entry");
      try {
        this.names.set(entry, called((await readEntry(this.desk, entry)).body));
        this.requestUpdate();
      } catch {
        // Then it stays "an entry".
      }
    }
  }

  async #leaveWord(event) {
    event.preventDefault();
    if (this.busy) return;
    const { words } = this;
    const text = words.trim();
    this.busy = true;
    try {
      const { body, revision } = await changeDesk(this.desk, { hand_over: text }, this.revision);
      this.handOver = body.hand_over;
      this.revision = revision ?? body.revision;
      this.said = "";
      this.desk.say("The hand-over note is saved.");
      // What was typed meanwhile is another note.
      if (words === this.words) this.#done();
    } catch (error) {
      if (error.status === 412) {
        await this.#read();
        this.said = `${this.handOver?.by?.name ?? "Somebody"} wrote another note meanwhile: it stands above. Save again to put yours in its place.`;
      } else this.said = `Not saved. ${told(error)}`;
    }
    this.busy = false;
  }

  #type(words) {
    this.words = words;
    this.safe = keep(this.desk, "desk", words);
    if (!this.safe) this.said = UNSAFE;
  }

  #cancel = async () => {
    if (this.words !== (this.handOver?.text ?? "")) {
      const sure = await ask({ title: "Throw away your note?", yes: "Throw away", no: "Go on writing", danger: true });
      if (sure === null) return;
    }
    this.said = "";
    this.#done();
  };

  /** Nothing is written any more; the focus is where one writes again. */
  #done() {
    this.writing = false;
    this.words = null;
    this.safe = true;
    forget(this.desk, "desk");
    this.focusOn("section > button");
  }

  render() {
    const { live } = this.desk;
    return html`<div class="presence">
      <p class="wire" data-wire=${live.state} role="status">${WIRE[live.state]}</p>
      ${live.readers === null || live.state !== "live" ? nothing : html`<p class="readers"><strong>${readers(live.readers)}</strong> now</p>`}
      <section aria-labelledby="${this.own}-here">
        <h2 id="${this.own}-here">Who is here</h2>
        ${this.#people()}
      </section>
      <section aria-labelledby="${this.own}-note">
        <h2 id="${this.own}-note">Hand-over note</h2>
        ${this.#note()}
        <p class="said" role="status">${this.said}</p>
      </section>
    </div>`;
  }

  #people() {
    const { live, me } = this.desk;
    if (live.state !== "live") return html`<p class="hint">Not known now.</p>`;
    const found = others(live.people, me.id);
    if (found.length === 0) return html`<p class="hint">Nobody else.</p>`;
    return html`<ul role="list" class="people">
      ${found.map(
        ({ name, entries, idle }) => html`<li class=${idle ? "idle" : ""}>
          <strong>${name}</strong>${idle ? " (away)" : ""}
          ${entries.map((id) => html`<br /><span>working on <bdi>${this.names.get(id) ?? "an entry"}</bdi></span>`)}
        </li>`,
      )}
    </ul>`;
  }

  #note() {
    const { handOver, writing, own } = this;
    const { blog, role } = this.desk;
    const { text, by, at } = handOver ?? {};
    return html`${
      text
        ? html`<p class="text" dir="auto">${text}</p><p class="hint">${by?.name ?? nothing}${at ? html`, ${moment(at, blog.time_zone, Date.now())}` : nothing}</p>`
        : html`<p class="hint">None.</p>`
    }
    ${
      writing
        ? html`<form @submit=${this.#leaveWord} @keydown=${this.#keys}>
            <label for="${own}-text">For whoever comes next</label>
            <textarea id="${own}-text" rows="4" maxlength="2000" dir="auto" .value=${this.words}
              @input=${({ target }) => this.#type(target.value)}></textarea>
            <div class="buttons">
              <button class="primary">Save</button>
              <button type="button" @click=${this.#cancel}>Cancel</button>
            </div>
          </form>`
        : role === "contributor"
          ? nothing
          : html`<button type="button" class="quiet" @click=${this.#write}>${text ? "Change the note" : "Leave a note"}</button>`
    }`;
  }

  #write() {
    this.words = this.handOver?.text ?? "";
    this.writing = true;
    this.focusOn("textarea");
  }

  #keys = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      // Else it would close the question, too.
      event.preventDefault();
      this.#cancel();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.target.form.requestSubmit();
    }
  };
}

customElements.define("lb-presence", Presence);

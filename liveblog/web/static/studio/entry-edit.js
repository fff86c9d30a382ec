/* An entry that is edited in place. Nothing is locked and nothing is overwritten: a save that
   comes too late is answered with the other text, and both are held against each other. */

import { html, nothing } from "../vendor/lit.js";
import { newKey, told } from "./api.js";
import { ask } from "./ask.js";
import "./conflict.js";
import { buttons, gone, marks } from "./edit-parts.js";
import { fields } from "./entry-form.js";
import { UNSAFE, forget, keep, kept } from "./kept.js";
import { changed } from "./merge.js";
import { Part } from "./part.js";
import { changeEntry, createEntry, readEntry, readLastBy, restoreEntry } from "./server.js";
import { Uploads } from "./upload.js";
import { FIELDS, KINDS, LABELS, faultsOf, mediumOf, patchOf, valuesOf, wroteOn } from "./values.js";
import { workingWords } from "./words.js";
import { workingOn } from "./working.js";

class EntryEdit extends Part {
  static properties = {
    entry: { attribute: false },
    values: { state: true },
    mark: { state: true },
    note: { state: true },
    phase: { state: true },
    said: { state: true },
    faults: { state: true },
    theirs: { state: true },
    who: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    const { desk, entry } = this;
    this.subject = `entry:${entry.id}`;
    const before = kept(desk, this.subject);
    this.base = before?.base ?? { revision: entry.revision, values: valuesOf(entry) };
    this.values = before?.values ?? this.base.values;
    this.mark = before?.mark ?? "update";
    this.note = before?.note ?? "";
    this.key = before?.key ?? newKey();
    /** Whether the browser has what is written. */
    this.safe = true;
    this.said = before ? "These words were not saved yet." : "";
    this.faults = {};
    this.uploads = new Uploads(desk);
    desk.live.working(entry.id);
    this.hear(desk.live, "presence", () => this.requestUpdate());
    this.hear(desk.live, "touched", ({ detail }) => this.#touched(detail));
    this.hear(desk.live, "state", () => this.#back());
    this.hear(window, "online", () => this.#back());
    this.hear(window, "beforeunload", (event) => this.safe || event.preventDefault());
    this.#write();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.live.working(null);
    this.uploads.close();
  }

  get #changes() {
    return changed(this.base.values, this.values, FIELDS);
  }

  /** Whether words would be lost; those for readers are words, too. */
  get #written() {
    return Object.keys(this.#changes).length > 0 || (this.#public && this.note.trim() !== "");
  }

  #put = (changes) => {
    this.values = { ...this.values, ...changes };
    this.#keep();
  };

  /** Pictures go to the library at once, one after the other, and into the entry when they are
      there; their words are proposed by what is in the file. */
  #add = async (files) => {
    for (const picture of this.uploads.taken(files)) {
      this.said = "A picture is on its way …";
      const arrived = await this.uploads.send(picture);
      this.said = arrived.failed ? `A picture did not arrive. ${arrived.failed}` : "";
      if (!arrived.failed) this.#put({ media: [...this.values.media, mediumOf(arrived)] });
    }
  };

  #mark = (name, value) => {
    this[name] = value;
    this.#keep();
  };

  #keep() {
    // Other words are another request.
    this.key = newKey();
    const { base, values, mark, note, key } = this;
    if (this.#written) this.safe = keep(this.desk, this.subject, { base, values, mark, note, key });
    else this.#forget();
  }

  #forget() {
    this.safe = true;
    forget(this.desk, this.subject);
  }

  // What the others do meanwhile -----------------------------------------------------------

  async #touched({ entry, revision, state, by }) {
    if (entry !== this.entry.id || revision <= this.base.revision) return;
    if (this.phase === "saving" || by?.id === this.desk.me.id) return;
    this.who = by?.name ?? "Somebody";
    if (state === "retracted") await this.#retracted();
    else if (this.phase === "editing") {
      this.said = `${this.who} changed this entry meanwhile. When you save, you see both texts.`;
    }
  }

  async #retracted() {
    this.theirs = await readEntry(this.desk, this.entry.id).then(({ body }) => body);
    this.phase = "retracted";
  }

  #back() {
    if (this.phase === "offline" && this.desk.live.state === "live") this.#save();
  }

  // Saving -----------------------------------------------------------------------------------

  async #save(event) {
    event?.preventDefault();
    if (this.phase === "saving") return;
    const { desk, entry, values, note } = this;
    if (!this.#written) return this.#close(null);
    this.faults = faultsOf(this.base.values, this.values, this.#public && this);
    if (Object.keys(this.faults).length > 0) return this.focusOn("[aria-invalid=true]");
    this.phase = "saving";
    this.said = "";
    const patch = patchOf(this.#changes);
    if (this.#public) patch.edit = { kind: this.mark, note: this.note.trim() || null };
    try {
      await changeEntry(desk, entry.id, patch, this.base.revision, this.key);
      const { body } = await readEntry(desk, entry.id);
      desk.say("Saved.");
      if (values === this.values && note === this.note) this.#close(body);
      else this.#goOn(body, { values, note });
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** It was written on while `sent` was saved: that is changed in what stands now. */
  #goOn(entry, sent) {
    const stands = valuesOf(entry);
    this.base = { revision: entry.revision, values: stands };
    this.values = wroteOn(stands, sent.values, this.values);
    if (this.note === sent.note) this.note = "";
    this.phase = "editing";
    this.said = "Saved. What you wrote since is not saved yet.";
    this.#keep();
  }

  async #failed(error) {
    const { status } = error;
    if (status === 409 && error.retryAfter !== null) {
      // A picture is being prepared: the same request again.
      this.later(1000 * error.retryAfter, () => {
        this.phase = "editing";
        this.#save();
      });
      return;
    }
    if (status === 412 || status === 409) return this.#moved(error).catch((failed) => this.#failed(failed));
    this.phase = error.name === "offline" ? "offline" : "editing";
    this.said = error.name === "offline"
      ? "No network. Your words are kept in this browser, and saved when it is back."
      : `Not saved. ${told(error)}`;
    this.faults = Object.fromEntries((error.errors ?? []).map((f) => [f.path, f.message]));
  }

  async #moved(error) {
    const { body } = await readEntry(this.desk, this.entry.id);
    this.who ??= await readLastBy(this.desk, this.entry.id);
    this.theirs = body;
    this.other = valuesOf(body);
    if (body.state === "retracted") this.phase = "retracted";
    else if (error.status === 412) this.phase = "conflict";
    else {
      this.phase = "editing";
      this.said = `Not saved. ${told(error)}`;
    }
  }

  /** Both texts came to one: it is saved over theirs, which is what it was made from. */
  #merged({ detail }) {
    this.base = { revision: this.theirs.revision, values: valuesOf(this.theirs) };
    this.values = detail;
    this.phase = "editing";
    this.who = undefined;
    this.#keep();
    this.#save();
  }

  /** What can become of words whose entry was retracted meanwhile. */
  #ways = [
    ["Keep mine as a draft", () => this.#draft()],
    ["Restore the entry with my words", () => this.#restore()],
    ["Throw mine away", () => this.#cancel()],
  ];

  #write() {
    this.phase = "editing";
    this.focusOn("textarea[name=body]");
  }

  async #restore() {
    try {
      await restoreEntry(this.desk, this.entry.id, this.theirs.revision);
      this.theirs = (await readEntry(this.desk, this.entry.id)).body;
      this.base = { revision: this.theirs.revision, values: valuesOf(this.theirs) };
      this.phase = "editing";
      this.#keep();
      this.#save();
    } catch (error) {
      this.said = told(error);
    }
  }

  async #draft() {
    try {
      const { kind, lang, dir } = this.entry;
      const body = patchOf({ ...this.values, kind, lang, dir, pinned: false, state: "draft" });
      await createEntry(this.desk, body, this.key);
      this.desk.say("Your text is a draft now.");
      this.#close(this.theirs);
    } catch (error) {
      this.said = told(error);
    }
  }

  #cancel = async () => {
    if (this.phase === "saving") return;
    if (this.#written) {
      const sure = await ask({
        title: "Throw away what you wrote?",
        text: "The entry stays as it is.",
        yes: "Throw away",
        no: "Go on writing",
        danger: true,
      });
      if (sure === null) return;
    }
    this.#close(null);
  };

  #close(entry) {
    this.#forget();
    this.tell("edit-done", { id: this.entry.id, entry });
  }

  get #public() {
    return this.entry.state === "published";
  }

  #keys = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      this.#cancel();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      if (this.phase === "editing" || this.phase === "offline") this.#save();
    }
  };

  // How it looks ------------------------------------------------------------------------------

  render() {
    if (this.phase === "conflict") return this.#both();
    const { desk, entry, values, faults } = this;
    const working = workingOn(desk.live.people, desk.me.id, entry.id);
    return html`<form class="edit" aria-label="Edit this entry" novalidate @submit=${this.#save} @keydown=${this.#keys}>
      ${working.length ? html`<p class="working">${workingWords(working)}</p>` : nothing}
      <p class="said" role="status">${this.safe ? this.said : UNSAFE}</p>
      ${this.phase === "retracted" ? gone(this, this.#ways) : nothing}
      ${fields(values, { own: this.own, put: this.#put, add: this.#add, desk, entry, faults })}
      ${this.#public ? marks(this, this.#mark) : nothing}
      ${this.phase === "retracted" ? nothing : buttons(this.phase, this.#cancel)}
    </form>`;
  }

  #both() {
    return html`<lb-conflict .desk=${this.desk} .blog=${this.desk.blog} .who=${this.who}
      .base=${this.base.values} .mine=${this.values} .theirs=${this.other}
      .names=${FIELDS} .kinds=${KINDS} .labels=${LABELS}
      @conflict-merged=${this.#merged} @conflict-back=${this.#write}
      @conflict-theirs=${() => this.#close(this.theirs)}></lb-conflict>`;
  }
}

customElements.define("lb-edit", EntryEdit);

/* One entry in a list: as readers see it, with its state, its receipt, who is working on it,
   and what can be done. */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { asRead } from "./as-read.js";
import { ask } from "./ask.js";
import { DOING, DONE, PATCHES, actionsOf } from "./doing.js";
import "./entry-edit.js";
import "./history.js";
import { momentOf } from "./lists.js";
import { Part, compose } from "./part.js";
import "./schedule.js";
import { changeEntry, readEntry, restoreEntry, retractEntry } from "./server.js";
import { STATES, called, moment, receiptWords, until, untilNext, workingWords } from "./words.js";
import { workingOn } from "./working.js";

class EntryRow extends Part {
  static properties = {
    entry: { attribute: false },
    open: { attribute: false },
    selecting: { type: Boolean },
    selected: { type: Boolean },
    leaving: { type: Boolean },
    said: { attribute: false },
    busy: { state: true },
    timing: { state: true },
    long: { state: true },
    whole: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.hear(this.desk.live, "presence", () => this.requestUpdate());
    this.hear(this.desk.live, "state", () => this.requestUpdate());
  }

  updated(changes) {
    const shown = this.querySelector(".as-read.clamped");
    if (shown) this.long = shown.scrollHeight > shown.clientHeight + 4;
    if (changes.has("entry") || !this.ticking) this.#tick();
  }

  /** The countdown of a scheduled entry goes on by itself. */
  #tick() {
    const { state, publish_at: at } = this.entry;
    clearTimeout(this.ticking);
    const next = state === "scheduled" && at ? untilNext(at, Date.now()) : Infinity;
    if (next === Infinity) return;
    this.ticking = this.later(next, () => {
      this.requestUpdate();
      this.#tick();
    });
  }

  // Doing --------------------------------------------------------------------------------------

  async act(name) {
    if (this.busy || !actionsOf(this.entry, this.desk.role).includes(name)) return;
    if (name === "edit" || name === "history") return this.tell("entry-open", { id: this.entry.id, name });
    if (name === "reschedule") return (this.timing = true);
    if (name === "continue") return compose("liveblog:compose", this.entry);
    this.busy = true;
    try {
      const done = await this.#do(name);
      if (done) this.#done(name, done.body);
    } catch (error) {
      this.said = error.status === 412 ? MEANWHILE : told(error);
    } finally {
      this.busy = false;
      this.#read();
    }
  }

  async #reschedule({ detail }) {
    this.timing = false;
    const { id, revision } = this.entry;
    try {
      await changeEntry(this.desk, id, detail, revision);
      this.desk.say("It has another time.");
    } catch (error) {
      this.said = error.status === 412 ? MEANWHILE : told(error);
    }
    await this.#read();
    this.focusOn("article");
  }

  async #do(name) {
    const { desk, entry } = this;
    const { id, revision } = entry;
    this.said = "";
    if (name in PATCHES) return changeEntry(desk, id, PATCHES[name], revision);
    if (name === "restore") return restoreEntry(desk, id, revision);
    if (name === "discard") return retractEntry(desk, id, "", revision);
    const note = await ask({
      title: "Retract this entry?",
      text: called(entry),
      yes: "Retract",
      danger: true,
      field: { label: "Reason", hint: "Readers see it in place of the entry. May be empty.", value: this.reason },
    });
    // Until it is done, it need not be written again.
    this.reason = note ?? this.reason;
    return note === null ? null : retractEntry(desk, id, note, revision);
  }

  /** What a person publishes waits for some seconds in which it can be taken back: it stays
      where it can be seen until it is out. */
  #done(name, entry) {
    const waits = name === "publish" && entry.state === "scheduled";
    if (waits) this.tell("entry-leaves", entry.id);
    this.reason = "";
    this.desk.say(waits ? "It goes out in some seconds. It can be taken back until then." : DONE[name]);
  }

  async #read() {
    try {
      this.tell("entry-came", (await readEntry(this.desk, this.entry.id)).body);
    } catch (error) {
      if (error.status === 404 || error.status === 403) this.tell("entry-went", this.entry.id);
    }
  }

  // How it looks ---------------------------------------------------------------------------------

  render() {
    const { entry, desk, open, own } = this;
    const marks = ["key", "breaking", "pinned"].filter((name) => entry[name]).map((name) => `is-${name}`);
    if (this.long) marks.push("long");
    return html`<article class="row is-${entry.state} ${marks.join(" ")}" tabindex="-1" data-entry=${entry.id} aria-labelledby="${own}-name">
      <header class="row-head">
        ${this.selecting ? this.#box() : nothing}
        <span id="${own}-name" hidden>${called(entry)}</span>
        ${this.#time()} ${this.#chips()}
        ${entry.by?.name ? html`<bdi class="row-by">${entry.by.name}</bdi>` : nothing}
        ${this.#working()}
      </header>
      ${open === "edit" ? html`<lb-edit .desk=${desk} .entry=${entry}></lb-edit>` : this.#content()}
      ${this.timing ? this.#clock() : nothing}
      ${open === "history" ? html`<lb-history .desk=${desk} .entry=${entry}></lb-history>` : nothing}
      ${open === "edit" ? nothing : this.#foot()}
      <p class="said" role="status">${this.said ?? ""}</p>
    </article>`;
  }

  #clock() {
    const { publish_at: at, embargo } = this.entry;
    return html`<lb-schedule .zone=${this.desk.blog.time_zone} .at=${at} .embargo=${embargo}
      @schedule=${this.#reschedule}
      @cancel=${() => {
        this.timing = false;
        this.focusOn("article");
      }}
    ></lb-schedule>`;
  }

  #box() {
    return html`<input
      type="checkbox"
      aria-labelledby="${this.own}-name"
      .checked=${this.selected}
      @change=${({ target }) => this.tell("entry-select", { id: this.entry.id, on: target.checked })}
    />`;
  }

  #time() {
    const at = momentOf(this.entry);
    if (!at) return nothing;
    return html`<time datetime=${at}>${moment(at, this.desk.blog.time_zone, Date.now())}</time>`;
  }

  #chips() {
    const { state, key, pinned, breaking, embargo, publish_at: at, edit } = this.entry;
    const chip = (on, word, name = "") => (on ? html`<span class="chip ${name}">${word}</span>` : nothing);
    return html`${chip(state !== "published", STATES[state], `state-${state}`)}
    ${state === "scheduled" && at ? html`<span class="chip" data-countdown>${until(at, Date.now())}</span>` : nothing}
    ${chip(embargo, "Embargo", "state-embargo")} ${chip(breaking, "Breaking", "breaking")}
    ${chip(key, "Key", "key")} ${chip(pinned, "Pinned")} ${chip(edit?.kind === "correction", "Corrected")}`;
  }

  #working() {
    const { live, me } = this.desk;
    const words = workingWords(workingOn(live.people, me.id, this.entry.id));
    return words && this.open !== "edit" ? html`<span class="working">${words}</span>` : nothing;
  }

  #content() {
    const { entry, desk } = this;
    if (entry.state !== "retracted") {
      return html`${asRead(entry, { blog: desk.blog, now: Date.now(), clamped: !this.whole })}
      ${this.long ? this.#more() : nothing}`;
    }
    return html`<p class="tombstone">
        ${entry.note ? html`Readers see: this entry was removed. ${entry.note}` : "Readers see: this entry was removed."}
      </p>
      <details><summary>What it said</summary>${asRead(entry, { blog: desk.blog, now: Date.now() })}</details>`;
  }

  /** A long story does not fill the timeline. */
  #more() {
    return html`<button
      type="button"
      class="quiet"
      aria-expanded=${this.whole ? "true" : "false"}
      @click=${() => (this.whole = !this.whole)}
    >
      ${this.whole ? "Show less" : "Show all"}
    </button>`;
  }

  #foot() {
    const { entry, desk } = this;
    const receipt = entry.state === "published" ? receiptWords(entry.receipt) : "";
    return html`<footer class="row-foot">
      ${receipt ? html`<span class="receipt">${receipt}</span>` : nothing}
      <span class="row-actions">
        ${actionsOf(entry, desk.role).map(
          (name) => html`<button
            type="button"
            class="quiet"
            data-do=${name}
            aria-describedby="${this.own}-name"
            aria-expanded=${name === "history" ? String(this.open === "history") : nothing}
            aria-disabled=${this.busy ? "true" : nothing}
            @click=${() => this.act(name)}
          >
            ${this.leaving && name === "back" ? "Take it back" : DOING[name]}
          </button>`,
        )}
      </span>
    </footer>`;
  }
}

const MEANWHILE = "Somebody changed it meanwhile. It is shown as it is now; say it again if it still holds.";

customElements.define("lb-entry", EntryRow);

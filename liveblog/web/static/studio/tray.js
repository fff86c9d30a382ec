/* What left the composer: what is still on its way, what waits for a word, and for a few seconds
   what arrived, which can be undone until it comes out. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { nameOf } from "./content.js";
import { said } from "./zone.js";

const SHOWN_MS = 8000;
const TICK_MS = 200;

/** Tells `undone` (the entry, a draft again). */
class Tray extends LitElement {
  static properties = {
    desk: { attribute: false },
    drafts: { attribute: false },
    arrived: { state: true },
  };

  #timer = 0;
  #again = () => this.requestUpdate();
  #done = ({ detail }) => this.#arrive(detail);
  /** The scheduler says that one is out; until then nothing says so. */
  #touched = ({ detail: { entry, state } }) => {
    if (state !== "published") return;
    this.arrived = this.arrived.map((one) => (one.entry.id === entry ? { ...one, waits: false, due: 0 } : one));
  };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.arrived = [];
    this.drafts.addEventListener("change", this.#again);
    this.drafts.addEventListener("done", this.#done);
    this.desk.network.addEventListener("change", this.#again);
    this.desk.live.addEventListener("touched", this.#touched);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.drafts.removeEventListener("change", this.#again);
    this.drafts.removeEventListener("done", this.#done);
    this.desk.network.removeEventListener("change", this.#again);
    this.desk.live.removeEventListener("touched", this.#touched);
  }

  /** The server's times are compared with each other, never with this machine's clock. */
  #arrive({ entry, want }) {
    const waits = want.state === "published" && entry.state === "scheduled";
    const left = waits ? Math.max(0, Date.parse(entry.publish_at) - Date.parse(entry.updated_at ?? entry.created_at)) : 0;
    const now = performance.now();
    const one = { entry, want, name: nameOf({ headline: entry.headline, body: entry.text, ...entry }), waits, due: waits ? now + left : 0, gone: now + left + SHOWN_MS, fault: "" };
    this.arrived = [...this.arrived, one];
    this.desk.say(waits ? `${one.name}: comes out in ${Math.ceil(left / 1000)} seconds. Escape takes it back.` : sentence(one, this.desk.blog));
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick() {
    const now = performance.now();
    this.arrived = this.arrived.filter((one) => one.gone > now || one.fault);
    if (this.arrived.length === 0) clearInterval(this.#timer);
  }

  /** Takes back what was sent last and has not come out. */
  undo() {
    const now = performance.now();
    const last = this.arrived.findLast((one) => one.due > now);
    if (last) this.#undo(last);
  }

  async #undo(one) {
    const { api, slug } = this.desk;
    const path = `/blogs/${slug}/entries/${one.entry.id}`;
    try {
      const { body } = await api.patch(path, { state: "draft", publish_at: null }, { revision: one.entry.revision });
      this.#undone(one, body);
    } catch (error) {
      // It was taken back before, and the answer was lost.
      if (error.current?.state === "draft") return this.#undone(one, error.current);
      const out = error.status === 412 || error.status === 409;
      const fault = out ? "It has come out already. You can retract it below." : told(error);
      // What may pass can be tried again as long as there is time.
      this.#change(one, { fault, due: error.passing ? one.due : 0 });
    }
  }

  #undone(one, entry) {
    if (!this.arrived.some((other) => other.entry === one.entry)) return;
    this.#drop(one);
    this.desk.say("Taken back. It is in the composer again.");
    document.dispatchEvent(new CustomEvent("liveblog:wrote", { detail: entry }));
    this.dispatchEvent(new CustomEvent("undone", { detail: entry }));
  }

  #change(one, changes) {
    this.arrived = this.arrived.map((other) => (other.entry === one.entry ? { ...other, ...changes } : other));
  }

  #drop(one) {
    this.arrived = this.arrived.filter((other) => other.entry !== one.entry);
  }

  render() {
    const going = [...this.drafts.outgoing.values()].filter(({ quiet }) => !quiet);
    return html`<ul class="tray" role="list" aria-label="Sent">
      ${going.map((draft) => this.#going(draft))} ${this.arrived.map((one) => this.#arrived(one))}
    </ul>`;
  }

  #going(draft) {
    const name = html`<bdi>${nameOf(draft.content)}</bdi>`;
    const back = html`<button type="button" @click=${() => this.drafts.recall(draft.id)}>Back into the composer</button>`;
    if (draft.stale) {
      return html`<li class="waits"><span>${name} was not sent before the window closed.</span>
        <button type="button" class="primary" @click=${() => this.drafts.resume(draft.id)}>Send it now</button>${back}</li>`;
    }
    if (draft.trouble) return html`<li class="waits"><span><span class="fault">Not sent:</span> ${name}. ${draft.trouble}</span>${back}</li>`;
    const waiting = this.desk.network.up ? "On its way" : "Waits for the connection";
    return html`<li><span>${waiting}: ${name}</span>${draft.op ? nothing : back}</li>`;
  }

  #arrived(one) {
    const left = Math.ceil((one.due - performance.now()) / 1000);
    if (left > 0) {
      return html`<li class="undo"><span><bdi>${one.name}</bdi> comes out in <span class="seconds">${left}</span> s
          ${one.fault ? html`<span class="fault" role="alert">${one.fault}</span>` : nothing}</span>
        <button type="button" title="Escape, while nothing is written" @click=${() => this.#undo(one)}>Undo</button></li>`;
    }
    return html`<li><span>${one.fault ? html`<span class="fault" role="alert">${one.fault}</span>` : sentence(one, this.desk.blog)}</span>
      <button type="button" class="quiet" @click=${() => this.#drop(one)}>Close</button></li>`;
  }
}

/** What became of it. */
function sentence({ entry, want, name, waits }, { time_zone }) {
  if (waits) return `Comes out now: ${name}`;
  if (want.state === "published") return `Published: ${name}`;
  if (want.state === "submitted") return `Submitted: ${name}`;
  if (want.state === "draft") return `Saved among the drafts: ${name}`;
  const when = said(Date.parse(entry.publish_at), time_zone);
  return want.embargo ? `Under embargo until ${when}: ${name}` : `Scheduled for ${when}: ${name}`;
}

customElements.define("lb-tray", Tray);

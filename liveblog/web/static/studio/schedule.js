/* When an entry is to come out: date and time on the clocks of the blog, and whether nothing of it
   may be known before. */

import { LitElement, html } from "../vendor/lit.js";
import { clocks, momentOf, said, soon, until } from "./zone.js";

/** Tells `schedule` (`{publish_at, embargo}`) and `cancel`. */
class Schedule extends LitElement {
  static properties = {
    zone: {},
    date: { state: true },
    time: { state: true },
    embargo: { attribute: false },
    /** The moment to begin with, where there is one. */
    at: { attribute: false },
    fault: { state: true },
  };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    const { at, zone } = this;
    const { date, time } = at ? clocks(Date.parse(at), zone) : soon(Date.now(), zone);
    this.date = date;
    this.time = time;
    this.embargo ??= false;
  }

  firstUpdated() {
    this.querySelector("input").focus();
  }

  #set(name, value) {
    this[name] = value;
    this.fault = false;
  }

  get #moment() {
    return this.date && this.time ? momentOf(this.date, this.time, this.zone) : null;
  }

  get #told() {
    const at = this.#moment;
    if (at === null) return "There is no such time on that day.";
    return at <= Date.now() ? "That is over already." : `${said(at, this.zone)}, ${until(at, Date.now())}.`;
  }

  /** Takes what the fields say. */
  done() {
    const at = this.#moment;
    if (at === null || at <= Date.now()) {
      this.fault = true;
      this.querySelector("input").focus();
      return;
    }
    const detail = { publish_at: new Date(at).toISOString(), embargo: this.embargo };
    this.dispatchEvent(new CustomEvent("schedule", { detail }));
  }

  #key(event) {
    const sends = event.metaKey || event.ctrlKey;
    if (event.key === "Enter" && (sends || event.target.localName === "input")) {
      event.preventDefault();
      // Here nothing is published at once.
      event.stopPropagation();
      this.done();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.dispatchEvent(new Event("cancel"));
    }
  }

  render() {
    const city = this.zone.split("/").at(-1).replaceAll("_", " ");
    return html`<fieldset class="schedule" @keydown=${this.#key}>
      <legend>Publish later, on the clocks of ${city}</legend>
      <div class="pair">
        <p class="field">
          <label for="schedule-date">Date</label>
          <input id="schedule-date" type="date" required .value=${this.date}
            aria-describedby="schedule-told" @input=${({ target }) => this.#set("date", target.value)} />
        </p>
        <p class="field">
          <label for="schedule-time">Time</label>
          <input id="schedule-time" type="time" required .value=${this.time}
            aria-describedby="schedule-told" @input=${({ target }) => this.#set("time", target.value)} />
        </p>
      </div>
      <p class=${this.fault ? "fault" : "hint"} id="schedule-told" role="status">${this.#told}</p>
      <p><label class="check"><input type="checkbox" .checked=${this.embargo}
        @change=${({ target }) => (this.embargo = target.checked)} />
        Embargo: nothing of it is known before, and nobody can publish it earlier</label></p>
      <p class="buttons">
        <button type="button" class="primary" @click=${this.done}>${this.embargo ? "Set the embargo" : "Schedule"}</button>
        <button type="button" @click=${() => this.dispatchEvent(new Event("cancel"))}>Cancel</button>
      </p>
    </fieldset>`;
  }
}

customElements.define("lb-schedule", Schedule);

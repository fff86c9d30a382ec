/* A few names in a row (bylines, tags), each with a button that takes it out, and a field with
   suggestions that adds one. */

import { LitElement, html } from "../vendor/lit.js";
import { Suggest } from "./suggest.js";

/** Tells `values`. */
class Chips extends LitElement {
  static properties = {
    values: { attribute: false },
    /** What a value is called. */
    name: { attribute: false },
    /** What is suggested for a text: options of suggest.js. */
    suggest: { attribute: false },
    label: {},
    /** What one of them is called: "byline". */
    one: {},
    most: { type: Number },
  };

  #menu = new Suggest(this, "", (option) => this.#add(option.value));
  #ears = new AbortController();
  #pressed = false;
  #leaving = false;

  constructor() {
    super();
    this.name = (value) => value;
    this.most = 20;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#menu = new Suggest(this, this.one, (option) => this.#add(option.value));
    this.#ears = new AbortController();
    const hears = { capture: true, signal: this.#ears.signal };
    document.addEventListener("pointerdown", () => (this.#pressed = true), hears);
    for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, () => this.#released(), hears);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#ears.abort();
  }

  createRenderRoot() {
    return this;
  }

  #tell(values) {
    this.dispatchEvent(new CustomEvent("values", { detail: values }));
  }

  #add(value) {
    this.querySelector("input").value = "";
    const known = this.values.some((one) => this.name(one) === this.name(value));
    if (!known && this.values.length < this.most) this.#tell([...this.values, value]);
  }

  async #drop(value) {
    this.#tell(this.values.filter((one) => one !== value));
    this.querySelector("input").focus();
  }

  #look({ target }) {
    this.#menu.show(this.suggest(target.value), target.value.trim() !== "");
  }

  #key(event) {
    const { target } = event;
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) return this.#left(event);
    if (this.#menu.key(event)) return;
    if (event.key === "ArrowDown") this.#look(event);
    else if (event.key === "Backspace" && !target.value && this.values.length > 0) {
      this.#tell(this.values.slice(0, -1));
    } else if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      this.#left(event);
    }
  }

  /** A click that leaves the field hits what it was meant for: until it is over, nothing moves. */
  #blur(event) {
    if (this.#pressed) this.#leaving = true;
    else this.#left(event);
  }

  #released() {
    this.#pressed = false;
    if (this.#leaving) this.#left({ target: this.querySelector("input") });
    this.#leaving = false;
  }

  /** What was typed and not taken is taken when the field is left: it is not lost. */
  #left({ target }) {
    const options = target.value.trim() ? this.suggest(target.value) : [];
    this.#menu.close();
    const typed = target.value.trim().toLocaleLowerCase();
    const meant = options.find(({ label }) => label.toLocaleLowerCase() === typed) ?? options.at(-1);
    if (meant) this.#add(meant.value);
  }

  render() {
    const { controls, active } = this.#menu.described;
    return html`<div class="chips" role="group" aria-label=${this.label}>
      <label for="${this.one}-field">${this.label}</label>
      ${this.values.map(
        (value) => html`<span class="token"><bdi>${this.name(value)}</bdi>
          <button type="button" aria-label="Take ${this.one} ${this.name(value)} out" @click=${() => this.#drop(value)}>×</button></span>`,
      )}
      <span class="adds">
        <input
          id="${this.one}-field"
          role="combobox"
          autocomplete="off"
          maxlength="64"
          dir="auto"
          aria-autocomplete="list"
          aria-expanded=${this.#menu.open ? "true" : "false"}
          aria-controls=${controls}
          aria-activedescendant=${active}
          placeholder="Add ${this.one}"
          @input=${this.#look}
          @keydown=${this.#key}
          @blur=${this.#blur}
        />
        ${this.#menu.render(`${this.label} to choose`)}
      </span>
    </div>`;
  }
}

customElements.define("lb-chips", Chips);

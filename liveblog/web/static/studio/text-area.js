/* Where the text is written: Markdown, with menus for commands, bylines and tags; pictures may be
   dropped or pasted, and a bare address becomes a card. */

import { LitElement, html, live } from "../vendor/lit.js";
import { COMMANDS, commandAt, optionsOf, without } from "./commands.js";
import { Suggest } from "./suggest.js";

const ADDRESS = /^https?:\/\/\S+$/;

/** Tells `text` (the new text), `command` ({mark, value}), `files` ([File]) and `address` (text). */
class TextArea extends LitElement {
  static properties = {
    text: { attribute: false },
    known: { attribute: false },
    lang: {},
    direction: {},
    fault: {},
  };

  #menu = new Suggest(this, "text", (option) => this.#take(option));
  #at = null;

  createRenderRoot() {
    return this;
  }

  /** What is known may come while somebody types already. */
  updated(changes) {
    if (changes.has("known") && this.#menu.open) this.#look();
  }

  get area() {
    return this.querySelector("textarea");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #typed({ target }) {
    this.#tell("text", target.value);
    this.#look();
  }

  /** Looks for a command before the caret. One that is written out is taken with the space. */
  #look() {
    const { value, selectionEnd, selectionStart } = this.area;
    this.#at = selectionStart === selectionEnd ? commandAt(value, selectionEnd) : null;
    if (!this.#at) return this.#menu.close();
    this.#menu.show(optionsOf(this.#at, this.known), this.#at.text !== "");
  }

  #key(event) {
    if (this.#menu.key(event)) return;
    const at = this.#at;
    const written = event.key === " " && this.#menu.open && at?.mark === "/";
    if (written && COMMANDS.some(({ name }) => name === at.text.toLowerCase())) {
      event.preventDefault();
      this.#menu.take(0);
    }
  }

  #take(option) {
    const { area } = this;
    const { text, caret } = without(area.value, this.#at, area.selectionEnd);
    const { mark } = this.#at;
    area.value = text;
    area.setSelectionRange(caret, caret);
    this.#at = null;
    this.#tell("text", text);
    this.#tell("command", { mark, value: option.value });
  }

  /** Pasted pictures and bare addresses; all else is the browser's. */
  #paste(event) {
    const { files, address } = pastedIn(event);
    if (files) this.#tell("files", files);
    else if (address) this.#tell("address", address);
  }

  render() {
    const { controls, active } = this.#menu.described;
    return html`<label class="visually-hidden" for="text">Text</label>
      <textarea
        id="text"
        rows="3"
        placeholder="What happens? /key, @byline, #tag; paste pictures and links"
        lang=${this.lang}
        dir=${this.direction}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls=${controls}
        aria-activedescendant=${active}
        aria-describedby="text-fault"
        aria-invalid=${this.fault ? "true" : "false"}
        .value=${live(this.text)}
        @input=${this.#typed}
        @keydown=${this.#key}
        @click=${this.#look}
        @blur=${() => this.#menu.close()}
        @paste=${this.#paste}
      ></textarea>
      ${this.#menu.render("Suggestions")}
      <p class="fault" id="text-fault">${this.fault}</p>`;
  }
}

/** What is pasted and is not the browser's to put in: pictures, or the address of a card where
    there may be one. */
export function pastedIn(event, card = true) {
  const { files } = event.clipboardData;
  const text = event.clipboardData.getData("text/plain").trim();
  const found = {};
  if (files.length > 0 && !text) found.files = [...files];
  else if (card && ADDRESS.test(text) && alone(event.target)) found.address = text;
  if (found.files || found.address) event.preventDefault();
  return found;
}

/** Whether the caret stands on an empty line: an address inside a sentence stays one. */
function alone({ value, selectionStart, selectionEnd }) {
  const before = value.slice(0, selectionStart);
  const after = value.slice(selectionEnd);
  return /(?:^|\n)\s*$/.test(before) && /^\s*(?:\n|$)/.test(after);
}

customElements.define("lb-text", TextArea);

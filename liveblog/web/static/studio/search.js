/* Finding: words, and who, what, which state. `/` leads here from everywhere. `authors` are those
   who are known, `[id, name]`. Told of: `filter`. */

import { html, nothing } from "../vendor/lit.js";
import { NO_FILTER } from "./lists.js";
import { Part } from "./part.js";
import { STATES } from "./words.js";

const PAUSE_MS = 250;
const KINDS = ["text", "quote", "image", "video", "embed", "summary"];

class Search extends Part {
  static properties = {
    states: { type: Boolean },
    filter: { state: true },
    authors: { attribute: false },
  };

  #due = 0;

  connectedCallback() {
    super.connectedCallback();
    this.filter = NO_FILTER;
    this.slash("input[type=search]");
  }

  #set(name, value, pause = 0) {
    this.filter = { ...this.filter, [name]: value };
    clearTimeout(this.#due);
    this.#due = this.later(pause, () => this.tell("filter", this.filter));
  }

  #clear = () => {
    this.filter = NO_FILTER;
    this.tell("filter", this.filter);
    this.querySelector("input[type=search]").focus();
  };

  #keys = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    this.#clear();
  };

  render() {
    const { filter, own, authors } = this;
    const used = Object.entries(filter).some(([, value]) => value !== "");
    const more = Object.entries(filter).filter(([name, value]) => name !== "q" && value !== "");
    return html`<search><form class="search" role="presentation" @submit=${(event) => event.preventDefault()} @keydown=${this.#keys}>
      <label class="visually-hidden" for="${own}-q">Search entries</label>
      <input id="${own}-q" type="search" placeholder="Search entries" aria-keyshortcuts="/" maxlength="200" dir="auto"
        .value=${filter.q} @input=${({ target }) => this.#set("q", target.value.trim(), PAUSE_MS)} />
      <details class="filters">
        <summary>Filters${more.length ? ` (${more.length})` : ""}</summary>
        <div>
          ${authors.length > 1 || filter.author ? this.#choice("author", "Author", authors) : nothing}
          ${this.#choice("kind", "Kind", KINDS.map((kind) => [kind, kind]))}
          ${this.#choice("key", "Key", [["true", "key developments"], ["false", "all others"]])}
          ${this.states ? this.#choice("state", "State", Object.entries(STATES)) : nothing}
          <p class="field">
            <label for="${own}-tag">Tag</label>
            <input id="${own}-tag" maxlength="64" dir="auto" .value=${filter.tag}
              @input=${({ target }) => this.#set("tag", target.value.trim().replace(/^#/, ""), PAUSE_MS)} />
          </p>
        </div>
      </details>
      ${used ? html`<button type="button" class="quiet" @click=${this.#clear}>Show all</button>` : nothing}
    </form></search>`;
  }

  #choice(name, label, options) {
    const id = `${this.own}-${name}`;
    return html`<p class="field">
      <label for=${id}>${label}</label>
      <select id=${id} .value=${this.filter[name]} @change=${({ target }) => this.#set(name, target.value)}>
        <option value="">any</option>
        ${options.map(([value, word]) => html`<option value=${value} ?selected=${this.filter[name] === value}>${word}</option>`)}
      </select>
    </p>`;
  }
}

customElements.define("lb-search", Search);

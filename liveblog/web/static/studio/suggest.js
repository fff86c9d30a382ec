/* A list of suggestions below a field, by the pattern of the ARIA Authoring Practices: the focus
   stays in the field, which says by `aria-activedescendant` what is chosen; arrows choose, Enter
   or Tab takes, Esc closes. */

import { html, nothing } from "../vendor/lit.js";

/** What one field suggests. `options` are `{value, label, hint}`. */
export class Suggest {
  options = [];
  /** The one that Enter takes; -1 is none. */
  active = -1;
  #host;
  #id;
  #take;

  /** @param take is told of the option that was taken */
  constructor(host, id, take) {
    this.#host = host;
    this.#id = id;
    this.#take = take;
  }

  get open() {
    return this.options.length > 0;
  }

  /** What the field says of it. */
  get described() {
    return {
      controls: `${this.#id}-list`,
      active: this.active < 0 ? nothing : `${this.#id}-${this.active}`,
    };
  }

  /** @param chosen whether Enter takes the first one at once */
  show(options, chosen) {
    this.options = options;
    this.active = chosen && options.length > 0 ? 0 : -1;
    this.#host.requestUpdate();
  }

  close() {
    if (this.open) this.show([], false);
  }

  /** @returns whether the key was for the list */
  key(event) {
    const { key } = event;
    const publishes = key === "Enter" && (event.metaKey || event.ctrlKey);
    if (!this.open || publishes) return false;
    if (key === "ArrowDown") this.#move(1);
    else if (key === "ArrowUp") this.#move(-1);
    else if (key === "Escape") this.close();
    else if ((key === "Enter" || key === "Tab") && this.active >= 0) this.take(this.active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  take(at) {
    const option = this.options[at];
    this.close();
    this.#take(option);
  }

  #move(by) {
    const count = this.options.length;
    const from = this.active < 0 && by < 0 ? 0 : this.active;
    this.active = (from + by + count) % count;
    this.#host.requestUpdate();
  }

  render(label) {
    const told = this.open ? `${this.options.length} suggestions. Arrows choose, Enter takes, Escape closes.` : "";
    return html`<ul class="suggest" id="${this.#id}-list" role="listbox" aria-label=${label} ?hidden=${!this.open}>
        ${this.options.map(
          ({ label: name, hint }, at) => html`<li
            id="${this.#id}-${at}"
            role="option"
            aria-selected=${at === this.active ? "true" : "false"}
            @mousedown=${(event) => event.preventDefault()}
            @click=${() => this.take(at)}
          ><bdi>${name}</bdi>${hint ? html` <span class="hint">${hint}</span>` : nothing}</li>`,
        )}
      </ul>
      <span class="visually-hidden" role="status">${told}</span>`;
  }
}

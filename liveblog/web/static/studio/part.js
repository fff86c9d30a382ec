/* What every part of the desk is: an element in the page's own tree (so that labels, styles and
   screen readers see one document), which hears the desk's wire while it stands there. */

import { LitElement } from "../vendor/lit.js";

/** Hands something to the composer, and goes there. */
export function compose(type, detail) {
  location.hash = "#/";
  document.dispatchEvent(new CustomEvent(type, { detail }));
}

let made = 0;

export class Part extends LitElement {
  static properties = { desk: { attribute: false } };

  /** A word for ids of this element's own. */
  own = `part-${(made += 1)}`;
  #ears = new AbortController();

  createRenderRoot() {
    return this;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#ears.abort();
    this.#ears = new AbortController();
  }

  /** Hears an event of `target` as long as this element stands in the page. */
  hear(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.#ears.signal });
  }

  /** Calls again after `ms`, as long as this element stands in the page. */
  later(ms, call) {
    const timer = setTimeout(call, ms);
    this.#ears.signal.addEventListener("abort", () => clearTimeout(timer));
    return timer;
  }

  /** Tells those around of something. */
  tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }

  /** `/` leads to a search from everywhere, unless something is typed. */
  slash(selector) {
    this.hear(document, "keydown", (event) => {
      if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
      event.preventDefault();
      this.querySelector(selector).focus();
    });
  }

  /** Moves the focus to something in here once it is drawn. */
  async focusOn(selector) {
    await this.updateComplete;
    this.querySelector(selector)?.focus();
  }
}

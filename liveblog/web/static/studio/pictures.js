/* The pictures of what is written, each with its words. What it shows is said by the editor, or it
   is marked as decorative; it is never guessed. */

import { LitElement, html, nothing, repeat } from "../vendor/lit.js";

const WORDS = [
  ["caption", "Caption"],
  ["credit", "Credit"],
];

/** Tells `change` (`{key, changes}`; null takes it out) and `again` (the picture). */
class Pictures extends LitElement {
  static properties = {
    media: { attribute: false },
    uploads: { attribute: false },
    direction: {},
    /** `{field, text}` of what stands in the way. */
    fault: { attribute: false },
  };

  createRenderRoot() {
    return this;
  }

  #change(picture, changes) {
    this.dispatchEvent(new CustomEvent("change", { detail: { key: keyOf(picture), changes } }));
  }

  /** What was proposed and is changed is the editor's own from then on. */
  #word(picture, name, value) {
    this.#change(picture, { [name]: value, proposed: picture.proposed.filter((one) => one !== name) });
  }

  render() {
    return html`${repeat(this.media, keyOf, (picture, n) => this.#picture(picture, n))}`;
  }

  #picture(picture, n) {
    const { uploads, direction } = this;
    const shown = uploads.shown(picture);
    const wrong = this.fault?.field === `alt-${n}`;
    return html`<fieldset class="picture">
      <legend class="visually-hidden">Picture ${n + 1}</legend>
      <div class="frame">${shown ? html`<img src=${shown} alt="" />` : nothing}</div>
      <div class="words">
        <p class="field">
          <label for="alt-${n}">What picture ${n + 1} shows</label>
          <input id="alt-${n}" maxlength="5000" dir=${direction} .value=${picture.decorative ? "" : (picture.alt ?? "")}
            ?disabled=${picture.decorative} aria-invalid=${wrong ? "true" : "false"}
            aria-describedby="alt-${n}-fault"
            placeholder=${picture.decorative ? "" : "For whoever cannot see it"}
            @input=${({ target }) => this.#change(picture, { alt: target.value })} />
          <span class="fault" id="alt-${n}-fault">${wrong ? this.fault.text : ""}</span>
        </p>
        <p><label class="check"><input type="checkbox" .checked=${picture.decorative}
          @change=${({ target }) => this.#change(picture, { decorative: target.checked })} /> Decorative: it says nothing that the text does not</label></p>
        <div class="pair">${WORDS.map(([name, label]) => this.#field(picture, n, name, label))}</div>
        <p class="buttons">
          ${this.#state(picture, n)}
          <button type="button" @click=${() => this.#change(picture, null)}>Take picture ${n + 1} out</button>
        </p>
      </div>
    </fieldset>`;
  }

  #field(picture, n, name, label) {
    const proposed = picture.proposed.includes(name);
    return html`<p class="field">
      <label for="${name}-${n}">${label}</label>
      <input id="${name}-${n}" maxlength="5000" dir=${this.direction} .value=${picture[name] ?? ""}
        aria-describedby="${name}-${n}-hint"
        @input=${({ target }) => this.#word(picture, name, target.value)} />
      <span class="hint proposed" id="${name}-${n}-hint">${
        proposed
          ? html`Proposed, from the file. <button type="button" class="quiet" aria-label="Keep the proposed ${name} of picture ${n + 1}" @click=${() => this.#word(picture, name, picture[name])}>Keep</button>`
          : nothing
      }</span>
    </p>`;
  }

  #state(picture, n) {
    if (picture.url) return nothing;
    const { uploads } = this;
    if (!picture.failed) return html`<span class="hint" role="status">Picture ${n + 1} is on its way…</span>`;
    return html`<span class="fault" role="alert">${picture.failed}</span>
      ${uploads.has(picture) ? html`<button type="button" @click=${() => this.dispatchEvent(new CustomEvent("again", { detail: picture }))}>Try again</button>` : nothing}`;
  }
}

/** What tells a picture from the others. */
export const keyOf = ({ key, url }) => key ?? url;

customElements.define("lb-pictures", Pictures);

/* The fields of a quote: somebody's words, who said them, in which role, where. */

import { html, nothing } from "../vendor/lit.js";

const LINES = [
  ["speaker", "Who said it", "A person or an institution", 300],
  ["role", "In which role", "", 300],
  ["occasion", "On what occasion", "", 300],
  ["source", "Source", "Where it was said", 300],
  ["sourceUrl", "Address of the source", "https://", 2000],
];

/** @param put is told of the changed quote; null takes it out
    @param fault `{field, text}` of what stands in the way, or undefined */
export function quoteFields(quote, { put, direction, lang, fault }) {
  const change = (name) => (event) => put({ ...quote, [name]: event.target.value });
  const wrong = (name) => (fault?.field === `quote-${name}` ? fault.text : "");
  return html`<fieldset class="quote">
    <legend>Quote</legend>
    <p class="field">
      <label for="quote-text">The words, without quotation marks</label>
      <textarea id="quote-text" rows="2" maxlength="5000" lang=${lang} dir=${direction} .value=${quote.text}
        aria-invalid=${wrong("text") ? "true" : "false"} aria-describedby="quote-text-fault"
        @input=${change("text")}></textarea>
      <span class="fault" id="quote-text-fault">${wrong("text")}</span>
    </p>
    <div class="pair">
      ${LINES.map(
        ([name, label, hint, most]) => html`<p class="field">
          <label for="quote-${name}">${label}</label>
          <input id="quote-${name}" maxlength=${most} placeholder=${hint || nothing} lang=${lang}
            dir=${name === "sourceUrl" ? "ltr" : direction} .value=${quote[name] ?? ""}
            aria-invalid=${wrong(name) ? "true" : "false"} aria-describedby="quote-${name}-fault"
            @input=${change(name)} />
          <span class="fault" id="quote-${name}-fault">${wrong(name)}</span>
        </p>`,
      )}
    </div>
    <p><button type="button" @click=${() => put(null)}>Take the quote out</button></p>
  </fieldset>`;
}

/* An entry as readers see it: headline, words, quote, pictures, card, bylines, mark. */

import { html, nothing } from "../vendor/lit.js";
import { trusted } from "../trusted.js";
import { fitting } from "./sizes.js";
import { moment } from "./words.js";

/** The content of an entry. Its `html` was made safe by the server, as for readers. */
export function asRead(entry, { blog, now, clamped = false }) {
  const { headline, quote, media = [], embed, bylines = [], tags = [], edit } = entry;
  const lang = entry.lang ?? blog.lang;
  return html`<div class="as-read ${clamped ? "clamped" : ""}" lang=${lang} dir=${entry.dir ?? blog.dir} @click=${apart}>
    ${headline ? html`<h3 class="entry-headline">${headline}</h3>` : nothing}
    ${bylines.length ? html`<p class="entry-by">${bylines.map(({ name }) => name).join(", ")}</p>` : nothing}
    ${quote ? quotation(quote) : nothing}
    ${entry.html ? html`<div class="entry-body" .innerHTML=${trusted.createHTML(entry.html)}></div>` : nothing}
    ${media.map(medium)} ${embed ? card(embed) : nothing}
    ${tags.length ? html`<p class="entry-tags">${tags.map((tag) => html`<span>#${tag}</span> `)}</p>` : nothing}
    ${edit && edit.kind !== "typo" ? mark(edit, blog, now) : nothing}
  </div>`;
}

/** A link leads out of the desk in a window of its own. */
function apart({ target }) {
  const link = target.closest("a[href]");
  if (!link) return;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

const MARKS = { update: "Updated", correction: "Corrected" };

const mark = (edit, blog, now) => html`<p class="entry-mark">
  <strong>${MARKS[edit.kind]}</strong> ${moment(edit.at, blog.time_zone, now)}${edit.note ? html`: ${edit.note}` : nothing}
</p>`;

const quotation = ({ text, speaker, role, occasion }) => html`<blockquote>
  <p>${text}</p>
  <footer>${[speaker, role, occasion].filter(Boolean).join(", ")}</footer>
</blockquote>`;

const medium = (one) => html`<figure>
  ${
    one.type.startsWith("image/")
      ? html`<img src=${fitting(one, 640)} alt=${one.alt ?? ""} width=${one.width ?? nothing} height=${one.height ?? nothing} loading="lazy" />`
      : html`<a href=${one.url}>${one.type}</a>`
  }
  ${one.caption || one.credit ? html`<figcaption>${one.caption} <span class="credit">${one.credit}</span></figcaption>` : nothing}
</figure>`;

const card = ({ url, provider, title }) => html`<p class="embed">
  <a href=${url} rel="noopener" target="_blank">${title ?? url}</a> ${provider ?? nothing}
</p>`;

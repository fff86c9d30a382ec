/* Parts of the composer: the marks an entry can have, and where its words are. */

import { html, nothing } from "../vendor/lit.js";
import { empty, savable } from "./content.js";

const FLAGS = [
  ["key", "Key"],
  ["pinned", "Pin"],
  ["breaking", "Breaking"],
  ["card", "News card"],
];
const KINDS = [
  ["summary", "Summary"],
  ["video", "Video"],
];

/** The marks as buttons, and what can be added. `toggle(name)`, `obey(command)`, `put(changes)` and
    `chosen(event)` of files are told. */
export function marks(content, { toggle, obey, put, chosen }) {
  return html`<div class="toggles" role="group" aria-label="Marks">
    ${FLAGS.map(
      ([name, label]) => html`<button type="button" class="flag is-${name}" aria-pressed=${content[name] ? "true" : "false"}
        @click=${() => toggle(name)}>${label}</button>`,
    )}
    ${KINDS.map(
      ([kind, label]) => html`<button type="button" class="flag" aria-pressed=${content.kind === kind ? "true" : "false"}
        @click=${() => (content.kind === kind ? put({ kind: null }) : obey(kind))}>${label}</button>`,
    )}
    <span class="gap"></span>
    ${content.quote ? nothing : html`<button type="button" class="quiet" @click=${() => obey("quote")}>Quote</button>`}
    <button type="button" class="quiet" @click=${({ target }) => target.nextElementSibling.click()}>Pictures</button>
    <input id="pictures" type="file" accept="image/*" multiple hidden aria-label="Pictures" @change=${chosen} />
  </div>`;
}

/** Where the words are, as it is. */
export function where({ drafts, desk, content }) {
  if (empty(content)) return "";
  if (!savable(content)) return "Kept in this browser";
  if (drafts.saved) return "Saved";
  if (!drafts.safe) return "Not saved: this browser keeps nothing";
  return desk.network.up && !desk.session.over && !drafts.waits ? "Saving…" : "Kept in this browser";
}

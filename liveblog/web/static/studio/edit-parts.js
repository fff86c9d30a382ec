/* Parts of an open edit: what kind of change it is, and what to do when the entry is gone. */

import { html, nothing } from "../vendor/lit.js";

const MARKS = [
  ["typo", "Typo", "Readers see no mark."],
  ["update", "Update", "Readers see that it was updated."],
  ["correction", "Correction", "Readers see what was wrong and when it was put right."],
];

/** The mark and the note for readers; `take(name, value)` is told of what was chosen. */
export function marks({ mark, note, faults, own }, take) {
  return html`<fieldset class="marks">
      <legend>What kind of change is it?</legend>
      ${MARKS.map(
        ([kind, label, means]) => html`<label class="check">
          <input
            type="radio"
            name="${own}-mark"
            value=${kind}
            .checked=${mark === kind}
            @change=${() => take("mark", kind)}
          />
          <span><strong>${label}</strong> <small>${means}</small></span>
        </label>`,
      )}
    </fieldset>
    <p class="field" ?hidden=${mark === "typo"}>
      <label for="${own}-note">
        ${mark === "correction" ? "Note for readers: what was wrong?" : "Note for readers (may be empty)"}
      </label>
      <textarea
        id="${own}-note"
        name="note"
        rows="2"
        maxlength="1000"
        dir="auto"
        .value=${note}
        aria-invalid=${faults.note ? "true" : nothing}
        aria-describedby=${faults.note ? `${own}-note-fault` : nothing}
        @input=${({ target }) => take("note", target.value)}
      ></textarea>
      ${faults.note ? html`<span class="fault" id="${own}-note-fault">${faults.note}</span>` : nothing}
    </p>`;
}

/** While it is saved, neither does anything. */
export function buttons(phase, cancel) {
  const busy = phase === "saving" ? "true" : nothing;
  const save = { saving: "Saving …", offline: "Save when there is a network" }[phase] ?? "Save";
  return html`<div class="buttons">
    <button type="submit" class="primary" aria-disabled=${busy}>${save}</button>
    <button type="button" aria-disabled=${busy} @click=${cancel}>Cancel</button>
  </div>`;
}

/** The entry was retracted while somebody wrote in it; `ways` are `[label, what it does]`. */
export function gone({ theirs, who }, ways) {
  return html`<div class="gone" role="alert">
    <p>
      <strong>${who} retracted this entry while you were writing.</strong>
      ${theirs.note ? html`The reason: ${theirs.note}` : nothing} Your words are all here.
    </p>
    <div class="buttons">
      ${ways.map(([label, does]) => html`<button type="button" @click=${does}>${label}</button>`)}
    </div>
  </div>`;
}

/* Questions: one dialog, closed by its buttons or Esc, and the focus goes back. */

import { html, nothing, render } from "../vendor/lit.js";

/** Asks. Comes to null when the answer is no; otherwise to what was written into the `field`
    (`{label, needed, value, hint}`), or "" where there is none. */
export function ask({ title, text = "", yes, no = "Cancel", field = null, danger = false }) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "ask-title");
  render(
    html`<form method="dialog">
      <h2 id="ask-title">${title}</h2>
      ${text ? html`<p>${text}</p>` : nothing} ${field ? asked(field) : nothing}
      <div class="buttons">
        <button type="submit" value="yes" class=${danger ? "primary danger" : "primary"}>
          ${yes}
        </button>
        <button type="submit" value="no" formnovalidate>${no}</button>
      </div>
    </form>`,
    dialog,
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const said = dialog.querySelector("#ask-field")?.value.trim() ?? "";
      dialog.remove();
      // What is clicked in the dialog takes the caret with it; the focus alone does not bring it back.
      const { activeElement: back } = document;
      back.blur();
      back.focus();
      resolve(dialog.returnValue === "yes" ? said : null);
    });
  });
}

const asked = ({ label, needed = false, value = "", hint = "", lines = 3 }) => html`
  <label for="ask-field">${label}</label>
  ${hint ? html`<p class="hint" id="ask-hint">${hint}</p>` : nothing}
  <textarea
    id="ask-field"
    rows=${lines}
    maxlength="1000"
    ?required=${needed}
    aria-describedby=${hint ? "ask-hint" : nothing}
    .value=${value}
    @keydown=${(event) => {
      const sends = event.key === "Enter" && (event.metaKey || event.ctrlKey);
      if (sends) event.target.form.requestSubmit(event.target.form.querySelector("[value=yes]"));
    }}
  ></textarea>
`;

/* The same for many entries at once; each is its own turn, and has its own result. Told of:
   `bulk-all` and `bulk-done` (id → what became of it). */

import { html, nothing } from "../vendor/lit.js";
import { newKey, told } from "./api.js";
import { ask } from "./ask.js";
import { Part } from "./part.js";
import { bulk } from "./server.js";

const MOST = 100;
const ACTIONS = [
  ["publish", "Publish", ["draft", "submitted", "scheduled"]],
  ["retract", "Retract", ["published"]],
  ["restore", "Restore", ["retracted"]],
  ["tag", "Tag", null],
  ["untag", "Take tag off", null],
  ["delete_draft", "Throw away", ["draft", "submitted", "scheduled"]],
];
const ASKED = {
  retract: { field: { label: "Reason", hint: "Readers see it in place of each entry." }, danger: true },
  tag: { field: { label: "Tag", needed: true, lines: 1 } },
  untag: { field: { label: "Tag", needed: true, lines: 1 } },
  delete_draft: { danger: true },
};

const entries = (number) => `${number} ${number === 1 ? "entry" : "entries"}`;

class Bulk extends Part {
  static properties = {
    chosen: { attribute: false },
    busy: { state: true },
    said: { state: true },
  };

  #able([, , states]) {
    return this.chosen.length > 0 && this.chosen.every(({ state }) => !states || states.includes(state));
  }

  async #do([action, label, states]) {
    if (this.busy || !this.#able([action, label, states])) return;
    const chosen = this.chosen.slice(0, MOST);
    const asked = { title: `${label}: ${entries(chosen.length)}?`, yes: label, ...ASKED[action] };
    const said = await ask(asked);
    if (said === null) return;
    this.busy = true;
    try {
      const body = { action, entries: chosen.map(({ id, revision }) => ({ id, revision })) };
      if (action === "retract" && said) body.note = said;
      if (action === "tag" || action === "untag") body.tag = said.replace(/^#/, "");
      this.#done((await bulk(this.desk, body, newKey())).body.results);
    } catch (error) {
      this.said = told(error);
    }
    this.busy = false;
  }

  #done(results) {
    const well = results.filter(({ status }) => status < 400).length;
    const rest = results.length - well;
    this.said = `Done for ${entries(well)}${rest ? `, not for ${entries(rest)}: see there` : ""}.`;
    const words = ({ status, problem }) => {
      if (status < 400) return "Done.";
      return status === 412 ? "Not done: somebody changed it meanwhile." : `Not done. ${told(problem)}`;
    };
    this.tell("bulk-done", new Map(results.map((result) => [result.id, words(result)])));
  }

  render() {
    const number = this.chosen.length;
    const writer = this.desk.role !== "contributor";
    const over = number > MOST ? ` The first ${MOST} are taken.` : "";
    return html`<div class="bulk" role="group" aria-label="With the chosen entries">
        <span>${entries(number)} chosen.${over}</span>
        <button type="button" class="quiet" @click=${() => this.tell("bulk-all")}>Choose all shown</button>
        ${ACTIONS.filter(([action]) => writer || action === "delete_draft").map(
          (one) => html`<button type="button" aria-disabled=${!this.#able(one) ? "true" : nothing} @click=${() => this.#do(one)}>${one[1]}</button>`,
        )}
      </div>
      <p class="said" role="status">${this.said ?? ""}</p>`;
  }
}

customElements.define("lb-bulk", Bulk);

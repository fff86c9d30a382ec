/* The versions of an entry that are kept, newest first, each with what changed in it. */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { ask } from "./ask.js";
import { compared, pieces } from "./diff-view.js";
import { Part } from "./part.js";
import { readRevisions, withhold } from "./server.js";
import { moment } from "./words.js";

const MARKS = { typo: "Typo", update: "Update", correction: "Correction" };

class History extends Part {
  static properties = {
    entry: { attribute: false },
    revisions: { state: true },
    next: { state: true },
    said: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.said = "";
    this.#read();
    this.hear(this.desk.live, "touched", ({ detail }) => {
      if (detail.entry === this.entry.id) this.#read();
    });
    this.focusOn("h3");
  }

  async #read(before = null) {
    try {
      const { revisions, next } = (await readRevisions(this.desk, this.entry.id, before)).body;
      this.revisions = [...(before ? this.revisions : []), ...revisions];
      this.next = next;
      this.said = "";
    } catch (error) {
      this.said = told(error);
    }
  }

  async #withhold(revision) {
    const sure = await ask({
      title: "Take these words out of the public history?",
      text: "Readers still see that there was a version, and when. This cannot be taken back.",
      yes: "Take them out",
      danger: true,
    });
    if (sure === null) return;
    try {
      await withhold(this.desk, this.entry.id, revision);
      await this.#read();
      this.focusOn("h3");
    } catch (error) {
      this.said = told(error);
    }
  }

  #keys = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.tell("history-done", { id: this.entry.id });
  };

  render() {
    const { revisions, own } = this;
    return html`<section class="history" aria-labelledby="${own}-title" @keydown=${this.#keys}>
      <h3 id="${own}-title" tabindex="-1">History</h3>
      <p role="status" class="said">${this.said || (revisions ? "" : "Reading …")}</p>
      <ol role="list">
        ${(revisions ?? []).map((one, n) => this.#version(one, revisions[n + 1], n === 0))}
      </ol>
      ${this.next ? html`<button type="button" class="more" @click=${() => this.#read(this.next)}>Show older versions</button>` : nothing}
      <div class="buttons">
        <button type="button" @click=${() => this.tell("history-done", { id: this.entry.id })}>
          Close the history
        </button>
      </div>
    </section>`;
  }

  #version(one, before, standing) {
    const { blog } = this.desk;
    const { revision, by, edit } = one;
    const at = moment(one.at, blog.time_zone, Date.now());
    return html`<li>
      <h4>
        Version ${revision}, <time datetime=${one.at}>${at}</time>${by?.name ? html`, by ${by.name}` : nothing}
      </h4>
      ${one.public && !one.withheld && !edit ? nothing : marks(one)}
      <div class="text" lang=${blog.lang} dir=${blog.dir}>${words(one, before)}</div>
      ${
        one.public && !one.withheld && !standing
          ? html`<button type="button" @click=${() => this.#withhold(revision)}>
              Take the words of version ${revision} out of the public history
            </button>`
          : nothing
      }
    </li>`;
  }
}

const marks = (one) => html`<p class="chips">
  ${one.public ? nothing : html`<span class="chip">Never public</span>`}
  ${one.withheld ? html`<span class="chip">Taken out of the public history</span>` : nothing}
  ${one.edit ? html`<span class="chip">${MARKS[one.edit.kind]}</span> ${one.edit.note ?? nothing}` : nothing}
</p>`;

/** What a version says, and how that differs from the one before (which a page of them may
    not have). */
function words(one, before) {
  const title = before ? compared(before.headline, one.headline) : one.headline;
  const titled = one.headline || before?.headline;
  return html`${titled ? html`<p><strong>${title}</strong></p>` : nothing}${one.diff ? pieces(one.diff) : one.text}`;
}

customElements.define("lb-history", History);

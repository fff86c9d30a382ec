/* Two people changed the same: both texts side by side, what both came from, and one text made
   by choosing or writing. What only one of them changed is taken by itself, and said. Nothing
   can be saved before everything that both changed is decided.

   `theirs` is looked at anew when it is another object. Told of: `conflict-merged` (the values), `conflict-back` (go on writing) and
   `conflict-theirs` (mine may go). */

import { html, nothing } from "../vendor/lit.js";
import { ask } from "./ask.js";
import { compared } from "./diff-view.js";
import { chosen, mergeFields } from "./merge.js";
import { Part } from "./part.js";
import { inWords } from "./values.js";

const OPEN = ["conflict", "combined"];

class Conflict extends Part {
  static properties = {
    base: { attribute: false },
    mine: { attribute: false },
    theirs: { attribute: false },
    who: { attribute: false },
    names: { attribute: false },
    kinds: { attribute: false },
    labels: { attribute: false },
    blog: { attribute: false },
    made: { state: true },
    unsaid: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.unsaid = false;
    this.focusOn("h3");
  }

  willUpdate(changes) {
    if (!changes.has("theirs")) return;
    const { settled, open } = mergeFields(this, this.names, this.kinds);
    this.settled = settled;
    this.open = open;
    // By field: what was chosen, and the value that comes of it; undefined is undecided.
    this.made = Object.fromEntries(open.map(({ name }) => [name, { choices: {}, written: false }]));
  }

  // Deciding ---------------------------------------------------------------------------------

  #choose(field, n, choice) {
    const made = this.made[field.name];
    const choices = { ...made.choices, [n]: choice };
    const value = field.passages ? chosen(field.passages, choices) : field[choice];
    this.#set(field.name, { choices, value, written: false });
  }

  #write(field, value) {
    this.#set(field.name, { choices: {}, value, written: true });
  }

  #set(name, made) {
    this.made = { ...this.made, [name]: made };
  }

  #decided(field) {
    const { choices, written } = this.made[field.name];
    if (written) return true;
    if (!field.passages) return choices[0] !== undefined;
    return field.passages.every(({ kind }, n) => !OPEN.includes(kind) || choices[n] !== undefined);
  }

  #value(field) {
    const { value } = this.made[field.name];
    if (value !== undefined) return value;
    return field.passages ? chosen(field.passages, {}) : field.mine;
  }

  #save(event) {
    event.preventDefault();
    this.unsaid = !this.open.every((field) => this.#decided(field));
    if (this.unsaid) return this.focusOn("[data-open] input, [data-open] textarea");
    const values = this.open.map((field) => [field.name, this.#value(field)]);
    this.tell("conflict-merged", { ...this.settled, ...Object.fromEntries(values) });
  }

  async #theirs() {
    const sure = await ask({
      title: "Throw away what you wrote?",
      text: `The text of ${this.who} stays as it is.`,
      yes: "Throw mine away",
      no: "Go back",
      danger: true,
    });
    if (sure !== null) this.tell("conflict-theirs");
  }

  /** To the own text, as it was before both were compared. */
  #back = async () => {
    if (Object.values(this.made).some(({ written }) => written)) {
      const sure = await ask({
        title: "Throw away what you wrote here?",
        text: "Your text as it was before stays.",
        yes: "Throw away",
        no: "Stay here",
        danger: true,
      });
      if (sure === null) return;
    }
    this.tell("conflict-back");
  };

  #keys = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      this.#back();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) this.#save(event);
  };

  // How it looks -------------------------------------------------------------------------------

  render() {
    const { who, open, own } = this;
    return html`<form class="conflict" aria-labelledby="${own}-title" @submit=${this.#save} @keydown=${this.#keys}>
      <h3 id="${own}-title" tabindex="-1">${who} saved this while you were writing</h3>
      <p>Nothing is overwritten: choose or write what should stand, then save.</p>
      ${this.#taken()}
      ${open.map((field) => this.#field(field))}
      <p class="fault" role="status">${this.unsaid ? "Something is not decided yet." : ""}</p>
      <div class="buttons">
        <button type="submit" class="primary">Save what stands here</button>
        <button type="button" @click=${this.#back}>Go on writing</button>
        <button type="button" @click=${this.#theirs}>Take the other text</button>
      </div>
    </form>`;
  }

  /** What came of itself. */
  #taken() {
    const differs = (one, name) =>
      JSON.stringify(this[one][name] ?? null) !== JSON.stringify(this.base[name] ?? null);
    const by = (one) =>
      this.names
        .filter((name) => name in this.settled && differs(one, name))
        .map((name) => this.labels[name])
        .join(", ");
    const [theirs, mine] = [by("theirs"), by("mine")];
    return html`${theirs ? html`<p>Taken from ${this.who}: ${theirs}.</p>` : nothing}
    ${mine ? html`<p>Kept of yours: ${mine}.</p>` : nothing}`;
  }

  #field(field) {
    const decided = this.#decided(field);
    return html`<section class="open" ?data-open=${!decided} aria-label=${this.labels[field.name]}>
      <h4>${this.labels[field.name]}</h4>
      ${this.#sides(field)}
      ${field.passages ? this.#passages(field) : this.#options(field, 0, field)}
      ${typeof field.mine === "string" ? this.#result(field) : nothing}
    </section>`;
  }

  #sides({ base, mine, theirs }) {
    const [was, one, other] = [base, mine, theirs].map(inWords);
    const { lang, dir } = this.blog;
    return html`<div class="sides">
        <div><h5>Yours</h5><div class="text" lang=${lang} dir=${dir}>${compared(was, one)}</div></div>
        <div><h5>${this.who}</h5><div class="text" lang=${lang} dir=${dir}>${compared(was, other)}</div></div>
      </div>
      <details><summary>What both came from</summary><div class="text" lang=${lang} dir=${dir}>${was}</div></details>`;
  }

  #passages(field) {
    const open = field.passages.map((passage, n) => ({ passage, n }));
    const asked = open.filter(({ passage }) => OPEN.includes(passage.kind));
    return asked.map(({ passage, n }, at) => this.#options(field, n, passage, { at, of: asked.length }));
  }

  #options(field, n, { kind, mine, theirs, text }, count = { at: 0, of: 1 }) {
    const { choices } = this.made[field.name];
    const options = [
      ["mine", "Yours", mine],
      ["theirs", this.who, theirs],
    ];
    if (kind === "combined") options.push(["combined", "Both changes in one", text]);
    else if (kind === "conflict") options.push(["both", "Both, one after the other", null]);
    const which = count.of > 1 ? ` (${count.at + 1} of ${count.of})` : "";
    return html`<fieldset class="options">
      <legend>${kind ? `Which words${which}?` : "Which one?"}</legend>
      ${options.map(
        ([choice, label, value]) => html`<label class="check">
          <input
            type="radio"
            name="${this.own}-${field.name}-${n}"
            .checked=${choices[n] === choice}
            @change=${() => this.#choose(field, n, choice)}
          />
          <span><strong>${label}</strong>${value === null ? nothing : html` <q dir="auto">${inWords(value).trim()}</q>`}</span>
        </label>`,
      )}
    </fieldset>`;
  }

  #result(field) {
    const id = `${this.own}-${field.name}`;
    const { lang, dir } = this.blog;
    return html`<p class="field">
      <label for=${id}>What will stand (you may write in it)</label>
      <textarea
        id=${id}
        name="result-${field.name}"
        rows=${field.passages ? 6 : 2}
        lang=${lang}
        dir=${dir}
        .value=${this.#value(field)}
        @input=${({ target }) => this.#write(field, target.value)}
      ></textarea>
    </p>`;
  }
}

customElements.define("lb-conflict", Conflict);

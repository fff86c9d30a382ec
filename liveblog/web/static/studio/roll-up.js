/* The day's roll-up: it assembles itself from key entries; here it is put in order, in other
   words, and closed. What is retracted leaves it at once, here too. */

import { html, nothing, repeat } from "../vendor/lit.js";
import { told } from "./api.js";
import { UNSAFE, forget, keep, kept } from "./kept.js";
import { assembled, itemsOf, leftOut, linesOf, moved, rebased, reworded, without } from "./lines.js";
import { Part } from "./part.js";
import { changeDay, readDay, readKeyEntries } from "./server.js";
import { dateOf, dayWords } from "./words.js";

const TOGETHER_MS = 150;

class RollUp extends Part {
  static properties = {
    days: { state: true },
    date: { state: true },
    day: { state: true },
    lines: { state: true },
    title: { state: true },
    frozen: { state: true },
    dirty: { state: true },
    wording: { state: true },
    theirs: { state: true },
    said: { state: true },
  };

  #drag = null;
  #turn = 0;
  #due = 0;

  connectedCallback() {
    super.connectedCallback();
    const { live } = this.desk;
    this.said = "";
    this.days = [];
    this.lines = [];
    this.entries = [];
    this.safe = true; // whether the browser has what is arranged
    const before = kept(this.desk, "roll-up");
    if (before) Object.assign(this, before, { dirty: true, said: "This was not saved yet." });
    this.#look();
    this.hear(window, "beforeunload", (event) => this.safe || event.preventDefault());
    this.hear(live, "again", () => this.#look());
    this.hear(live, "touched", () => this.#touched());
  }

  // Reading ------------------------------------------------------------------------------------

  /** Which days have key entries, the latest first; the latest one is shown at first. */
  async #look() {
    try {
      const { entries } = (await readKeyEntries(this.desk)).body;
      const zone = this.desk.blog.time_zone;
      const found = entries.filter(({ state }) => state === "published");
      this.days = [...new Set(found.map((entry) => dateOf(entry.published_at, zone)))];
      if (!this.date && this.days.length > 0) this.date = this.days[0];
      if (this.date) await this.#changed();
    } catch (error) {
      this.said = told(error);
    }
  }

  async #ask() {
    const turn = (this.#turn += 1);
    const { date, desk } = this;
    const none = (error) => {
      if (error.status === 404) return { body: null };
      throw error;
    };
    const [{ body: day }, { body }] = await Promise.all([
      readDay(desk, date).catch(none),
      readKeyEntries(desk, date),
    ]);
    return turn === this.#turn ? { day, entries: body.entries } : null;
  }

  async #read() {
    try {
      const found = await this.#ask();
      if (found !== null) this.#take(found);
    } catch (error) {
      this.said = told(error);
    }
  }

  #take({ day, entries }) {
    this.safe = true;
    forget(this.desk, "roll-up");
    this.day = day;
    this.entries = entries;
    this.lines = linesOf(day, entries).lines;
    this.title = day?.title ?? "";
    this.frozen = day?.frozen ?? false;
    this.dirty = false;
    this.wording = null;
    this.theirs = undefined;
    this.said = "";
  }

  /** Something changed that may concern the day. What was arranged here stays, but no line of
      what is withdrawn. What another editor did to the day is not passed over (`seen` says that
      it was looked at): it is shown when this is saved. Whether this stands on the day as it is. */
  async #changed(seen = false) {
    if (!this.dirty && !this.wording) return this.#read();
    try {
      const found = await this.#ask();
      if (found === null) return false;
      const { day, entries } = found;
      const known = (this.day?.items ?? []).map(({ entry }) => entry);
      const current = seen || assembled(this.day, day, entries);
      this.lines = rebased(this.lines, known, linesOf(day, entries).lines, entries);
      this.entries = entries;
      if (current) this.day = day;
      return current;
    } catch (error) {
      this.said = told(error);
      return false;
    }
  }

  #touched() {
    clearTimeout(this.#due);
    this.#due = this.later(TOGETHER_MS, () => this.#look());
  }

  // Arranging ----------------------------------------------------------------------------------

  /** What is arranged: lines, title, frozen. */
  #arrange(changes) {
    Object.assign(this, changes, { dirty: true });
    const { date, day, lines, title, frozen } = this;
    this.safe = keep(this.desk, "roll-up", { date, day, lines, title, frozen });
  }

  #put = (lines) => this.#arrange({ lines });

  #move(from, to) {
    const { entry } = this.lines[from];
    const lines = moved(this.lines, from, to);
    if (lines === this.lines) return;
    this.#put(lines);
    this.desk.say(`Line ${to + 1} of ${lines.length}.`);
    this.focusOn(`[data-line="${CSS.escape(entry)}"]`);
  }

  #keys(event, n) {
    const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#move(n, n + step);
  }

  #reword(event, entry) {
    event.preventDefault();
    this.#put(reworded(this.lines, entry, event.target.elements.words.value));
    this.wording = null;
    this.focusOn(`[data-line="${CSS.escape(entry)}"]`);
  }

  get #patch() {
    return { items: itemsOf(this.lines), title: this.title.trim() || null, frozen: this.frozen };
  }

  async #save(again = true) {
    const { day, desk, date } = this;
    const patch = this.#patch;
    try {
      await changeDay(desk, date, patch, day.revision);
      desk.say("The roll-up is saved.");
      const same = JSON.stringify(patch) === JSON.stringify(this.#patch);
      await (same ? this.#read() : this.#changed(true));
    } catch (error) {
      if (error.status !== 412) this.said = `Not saved. ${told(error)}`;
      else if (again && (await this.#changed())) await this.#save(false);
      else this.theirs = error.current;
    }
  }

  /** Mine stands after both were seen, but for what is withdrawn and what came meanwhile. */
  async #mine() {
    await this.#changed(true);
    this.theirs = undefined;
    await this.#save(false);
  }

  // How it looks ---------------------------------------------------------------------------------

  render() {
    const { own, day } = this;
    return html`<section class="roll-up" aria-labelledby="${own}-title">
      <h3 id="${own}-title">Roll-up of the day</h3>
      ${this.date ? this.#choice() : html`<p class="hint">Nothing yet: key entries of a day stand here by themselves.</p>`}
      ${day === null ? html`<p class="hint">This day has none.</p>` : nothing}
      ${day ? (this.theirs ? this.#both() : this.#lines()) : nothing}
      <p class="said" role="status">${this.safe ? this.said : UNSAFE}</p>
    </section>`;
  }

  /** The days there are; what was arranged and not saved is kept from being left by accident. */
  #choice() {
    const { own, date, desk } = this;
    const days = this.days.includes(date) ? this.days : [date, ...this.days];
    return html`<p class="field">
      <label for="${own}-date">Day</label>
      <select id="${own}-date" ?disabled=${this.dirty} @change=${({ target }) => (this.date = target.value, this.#read())}>
        ${days.map((one) => html`<option value=${one} ?selected=${one === date}>${dayWords(one)}</option>`)}
      </select>
      <span class="hint">On the clocks of ${desk.blog.time_zone}${this.dirty ? ". Save or undo what is arranged before you go to another day." : ""}</span>
    </p>`;
  }

  #lines() {
    const { own, lines, entries } = this;
    const out = leftOut(lines, entries);
    return html`<p class="field">
        <label for="${own}-words">Title (empty: Key developments)</label>
        <input id="${own}-words" maxlength="300" dir="auto" .value=${this.title}
          @input=${({ target }) => this.#arrange({ title: target.value })} />
      </p>
      <ol role="list" class="lines" aria-label="Lines">
        ${repeat(lines, ({ entry }) => entry, (line, n) => this.#line(line, n))}
      </ol>
      ${out.length ? html`<h4>Left out</h4><ul role="list">${out.map((line) => this.#out(line))}</ul>` : nothing}
      <label class="check">
        <input type="checkbox" .checked=${this.frozen} @change=${({ target }) => this.#arrange({ frozen: target.checked })} />
        <span><strong>Frozen</strong> <small>Nothing is added any more; what is retracted still goes.</small></span>
      </label>
      <div class="buttons">
        <button type="button" class="primary" aria-disabled=${!this.dirty ? "true" : nothing} @click=${() => this.dirty && this.#save()}>Save the roll-up</button>
        ${this.dirty ? html`<button type="button" @click=${this.#read}>Undo</button>` : nothing}
      </div>`;
  }

  #line(line, n) {
    const { entry, text, headline } = line;
    const words = text ?? headline;
    if (this.wording === entry) return this.#words(entry, words);
    const name = (verb) => `${verb}: ${words}`;
    return html`<li data-line=${entry} tabindex="-1" draggable="true" @keydown=${(event) => this.#keys(event, n)}
      @dragstart=${(event) => { this.#drag = n; event.dataTransfer.effectAllowed = "move"; }}
      @dragover=${(event) => this.#drag !== null && event.preventDefault()} @dragend=${() => (this.#drag = null)}
      @drop=${(event) => { event.preventDefault(); this.#move(this.#drag, n); this.#drag = null; }}>
      <span class="grip" aria-hidden="true"></span>
      <span class="line-words" dir="auto">${words}${text === null ? nothing : html` <span class="chip">reworded</span>`}</span>
      <span class="row-actions">
        <button type="button" class="quiet" aria-label=${name("Move up")} ?disabled=${n === 0} @click=${() => this.#move(n, n - 1)}>↑</button>
        <button type="button" class="quiet" aria-label=${name("Move down")} ?disabled=${n === this.lines.length - 1} @click=${() => this.#move(n, n + 1)}>↓</button>
        <button type="button" class="quiet" aria-label=${name("Reword")} @click=${() => this.#openWords(entry)}>Reword</button>
        <button type="button" class="quiet" aria-label=${name("Leave out")} @click=${() => this.#put(without(this.lines, entry))}>Leave out</button>
      </span>
    </li>`;
  }

  #openWords(entry) {
    this.wording = entry;
    this.focusOn("input[name=words]");
  }

  #words(entry, words) {
    return html`<li>
      <form @submit=${(event) => this.#reword(event, entry)} @keydown=${(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        this.wording = null;
        this.focusOn(`[data-line="${CSS.escape(entry)}"]`);
      }}>
        <label class="visually-hidden" for="${this.own}-reword">Words of the line</label>
        <input id="${this.own}-reword" name="words" maxlength="300" dir="auto" .value=${words} />
        <button class="quiet">Take</button>
      </form>
    </li>`;
  }

  #out({ entry, headline }) {
    const line = { entry, text: null, headline };
    return html`<li><bdi>${headline}</bdi>
      <button type="button" class="quiet" aria-label="Put back: ${headline}" @click=${() => this.#put([...this.lines, line])}>Put back</button>
    </li>`;
  }

  #both() {
    const list = (items) => html`<ol>${items.map(({ text, headline }) => html`<li dir="auto">${text ?? headline}</li>`)}</ol>`;
    return html`<div role="alert"><p><strong>Somebody changed this day while you arranged it.</strong> Nothing is overwritten.</p></div>
      <div class="sides">
        <div><h5>Yours</h5>${list(this.lines)}</div>
        <div><h5>Theirs</h5>${list(this.theirs.items)}</div>
      </div>
      <div class="buttons">
        <button type="button" class="primary" @click=${this.#mine}>Save mine</button>
        <button type="button" @click=${this.#read}>Take theirs</button>
        <button type="button" @click=${() => (this.theirs = undefined)}>Go on arranging</button>
      </div>`;
  }
}

customElements.define("lb-rollup", RollUp);

/* The composer: what is written next. It stands on top with the focus in it; Cmd or Ctrl with
   Enter sends what is there, and it is empty for the next. Keeping and sending is drafts.js. */

import { LitElement, html, live, nothing } from "../vendor/lit.js";
import "./chips.js";
import { named, obeyed, tagged } from "./commands.js";
import { marks, where } from "./composer-parts.js";
import { empty, faultsOf, tooLong, uploading } from "./content.js";
import { Drafts } from "./drafts.js";
import "./embed-card.js";
import { readKnown } from "./known.js";
import "./pictures.js";
import { keyOf } from "./pictures.js";
import "./preview.js";
import { quoteFields } from "./quote-fields.js";
import "./schedule.js";
import "./text-area.js";
import "./tray.js";
import { Uploads, fromLibrary } from "./upload.js";

const MISSED = "This picture did not arrive before the window closed. Add it once more.";
class Composer extends LitElement {
  static properties = {
    desk: { attribute: false },
    fault: { state: true },
    notice: { state: true },
    scheduling: { state: true },
    known: { state: true },
    over: { state: true },
  };

  #compose = ({ detail }) => this.#load(detail);
  #use = ({ detail }) => this.#put({ media: [...this.content.media, fromLibrary(detail)] });

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.known = { bylines: [], tags: [] };
    this.uploads = new Uploads(this.desk);
    this.drafts = new Drafts(this.desk);
    this.drafts.addEventListener("change", () => this.requestUpdate());
    this.drafts.addEventListener("notice", ({ detail }) => this.#say(detail));
    this.drafts.open().then(() => this.#miss());
    document.addEventListener("liveblog:compose", this.#compose);
    document.addEventListener("liveblog:use-media", this.#use);
    // A picture that misses the composer must not open in place of the desk.
    for (const type of ["dragover", "drop"]) document.addEventListener(type, missed);
    readKnown(this.desk).then((known) => (this.known = known));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("liveblog:compose", this.#compose);
    document.removeEventListener("liveblog:use-media", this.#use);
    for (const type of ["dragover", "drop"]) document.removeEventListener(type, missed);
    this.drafts.close();
    this.uploads.close();
  }

  firstUpdated() {
    if (!this.hidden) this.#focus();
  }

  /** Puts the focus where one writes. */
  write = () => this.#focus();

  get content() {
    return this.drafts.current.content;
  }

  get #writer() {
    return this.desk.role !== "contributor";
  }

  async #focus(id = "text") {
    await this.updateComplete;
    await this.querySelector("lb-text")?.updateComplete;
    this.querySelector(`#${id}`)?.focus();
  }

  #say(text) {
    this.notice = text;
  }

  #put(changes) {
    if (this.fault) this.fault = undefined;
    this.notice = "";
    this.drafts.typed({ ...this.content, ...changes });
  }

  // Commands, pictures, cards ---------------------------------------------------------------------

  #command({ detail: { mark, value } }) {
    const { bylines, tags } = this.content;
    if (mark === "@") this.#put({ bylines: added(bylines, value, ({ name }) => name) });
    else if (mark === "#") this.#put({ tags: added(tags, value, (tag) => tag) });
    else this.#obey(value);
  }

  #obey(name) {
    this.#put(obeyed(name, this.content));
    this.desk.say(`Marked: ${name}.`);
    if (name === "quote") this.#focus("quote-text");
    if (name === "video" && !this.content.embed) this.#say("Paste the address of the film on a line of its own.");
  }

  #files(files) {
    const taken = this.uploads.taken(files);
    if (taken.length < files.length) this.#say("Only pictures can be added here.");
    if (taken.length === 0) return;
    this.#put({ media: [...this.content.media, ...taken] });
    for (const picture of taken) this.#upload(picture);
  }

  /** Pictures whose file went with the window that it was in. */
  #miss() {
    for (const one of this.content.media) {
      if (!one.url && !this.uploads.has(one)) this.#picture(one.key, { failed: MISSED });
    }
  }

  async #upload(picture) {
    this.#picture(picture.key, { failed: "" });
    const changes = await this.uploads.send(picture);
    this.fault = undefined;
    // What was typed meanwhile is not written over.
    this.drafts.amend(picture.key, (now) => ({ ...now, ...changes, ...words(now) }));
  }

  #picture(key, changes) {
    const media = this.content.media.map((one) => (keyOf(one) !== key ? one : changes && { ...one, ...changes }));
    this.#put({ media: media.filter(Boolean) });
  }

  #address({ detail: url }) {
    if (this.content.embed) this.#insert(url);
    else this.#put({ embed: { url, state: "pending" } });
  }

  #insert(text) {
    const { area } = this.querySelector("lb-text");
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    this.#put({ body: area.value });
  }

  #card({ detail }) {
    this.#put({ embed: detail });
    if (detail === null) this.#focus();
  }

  #drop = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.over = event.type === "dragover";
    if (event.type === "drop") this.#files([...event.dataTransfer.files]);
  };

  // Sending ---------------------------------------------------------------------------------------

  #send(want) {
    // The second click of a double click finds nothing to send.
    if (empty(this.content)) return this.#focus();
    const [fault] = want.state === "draft" ? [] : faultsOf(this.content);
    if (fault || uploading(this.content)) {
      this.fault = fault ?? { field: "text", text: "A picture is still on its way." };
      return this.#focus(fault?.field === "body" ? "text" : fault?.field);
    }
    this.scheduling = false;
    this.drafts.send(want);
    this.#focus();
  }

  #publish() {
    this.#send(this.#writer ? { state: "published", publish_at: null } : { state: "submitted" });
  }

  #schedule({ detail: { publish_at, embargo } }) {
    this.#send({ state: "scheduled", publish_at, ...(embargo ? { embargo } : {}) });
  }

  async #load(entry) {
    this.notice = "";
    await this.drafts.load(entry);
    this.#focus();
  }

  #key = (event) => {
    if (event.key === "Escape" && empty(this.content)) return this.querySelector("lb-tray").undo();
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    // Nothing goes out at once while it is being said when it goes out.
    if (this.scheduling) this.querySelector("lb-schedule").done();
    else this.#publish();
  };

  /** From the headline to the text. */
  #down(event) {
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    this.#focus();
  }

  // Drawing ---------------------------------------------------------------------------------------

  render() {
    const { content, desk, fault } = this;
    const { lang, dir: direction } = desk.blog;
    return html`<section class="composer ${this.over ? "over" : ""}" aria-label="Composer" @keydown=${this.#key}
        @dragover=${this.#drop} @dragleave=${this.#drop} @drop=${this.#drop}>
      ${this.#headline(content, { lang, direction, fault })}
      <lb-text .text=${content.body} .known=${this.known} lang=${lang} direction=${direction}
        fault=${tooLong(content.body) || (["text", "body"].includes(fault?.field) ? fault.text : "")}
        @text=${({ detail }) => this.#put({ body: detail })} @command=${this.#command}
        @files=${({ detail }) => this.#files(detail)} @address=${this.#address}></lb-text>
      ${content.quote ? quoteFields(content.quote, { put: (quote) => this.#put({ quote }), direction, lang, fault }) : nothing}
      <lb-pictures .media=${content.media} .uploads=${this.uploads} direction=${direction} .fault=${fault}
        @change=${({ detail }) => this.#picture(detail.key, detail.changes)} @again=${({ detail }) => this.#upload(detail)}></lb-pictures>
      ${content.embed ? html`<lb-embed-card .desk=${desk} .embed=${content.embed} @card=${this.#card}></lb-embed-card>` : nothing}
      <div class="pair">
        <lb-chips label="Bylines" one="byline" .values=${content.bylines} .name=${({ name }) => name}
          .suggest=${(text) => named(text, this.known.bylines)} @values=${({ detail }) => this.#put({ bylines: detail })}></lb-chips>
        <lb-chips label="Tags" one="tag" .values=${content.tags}
          .suggest=${(text) => tagged(text, this.known.tags)} @values=${({ detail }) => this.#put({ tags: detail })}></lb-chips>
      </div>
      ${marks(content, { toggle: (name) => this.#toggle(name), obey: (name) => this.#obey(name), put: (changes) => this.#put(changes), chosen: this.#chosen })}
      ${this.#actions()}
      ${this.scheduling ? html`<lb-schedule zone=${desk.blog.time_zone} @schedule=${this.#schedule} @cancel=${this.#unschedule}></lb-schedule>` : nothing}
      <lb-tray .desk=${desk} .drafts=${this.drafts} @undone=${({ detail }) => this.#load(detail)}></lb-tray>
      <p class="said" role="status">${this.notice}</p>
      <p class="fault" role="alert">${tooLong(content.body) ? "" : this.drafts.current.trouble}</p>
      ${empty(content) ? nothing : html`<lb-preview .desk=${desk} .content=${content}></lb-preview>`}
    </section>`;
  }

  #headline(content, { lang, direction, fault }) {
    const wrong = fault?.field === "headline";
    return html`<p class="field headline">
      <label class="visually-hidden" for="headline">Headline</label>
      <input id="headline" maxlength="300" placeholder="Headline" autocomplete="off" lang=${lang} dir=${direction}
        .value=${live(content.headline)} aria-invalid=${wrong ? "true" : "false"} aria-describedby="headline-fault"
        @input=${({ target }) => this.#put({ headline: target.value })} @keydown=${this.#down} />
      <span class="fault" id="headline-fault">${wrong ? fault.text : ""}</span>
    </p>`;
  }

  #toggle(name) {
    if (name === "key" && !this.content.key) this.#put(obeyed("key", this.content));
    else this.#put({ [name]: !this.content[name] });
  }

  #chosen = ({ target }) => {
    this.#files([...target.files]);
    target.value = "";
  };

  #actions() {
    const { scheduling } = this;
    const save = html`<button type="button" @click=${() => this.#send({ state: "draft" })}>Save draft</button>`;
    const submit = html`<button type="button" class=${this.#writer ? "" : "primary"}
      @click=${() => this.#send({ state: "submitted" })}>Submit</button>`;
    return html`<div class="actions">
      ${
        this.#writer
          ? html`<button type="button" class="primary" title="Ctrl or Cmd with Enter" @click=${this.#publish}>Publish</button>
              <button type="button" aria-expanded=${scheduling ? "true" : "false"} @click=${() => (this.scheduling = !scheduling)}>Schedule…</button>
              ${save} ${submit}`
          : html`${submit} ${save}`
      }
      <span class="kept">${where(this)}</span>
    </div>`;
  }

  async #unschedule() {
    this.scheduling = false;
    await this.updateComplete;
    this.querySelector(".actions [aria-expanded]").focus();
  }
}

function missed(event) {
  if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
}

/** The values with one more, unless it is there already. */
function added(values, value, name) {
  return values.some((one) => name(one) === name(value)) ? values : [...values, value];
}

/** The words of a picture that were typed. */
function words(picture) {
  const typed = ["caption", "credit"].filter((name) => picture[name]);
  const left = typed.length > 0 ? { proposed: [] } : {};
  return { ...left, ...Object.fromEntries(typed.map((name) => [name, picture[name]])) };
}

customElements.define("lb-composer", Composer);

/* The blogs somebody works on, and, for chiefs of the house, making one. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { newKey, told } from "./api.js";
import { slugOf } from "./slug.js";
import { ownZone, zones } from "./zone.js";

const STATUS = { upcoming: "Upcoming", live: "Live", paused: "Paused", closed: "Closed" };
const VISIBILITY = { draft: "Draft", unlisted: "Unlisted", private: "Private", public: "Public" };

class Blogs extends LitElement {
  static properties = {
    api: { attribute: false },
    session: { attribute: false },
    base: {},
    blogs: { state: true },
    next: { state: true },
    making: { state: true },
    slug: { state: true },
    said: { state: true },
    busy: { state: true },
  };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.blogs = null;
    this.slug = "";
    this.titled = "";
    this.#read();
  }

  async #read(before = null) {
    try {
      if (this.session.person.role) await this.#all(before);
      else this.blogs = await this.#mine();
      this.said = "";
    } catch (error) {
      this.said = told(error);
    }
  }

  async #all(before) {
    const page = before ? `&before=${encodeURIComponent(before)}` : "";
    const { body } = await this.api.get(`/blogs?limit=50${page}`);
    this.blogs = [...(before ? this.blogs : []), ...body.blogs];
    this.next = body.next;
  }

  async #mine() {
    const asked = Object.keys(this.session.blogs).map((slug) => this.api.get(`/blogs/${slug}`));
    const answers = await Promise.allSettled(asked);
    // One that cannot be read takes none of the others along.
    const read = answers.filter(({ value }) => value).map(({ value }) => value.body);
    if (read.length === 0 && answers.length > 0) throw answers[0].reason;
    return read;
  }

  async #make(event) {
    event.preventDefault();
    if (this.busy) return;
    const given = new FormData(event.target);
    this.busy = true;
    try {
      const body = { title: given.get("title").trim(), slug: this.slug, time_zone: given.get("zone").trim() };
      await this.api.post("/blogs", body, { key: newKey() });
      location.assign(`${this.base}/studio/${this.slug}`);
    } catch (error) {
      this.said = told(error);
    } finally {
      this.busy = false;
    }
  }

  /** An address that somebody wrote stays. */
  #titled({ target }) {
    if (this.slug === slugOf(this.titled)) this.slug = slugOf(target.value);
    this.titled = target.value;
  }

  render() {
    const chief = this.session.person.role === "chief";
    return html`<div class="blogs">
      <h1>Live blogs</h1>
      ${chief && !this.making ? html`<p><button class="primary" @click=${this.#open}>New live blog</button></p>` : nothing}
      ${this.making ? this.#form() : nothing}
      <p class="fault" role="alert">${this.said}</p>
      ${this.#list()}
      ${this.next ? html`<p><button @click=${() => this.#read(this.next)}>More</button></p>` : nothing}
    </div>`;
  }

  async #open() {
    this.making = true;
    await this.updateComplete;
    this.querySelector("[name=title]").focus();
  }

  #form() {
    return html`<form class="card" @submit=${this.#make}>
      <p class="field">
        <label for="new-title">Title</label>
        <input id="new-title" name="title" maxlength="300" dir="auto" required @input=${this.#titled} />
      </p>
      <p class="field">
        <label for="new-slug">Address</label>
        <input id="new-slug" name="slug" pattern="[a-z0-9]+(-[a-z0-9]+)*" maxlength="80" required dir="ltr"
          aria-describedby="new-slug-hint" .value=${this.slug} @input=${({ target }) => (this.slug = target.value)} />
        <span class="hint" id="new-slug-hint">Small letters, digits and hyphens. It never changes. Readers see nothing until you make the blog public.</span>
      </p>
      <p class="field">
        <label for="new-zone">Time zone of the event</label>
        <input id="new-zone" name="zone" list="new-zones" required dir="ltr" .value=${ownZone()} />
        <datalist id="new-zones">${zones().map((zone) => html`<option value=${zone}></option>`)}</datalist>
      </p>
      <p class="buttons">
        <button class="primary" aria-disabled=${this.busy ? "true" : nothing}>Make it</button>
        <button type="button" @click=${() => (this.making = false)}>Cancel</button>
      </p>
    </form>`;
  }

  #list() {
    if (this.blogs === null) return nothing;
    if (this.blogs.length === 0) {
      return html`<p class="hint">There is no live blog for you yet. Ask a chief to let you in.</p>`;
    }
    return html`<ul class="cards" role="list">
      ${this.blogs.map(
        (blog) => html`<li>
          <a href="${this.base}/studio/${blog.slug}"><bdi lang=${blog.lang}>${blog.title}</bdi></a>
          <span class="hint"><span class="is-${blog.status}">${STATUS[blog.status]}</span>, ${VISIBILITY[blog.visibility].toLowerCase()}</span>
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define("lb-blogs", Blogs);

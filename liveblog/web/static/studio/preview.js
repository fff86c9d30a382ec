/* What is written as readers will see it: the server's own template, in a frame that has the style
   of the reader's page and nothing of the desk's, and in which no script runs. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { trusted } from "../trusted.js";
import { bodyOf, savable } from "./content.js";

const PAUSE_MS = 300;

class Preview extends LitElement {
  static properties = {
    desk: { attribute: false },
    content: { attribute: false },
    said: { state: true },
  };

  #timer = 0;
  #asked = "";
  #turn = 0;
  #size = null;
  #again = () => this.#soon(true);

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.desk.network.addEventListener("change", this.#again);
    this.desk.live?.addEventListener("media", this.#again);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#size?.disconnect();
    this.desk.network.removeEventListener("change", this.#again);
    this.desk.live?.removeEventListener("media", this.#again);
  }

  updated(changes) {
    if (changes.has("content")) this.#soon();
  }

  #soon(anew = false) {
    if (anew) this.#asked = "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    const { desk, content } = this;
    const body = bodyOf(content, true);
    const asked = JSON.stringify(body);
    if (!savable(content)) this.#asked = "";
    if (!savable(content) || asked === this.#asked) return;
    const turn = (this.#turn += 1);
    try {
      const answer = await desk.api.post(`/blogs/${desk.slug}/desk/preview`, body);
      if (turn !== this.#turn) return;
      this.#asked = asked;
      this.said = "";
      await this.#show(answer.body.html);
    } catch (error) {
      if (turn === this.#turn) this.said = error.status ? error.message : "Not up to date: there is no connection.";
    }
  }

  /** Puts the fragment where the reader's page has its entries. */
  async #show(fragment) {
    const frame = this.querySelector("iframe");
    if (!frame) return;
    const page = frame.contentDocument?.querySelector("#feed") ? frame.contentDocument : await this.#open(frame);
    const parsed = new DOMParser().parseFromString(trusted.createHTML(`<li>${fragment}</li>`), "text/html");
    page.querySelector("#feed").replaceChildren(page.adoptNode(parsed.body.firstElementChild));
  }

  async #open(frame) {
    const { blog, styles } = this.desk;
    const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
    const links = styles.map((href) => `<link rel="stylesheet" href="${href}">`).join("");
    frame.srcdoc = trusted.createHTML(
      `<!doctype html><html lang="${blog.lang}" dir="${blog.dir}"><meta charset="utf-8"><title>Preview</title>${links}<body><main class="live"><ol class="feed" id="feed" role="list"></ol></main>`,
    );
    await loaded;
    // A link would put the other page in place of the preview.
    frame.contentDocument.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
    this.#size?.disconnect();
    this.#size = new ResizeObserver(([{ target }]) => {
      frame.style.blockSize = `${Math.ceil(target.getBoundingClientRect().height)}px`;
    });
    this.#size.observe(frame.contentDocument.body);
    return frame.contentDocument;
  }

  render() {
    return html`<section class="preview" aria-label="Preview">
      <p class="hint">As readers will see it ${this.said ? html`<span class="fault" role="status">${this.said}</span>` : nothing}</p>
      <iframe title="Preview" sandbox="allow-same-origin"></iframe>
    </section>`;
  }
}

customElements.define("lb-preview", Preview);

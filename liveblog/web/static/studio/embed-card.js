/* Somebody else's page as a card: the server looks at it (a worker, never this browser) and says
   what it is called. A provider that it does not know stays a plain link. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";

const AGAIN_MS = 2000;
const ATTEMPTS = 30;

/** Tells `card` (what is known of it, or null to take it out). */
class EmbedCard extends LitElement {
  static properties = { desk: { attribute: false }, embed: { attribute: false } };

  #asked = "";

  createRenderRoot() {
    return this;
  }

  updated() {
    const { url, state } = this.embed;
    if (state === "pending" && this.#asked !== url) this.#ask(url);
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("card", { detail }));
  }

  async #ask(url) {
    this.#asked = url;
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { body } = await this.desk.api.post(`/blogs/${this.desk.slug}/embeds`, { url });
        if (this.embed?.url !== url || !this.isConnected) return;
        if (body.state !== "pending") return this.#tell({ ...body, url });
        await this.#news();
      }
      this.#tell({ url, state: "refused", reason: "The other site does not answer." });
    } catch (error) {
      if (this.embed?.url === url) this.#tell({ url, state: "refused", reason: told(error) });
    }
  }

  /** Comes when the desk's wire says that a page was looked at, or after a while without it. */
  #news() {
    return new Promise((done) => {
      const timer = setTimeout(done, AGAIN_MS);
      const heard = () => (clearTimeout(timer), done());
      this.desk.live.addEventListener("embed", heard, { once: true });
    });
  }

  render() {
    const { url, state, provider, title, author, thumbnail, reason } = this.embed;
    const host = URL.canParse(url) ? new URL(url).host : url;
    return html`<div class="embed-card" role="group" aria-label="Card">
      ${ours(thumbnail) ? html`<img src=${thumbnail} alt="" width="96" height="72" />` : nothing}
      <p><span class="hint">${provider ?? host}</span><br />
        <a href=${url} target="_blank" rel="noopener noreferrer"><bdi>${title ?? url}</bdi></a>
        ${author ? html`<br /><span class="hint"><bdi>${author}</bdi></span>` : nothing}
        <span class="hint" role="status">${state === "pending" ? " The page is looked at…" : state === "refused" ? ` It stays a link. ${reason ?? ""}` : ""}</span></p>
      <button type="button" @click=${() => this.#tell(null)}>Take the card out</button>
    </div>`;
  }
}

/** Whether it lies on this server: nothing is loaded from others. */
const ours = (url) => Boolean(url) && new URL(url, location.href).origin === location.origin;

customElements.define("lb-embed-card", EmbedCard);

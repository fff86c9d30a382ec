/* Taking a link: a name and a password of somebody who is asked in, or a new password of somebody
   who is here. What it holds stands behind the `#` of the address, and is taken out of it at
   once; whom it is for is asked of the server. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";

const SHORTEST = 12;
const LONGEST = 256;

class Join extends LitElement {
  static properties = {
    session: { attribute: false },
    token: { attribute: false },
    guest: { state: true },
    said: { state: true },
    busy: { state: true },
  };

  createRenderRoot() {
    return this;
  }

  firstUpdated() {
    this.#look();
  }

  updated(changed) {
    if (changed.has("guest") && this.guest) this.querySelector("input:not([hidden])").focus();
  }

  async #look() {
    await this.#try(async () => {
      this.guest = await this.session.guest(this.token);
    });
  }

  async #accept(event) {
    event.preventDefault();
    const name = this.querySelector("#join-name")?.value.trim() ?? null;
    const password = this.querySelector("#join-password").value;
    await this.#try(async () => {
      await this.session.accept(this.token, name, password);
      this.dispatchEvent(new Event("joined", { bubbles: true }));
    });
  }

  async #try(work) {
    if (this.busy) return;
    this.busy = true;
    this.said = "";
    try {
      await work();
    } catch (error) {
      this.said = told(error);
    } finally {
      this.busy = false;
    }
  }

  render() {
    const { guest } = this;
    return html`<h1>${guest?.name ? "Choose a password" : "Join the desk"}</h1>
      ${guest ? this.#form(guest) : html`${this.#fault()}
        ${this.said ? html`<p class="buttons"><button @click=${this.#look}>Try again</button></p>` : nothing}`}`;
  }

  #fault() {
    return html`<p class="fault" role="alert">${this.said}</p>`;
  }

  #form({ email, name, role, blog }) {
    const where = blog ? html`<bdi>${blog}</bdi>` : "all blogs";
    const whom = name ? html`<bdi>${name}</bdi>, ${email}` : html`${email} is asked in as ${role} of ${where}`;
    return html`<form class="enter" @submit=${this.#accept}>
      <p>${whom}</p>
      <input hidden autocomplete="username" .value=${email} />
      ${name ? nothing : html`<p class="field">
        <label for="join-name">Your name, as colleagues see it</label>
        <input id="join-name" autocomplete="name" maxlength="200" required />
      </p>`}
      <p class="field">
        <label for="join-password">Password</label>
        <input id="join-password" type="password" autocomplete="new-password" required
          minlength=${SHORTEST} maxlength=${LONGEST} aria-describedby="join-hint" />
        <span class="hint" id="join-hint">At least ${SHORTEST} characters${name ? "" : "; if you work here already, the one you have"}.</span>
      </p>
      ${this.#fault()}
      <p class="buttons"><button class="primary" aria-disabled=${this.busy ? "true" : nothing}>Come in</button></p>
    </form>`;
  }
}

customElements.define("lb-join", Join);

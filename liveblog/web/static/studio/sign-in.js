/* Signing in: a page of its own, or in place over the work when a session has ended. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";

let made = 0;

class SignIn extends LitElement {
  static properties = {
    session: { attribute: false },
    api: { attribute: false },
    /** The e-mail address of whoever worked here. */
    email: {},
    oidc: { state: true },
    said: { state: true },
    busy: { state: true },
  };

  own = `sign-in-${(made += 1)}`;

  createRenderRoot() {
    return this;
  }

  async connectedCallback() {
    super.connectedCallback();
    try {
      this.oidc = (await this.api.get("/sign-in", { patient: false })).body.oidc;
    } catch {
      this.oidc = null;
    }
  }

  firstUpdated() {
    this.querySelector(this.email ? "[type=password]" : "[type=email]").focus();
  }

  async #enter(event) {
    event.preventDefault();
    if (this.busy) return;
    const [email, password] = [...this.querySelectorAll("input")].map(({ value }) => value);
    this.busy = true;
    this.said = "";
    try {
      await this.session.signIn(email.trim(), password);
    } catch (error) {
      this.said = told(error);
      const field = this.querySelector("[type=password]");
      field.focus();
      field.select();
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`<form class="enter" @submit=${this.#enter}>
      <p class="field">
        <label for="${this.own}-email">E-mail address</label>
        <input id="${this.own}-email" type="email" autocomplete="username" required .value=${this.email ?? ""} />
      </p>
      <p class="field">
        <label for="${this.own}-password">Password</label>
        <input id="${this.own}-password" type="password" autocomplete="current-password" required
          ?autofocus=${this.email}
          aria-describedby="${this.own}-said" />
      </p>
      <p class="fault" id="${this.own}-said" role="alert">${this.said}</p>
      <p class="buttons">
        <button class="primary" aria-disabled=${this.busy ? "true" : nothing}>Sign in</button>
        ${this.oidc ? html`<a class="button" href=${this.oidc}>Sign in with your newsroom’s account</a>` : nothing}
      </p>
    </form>`;
  }
}

customElements.define("lb-sign-in", SignIn);

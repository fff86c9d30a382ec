/* Taking an invitation: a name and a password. What the invitation holds stands behind the `#` of
   the address, and is taken out of it at once. */

import { LitElement, html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";

const SHORTEST = 12;
const LONGEST = 256;

class Join extends LitElement {
  static properties = {
    session: { attribute: false },
    token: { attribute: false },
    said: { state: true },
    busy: { state: true },
  };

  createRenderRoot() {
    return this;
  }

  firstUpdated() {
    this.querySelector("input").focus();
  }

  async #accept(event) {
    event.preventDefault();
    if (this.busy) return;
    const [name, password] = [...this.querySelectorAll("input")].map(({ value }) => value);
    this.busy = true;
    this.said = "";
    try {
      await this.session.accept(this.token, name.trim(), password);
      this.dispatchEvent(new Event("joined", { bubbles: true }));
    } catch (error) {
      this.said = told(error);
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`<form class="enter" @submit=${this.#accept}>
      <p class="field">
        <label for="join-name">Your name, as colleagues see it</label>
        <input id="join-name" autocomplete="name" maxlength="200" required />
      </p>
      <p class="field">
        <label for="join-password">Password</label>
        <input id="join-password" type="password" autocomplete="new-password" required
          minlength=${SHORTEST} maxlength=${LONGEST} aria-describedby="join-hint" />
        <span class="hint" id="join-hint">At least ${SHORTEST} characters; if you work here already, the one you have.</span>
      </p>
      <p class="fault" role="alert">${this.said}</p>
      <p class="buttons"><button class="primary" aria-disabled=${this.busy ? "true" : nothing}>Come in</button></p>
    </form>`;
  }
}

customElements.define("lb-join", Join);

/* Who is on duty: the bylines that writers on this desk sign with. */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { Part } from "./part.js";
import { changeDesk, readDesk } from "./server.js";

class Duty extends Part {
  static properties = {
    duty: { state: true },
    said: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.said = "";
    this.#read();
    this.hear(this.desk.live, "again", () => this.#read());
    this.hear(this.desk.live, "desk", () => this.#read());
  }

  async #read() {
    try {
      this.#take(await readDesk(this.desk));
    } catch (error) {
      this.said = told(error);
    }
  }

  #take({ body, revision }) {
    this.duty = body.duty;
    this.revision = revision ?? body.revision;
  }

  /** Adds or takes off one name; when somebody else changed the list, that is done to theirs. */
  async #change(make, again = true) {
    try {
      this.#take(await changeDesk(this.desk, { duty: make(this.duty) }, this.revision));
      this.said = "";
      return true;
    } catch (error) {
      if (error.status === 412 && again) {
        await this.#read();
        return this.#change(make, false);
      }
      this.said = `Not saved. ${told(error)}`;
      return false;
    }
  }

  async #add(event) {
    event.preventDefault();
    const { target } = event;
    const [name, role] = ["name", "role"].map((field) => target[field].value.trim());
    if (!name) return;
    const one = role ? { name, role } : { name };
    const added = (duty) => [...duty.filter((other) => other.name !== name), one];
    if (!(await this.#change(added))) return;
    target.reset();
    target.name.focus();
    this.desk.say(`${name} is on duty.`);
  }

  async #drop(name) {
    if (!(await this.#change((duty) => duty.filter((one) => one.name !== name)))) return;
    this.desk.say(`${name} is off duty.`);
    this.focusOn("input");
  }

  render() {
    const { own, duty } = this;
    return html`<section class="duty" aria-labelledby="${own}-title">
      <h3 id="${own}-title">On duty</h3>
      <ul role="list">
        ${(duty ?? []).map(
          ({ name, role }) => html`<li>
            <bdi>${name}</bdi>${role ? html`, <bdi>${role}</bdi>` : nothing}
            <button type="button" class="quiet" aria-label="Take ${name} off duty" @click=${() => this.#drop(name)}>Off duty</button>
          </li>`,
        )}
      </ul>
      ${duty?.length === 0 ? html`<p class="hint">Nobody.</p>` : nothing}
      <form class="pair" @submit=${this.#add}>
        <p class="field">
          <label for="${own}-name">Name</label>
          <input id="${own}-name" name="name" maxlength="300" dir="auto" autocomplete="off" />
        </p>
        <p class="field">
          <label for="${own}-role">Role (may be empty)</label>
          <input id="${own}-role" name="role" maxlength="300" dir="auto" autocomplete="off" />
        </p>
        <button>Put on duty</button>
      </form>
      <p class="said" role="status">${this.said}</p>
    </section>`;
  }
}

customElements.define("lb-duty", Duty);

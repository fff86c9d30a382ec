/* Who works on this blog and as what, for chiefs, who change that and invite others. */

import { html, nothing } from "../vendor/lit.js";
import { told } from "./api.js";
import { ask } from "./ask.js";
import { Part } from "./part.js";
import {
  dropMember,
  invite,
  putMember,
  readInvitations,
  readMembers,
  withdrawInvitation,
} from "./server.js";
import { moment } from "./words.js";

const ROLES = [
  ["contributor", "Contributor", "submits"],
  ["editor", "Editor", "publishes"],
  ["chief", "Chief", "manages the blog and its people"],
];

class People extends Part {
  static properties = {
    members: { state: true },
    pending: { state: true },
    invited: { state: true },
    said: { state: true },
    fault: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.said = "";
    this.fault = "";
    if (this.desk.role === "chief") this.#read();
    else this.said = "The chiefs of a blog say who works on it.";
  }

  async #read() {
    try {
      const [members, pending] = await Promise.all([
        readMembers(this.desk),
        readInvitations(this.desk),
      ]);
      this.members = members.body.members;
      this.pending = pending.body.invitations;
    } catch (error) {
      this.said = told(error);
    }
  }

  async #role({ id, name }, select) {
    try {
      await putMember(this.desk, id, select.value);
      this.said = "";
      this.desk.say(`${name} is ${select.selectedOptions[0].textContent.trim()} now.`);
    } catch (error) {
      this.said = `Not changed. ${told(error)}`;
    }
    await this.#read();
  }

  async #drop({ id, name }) {
    const sure = await ask({
      title: `Take ${name} off this blog?`,
      text: "What they wrote stays. They are signed out of this desk within seconds.",
      yes: "Take off",
      danger: true,
    });
    if (sure === null) return;
    try {
      await dropMember(this.desk, id);
      this.desk.say(`${name} is not on this blog any more.`);
    } catch (error) {
      this.said = `Not changed. ${told(error)}`;
    }
    await this.#read();
    this.focusOn("h2");
  }

  async #withdraw({ id, email }) {
    const sure = await ask({
      title: `Withdraw the invitation of ${email}?`,
      text: "Its link stops working at once.",
      yes: "Withdraw",
      danger: true,
    });
    if (sure === null) return;
    try {
      await withdrawInvitation(this.desk, id);
      this.said = "";
      if (this.invited?.email === email) this.invited = undefined;
      this.desk.say(`The invitation of ${email} is withdrawn.`);
    } catch (error) {
      this.said = `Not withdrawn. ${told(error)}`;
    }
    await this.#read();
    this.focusOn("h2");
  }

  async #invite(event) {
    event.preventDefault();
    const { target } = event;
    const email = target.email.value.trim();
    this.fault = "";
    if (!target.email.checkValidity() || !email) {
      this.fault = "An e-mail address is needed.";
      return target.email.focus();
    }
    try {
      const { body } = await invite(this.desk, email, target.role.value);
      target.reset();
      if (body.person) return this.#here(body.person);
      this.invited = { ...body, email };
      this.focusOn("[data-link]");
      await this.#read();
    } catch (error) {
      this.fault = told(error);
    }
  }

  /** Who had an account needs no link. */
  async #here({ name }) {
    this.invited = undefined;
    this.desk.say(`${name} was here already, and is on this blog now.`);
    await this.#read();
  }

  async #copy() {
    const field = this.querySelector("[data-link]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      this.desk.say("The link is copied.");
    } catch {
      this.desk.say("The link is chosen: copy it.");
    }
  }

  render() {
    const { own, members } = this;
    const chief = this.desk.role === "chief";
    return html`<section class="members" aria-labelledby="${own}-title">
      <h2 id="${own}-title" tabindex="-1">People</h2>
      <p class="said" role="status">${this.said || (members ? "" : "Reading …")}</p>
      <ul role="list">${(members ?? []).map((one) => this.#member(one))}</ul>
      ${this.pending?.length ? this.#pending() : nothing} ${chief ? this.#invitation() : nothing}
    </section>`;
  }

  #member(person) {
    const { id, name, email, role, disabled } = person;
    const me = id === this.desk.me.id;
    return html`<li data-person=${id}>
      <span><strong><bdi>${name}</bdi></strong>${me ? " (you)" : ""}${disabled ? " (cannot sign in)" : ""}<br /><span class="hint">${email}</span></span>
      ${
        !me
          ? html`<select aria-label="Role of ${name}" @change=${({ target }) => this.#role(person, target)}>
                ${ROLES.map(([value, word]) => html`<option value=${value} ?selected=${value === role}>${word}</option>`)}
              </select>
              <button type="button" class="quiet" aria-label="Take off: ${name}" @click=${() => this.#drop(person)}>Take off</button>`
          : html`<span>${ROLES.find(([value]) => value === role)?.[1] ?? role}</span>`
      }
    </li>`;
  }

  /** Who was asked in and has not come yet. */
  #pending() {
    const { own, pending } = this;
    const until = ({ expires_at }) => moment(expires_at, this.desk.blog.time_zone, Date.now());
    return html`<h3 id="${own}-pending">Invited</h3>
      <ul role="list" aria-labelledby="${own}-pending">${pending.map(
        (one) => html`<li data-invitation=${one.id}>
          <span><bdi>${one.email}</bdi><br /><span class="hint">${ROLES.find(([value]) => value === one.role)[1]},
            by <bdi>${one.by.name || "somebody"}</bdi>, until ${until(one)}</span></span>
          <button type="button" class="quiet" aria-label="Withdraw the invitation: ${one.email}" @click=${() => this.#withdraw(one)}>Withdraw</button>
        </li>`,
      )}</ul>`;
  }

  #invitation() {
    const { own, invited, fault } = this;
    return html`<form class="invite" aria-labelledby="${own}-invite" novalidate @submit=${this.#invite}>
        <h3 id="${own}-invite">Invite somebody</h3>
        <div class="pair">
          <p class="field">
            <label for="${own}-email">E-mail</label>
            <input id="${own}-email" name="email" type="email" required autocomplete="off" dir="ltr"
              aria-invalid=${fault ? "true" : nothing} aria-describedby=${fault ? `${own}-fault` : nothing} />
            ${fault ? html`<span class="fault" id="${own}-fault" role="alert">${fault}</span>` : nothing}
          </p>
          <p class="field">
            <label for="${own}-role">Role</label>
            <select id="${own}-role" name="role">
              ${ROLES.map(([value, word, does]) => html`<option value=${value}>${word}: ${does}</option>`)}
            </select>
          </p>
          <button class="primary">Make a link</button>
        </div>
      </form>
      ${
        invited
          ? html`<div class="invited">
              <p class="field">
                <label for="${own}-link">Send this link to ${invited.email}. It works once, until
                  ${moment(invited.expires_at, this.desk.blog.time_zone, Date.now())}.</label>
                <input id="${own}-link" data-link readonly dir="ltr" .value=${new URL(invited.url, location.href).href} />
              </p>
              <button type="button" @click=${this.#copy}>Copy the link</button>
            </div>`
          : nothing
      }`;
  }
}

customElements.define("lb-members", People);

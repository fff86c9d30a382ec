/* The desk's shell: who is signed in, which blog and which place is open, and whether the server
   can be reached. What is shown there are the parts (views.js); all get the same `desk`. */

import { LitElement, html, keyed, nothing } from "../vendor/lit.js";
import { Api, told } from "./api.js";
import "./blogs.js";
import { keepFocus } from "./focus.js";
import "./join.js";
import { Network } from "./network.js";
import { Session } from "./session.js";
import { readBlog } from "./server.js";
import "./sign-in.js";
import { PLACES, beside, rail, view, wireOf } from "./views.js";

const TYPING_MS = 1000;

class Studio extends LitElement {
  static properties = {
    ready: { state: true },
    desk: { state: true },
    place: { state: true },
    said: { state: true },
    fault: { state: true },
  };

  /** Where the focus was when somebody was asked to sign in again. */
  #leftAt = null;
  #typedAt = -TYPING_MS;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    const { prefix, site } = this.dataset;
    this.base = prefix;
    this.site = site || "Desk";
    this.network = new Network(`${prefix}/healthz`);
    this.api = new Api(`${prefix}/api/v1`, this.network);
    this.session = new Session(this.api);
    this.token = invitation(prefix);
    this.#go();
    addEventListener("hashchange", () => this.#go());
    keepFocus(this);
    addEventListener("keydown", (event) => this.#typing(event), true);
    this.network.addEventListener("change", () => this.#reached());
    this.session.addEventListener("change", () => this.#signed());
    this.#load();
  }

  async #load() {
    try {
      await this.session.load();
      this.ready = true;
      this.fault = "";
    } catch (error) {
      this.fault = told(error);
    }
  }

  /** What an input method takes for itself (Enter chooses a word, Esc none) is nobody's key here;
      Safari says so by the code alone. */
  #typing(event) {
    this.#typedAt = performance.now();
    if (event.isComposing || event.keyCode === 229) event.stopPropagation();
  }

  #reached() {
    this.requestUpdate();
    if (!this.network.up) return;
    if (!this.ready) this.#load();
    else if (!this.desk) this.#signed();
  }

  /** Somebody came or went: the blog of the address opens, or closes. */
  #signed() {
    const slug = slugIn(this.base);
    if (!this.session.person) {
      this.desk?.live.stop();
      this.desk = null;
    } else if (slug && !this.desk && !this.token) this.#open(slug);
    this.requestUpdate();
  }

  async #open(slug) {
    const role = this.session.role(slug);
    try {
      if (!role) throw new Error("There is no such live blog, or you have no role on it.");
      const { body } = await this.api.get(`/blogs/${slug}`);
      this.desk = {
        slug,
        role,
        api: this.api,
        session: this.session,
        network: this.network,
        me: this.session.person,
        blog: body,
        live: wireOf(`${this.base}/api/v1/blogs/${slug}/desk/live`),
        base: this.base,
        styles: [this.dataset.pageCss, this.dataset.themeCss].filter(Boolean),
        say: (text) => this.#say(text),
      };
      this.desk.live.addEventListener("blog", () => this.#reread());
      this.fault = "";
      document.title = `${body.title} – Desk`;
    } catch (error) {
      this.fault = told(error);
    }
  }

  /** Somebody changed the page. What cannot be read now is read when the wire is back. */
  async #reread() {
    try {
      this.#changed({ detail: (await readBlog(this.desk)).body });
    } catch {
      // It is shown as it was.
    }
  }

  /** Its title, language, zone or status is another: everybody is shown with the new one. */
  #changed({ detail: blog }) {
    if (!this.desk || blog.revision <= this.desk.blog.revision) return;
    this.desk = { ...this.desk, blog };
    document.title = `${blog.title} – Desk`;
  }

  /** Says something to whoever listens and does not look; the same twice is said twice. */
  #say(text) {
    this.said = this.said === text ? `${text}\u00a0` : text;
  }

  #go() {
    const place = location.hash.replace(/^#\/?/, "");
    this.place = PLACES.includes(place) ? place : "";
    if (this.place === "") this.updateComplete.then(() => this.querySelector("lb-composer")?.write?.());
  }

  async #signOut() {
    try {
      await this.session.signOut();
      document.title = "Desk";
    } catch (error) {
      this.fault = told(error);
    }
  }

  #joined() {
    this.token = "";
    location.replace(`${this.base}/studio`);
  }

  updated() {
    const dialog = this.querySelector("dialog.again");
    // Not in the middle of a word: the rest of it would go into the password.
    const pause = TYPING_MS - (performance.now() - this.#typedAt);
    if (dialog && !dialog.open && pause > 0) setTimeout(() => this.requestUpdate(), pause);
    else if (dialog && !dialog.open) {
      this.#leftAt = document.activeElement;
      dialog.showModal();
    } else if (!dialog && this.#leftAt) {
      this.#leftAt.focus();
      this.#leftAt = null;
    }
  }

  render() {
    return html`${this.#reach()} ${this.#page()}
      <p class="visually-hidden" role="status" aria-live="polite" id="said">${this.said}</p>
      ${this.session.over && !this.session.later ? this.#again() : nothing}`;
  }

  #reach() {
    const { network, session } = this;
    return html`<div class="banners" role="status">
      ${network.up ? nothing : html`<p class="banner">No connection to the server. What you write is kept in this browser and sent when the connection is back.</p>`}
      ${session.over && session.later ? html`<p class="banner">You are signed out. What you write is kept in this browser. <button @click=${() => session.resume()}>Sign in</button></p>` : nothing}
    </div>`;
  }

  #page() {
    if (!this.ready) return this.fault ? this.#alone(this.site, html`<p class="fault" role="alert">${this.fault}</p>`) : nothing;
    const { session, api, base } = this;
    if (this.token) {
      return html`<main class="alone" id="main"><lb-join .session=${session} .token=${this.token} @joined=${this.#joined}></lb-join></main>`;
    }
    if (!session.person) {
      return this.#alone(this.site, html`<lb-sign-in .session=${session} .api=${api}></lb-sign-in>`);
    }
    if (!slugIn(base)) {
      return html`${this.#top(nothing)}
        <main id="main"><lb-blogs .api=${api} .session=${session} base=${base}></lb-blogs></main>`;
    }
    if (!this.desk) {
      return html`${this.#top(nothing)}<main id="main"><p class="fault" role="alert">${this.fault}</p></main>`;
    }
    return keyed(session.person.id, this.#desk(this.desk, this.place));
  }

  #alone(title, content) {
    return html`<main class="alone" id="main"><h1>${title}</h1>${content}</main>`;
  }

  #top(blog) {
    return html`<header class="top">
      <a class="home" href="${this.base}/studio">${this.site}</a>
      ${blog}
      <span class="who">
        <span>${this.session.person.name}</span>
        <button class="quiet" @click=${this.#signOut}>Sign out</button>
      </span>
    </header>`;
  }

  #desk(desk, place) {
    const { blog } = desk;
    const title = html`<bdi class="blog" lang=${blog.lang}>${blog.title}</bdi>
      <a class="page" href=${blog.url} target="_blank" rel="noopener">Live page</a>`;
    return html`<a class="skip" href="#main" @click=${this.#skip}>Skip to the work</a>
      ${this.#top(title)}
      <div class="desk">
        ${rail(desk, place)}
        <main id="main" tabindex="-1" @blog-changed=${this.#changed}>
          <h1 class="visually-hidden">${blog.title}</h1>
          <lb-composer .desk=${desk} ?hidden=${place !== ""}></lb-composer>
          ${view(desk, place)}
        </main>
        <aside class="beside" aria-label="Beside the work">${beside(desk)}</aside>
      </div>`;
  }

  /** The place stands behind the `#`, so the link leads by hand. */
  #skip(event) {
    event.preventDefault();
    this.querySelector("#main").focus();
  }

  #again() {
    const { session, api } = this;
    return html`<dialog class="again" aria-labelledby="again-title" @cancel=${() => session.postpone()}>
      <h2 id="again-title">Your session has ended</h2>
      <p>Sign in to go on. Nothing of what you wrote is lost.</p>
      <lb-sign-in .session=${session} .api=${api} email=${session.person.email}></lb-sign-in>
      <p><button class="quiet" @click=${() => session.postpone()}>Not now</button></p>
    </dialog>`;
  }
}

/** The slug of the address, or "". */
function slugIn(prefix) {
  const [slug = ""] = location.pathname.slice(`${prefix}/studio/`.length).split("/");
  return slug;
}

/** What an invitation holds, taken out of the address, or "". */
function invitation(prefix) {
  const token = location.hash.slice(1);
  if (location.pathname !== `${prefix}/studio/join` || !token || token.startsWith("/")) return "";
  history.replaceState(null, "", location.pathname);
  return token;
}

customElements.define("lb-studio", Studio);

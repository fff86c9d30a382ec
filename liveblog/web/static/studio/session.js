/* Who is signed in. When that ends in the middle of the work, `change` is told with `over` true:
   the shell asks for sign-in in place, and what is asked meanwhile waits for it. Nothing goes out
   in another one's name: where somebody else signed in, here or in another window, the page is
   loaded anew, and the words of the first one are kept for them. */

const RANK = { contributor: 1, editor: 2, chief: 3 };

export class Session extends EventTarget {
  /** `{id, name, email, role}`, or null. */
  person = null;
  /** Roles by slug. */
  blogs = {};
  /** Whether a session ended while somebody was working; their page is still open. */
  over = false;
  /** Whether they said that they would sign in later. */
  later = false;
  #api;
  #waiting = null;

  constructor(api) {
    super();
    this.#api = api;
    api.signIn = () => this.#again();
    api.allowed = () => this.#allowed();
    addEventListener("storage", ({ key }) => {
      if (key === WHO && !isOurs(this.person?.id)) location.reload();
    });
  }

  /** Who comes with this browser. */
  async load() {
    try {
      const { body } = await this.#api.get("/session", { patient: false });
      this.person = body.person;
      this.blogs = body.blogs;
      note(this.person.id);
    } catch (error) {
      if (error.status !== 401) throw error;
      this.person = null;
    }
    this.#tell();
  }

  /** The role on a blog, or null. */
  role(slug) {
    const [most] = [this.person?.role, this.blogs[slug]]
      .filter(Boolean)
      .sort((a, b) => RANK[b] - RANK[a]);
    return most ?? null;
  }

  /** @throws Problem `sign-in-failed` */
  async signIn(email, password) {
    await this.#entered("/session", { email, password });
  }

  /** Whom a link is for: `{email, name, role, blog}`, with a `name` where it is for a new
      password. @throws Problem 404 where it is not valid. */
  async guest(token) {
    return (await this.#api.post("/invitations/show", { token }, { patient: false })).body;
  }

  /** Takes an invitation; `name` is null in one for a new password. */
  async accept(token, name, password) {
    await this.#entered("/invitations/accept", { token, name, password });
  }

  async signOut() {
    await this.#api.delete("/session", { patient: false });
    this.person = null;
    this.over = false;
    this.#tell();
  }

  /** Signing in can wait: what was asked fails, and is not asked again by itself. */
  postpone() {
    this.later = true;
    this.#settle(false);
  }

  /** Now they want to. */
  resume() {
    this.later = false;
    this.#tell();
  }

  async #entered(path, body) {
    const before = this.person?.id;
    await this.#api.post(path, body, { patient: false });
    const found = await this.#api.get("/session", { patient: false });
    note(found.body.person.id);
    if (this.over && before !== found.body.person.id) {
      location.reload();
      return;
    }
    this.blogs = found.body.blogs;
    this.person = found.body.person;
    this.later = false;
    this.over = false;
    this.#settle(true);
  }

  /** While somebody is asked to sign in, everything waits. */
  #allowed() {
    if (!isOurs(this.person?.id)) {
      location.reload();
      return new Promise(() => {});
    }
    return this.over && !this.later ? this.#again() : true;
  }

  #again() {
    if (this.later || !this.person) return Promise.resolve(false);
    this.over = true;
    this.#waiting ??= deferred();
    this.#tell();
    return this.#waiting.promise;
  }

  #settle(signedIn) {
    this.#waiting?.resolve(signedIn);
    this.#waiting = null;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

const WHO = "liveblog:person";

/** Tells the other windows who is signed in. */
function note(id) {
  try {
    // Where there is no room for it, there is no wrong one either.
    localStorage.removeItem(WHO);
    localStorage.setItem(WHO, id);
  } catch {
    // Then each window finds out by itself.
  }
}

/** Whether nobody else signed in since. */
function isOurs(id) {
  try {
    return !id || [id, null].includes(localStorage.getItem(WHO));
  } catch {
    return true;
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

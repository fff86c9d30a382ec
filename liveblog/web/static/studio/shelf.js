/* Where drafts lie in this browser. Writing there is done when the call returns, so that nothing
   is lost with the window; and each draft is held by one window, with a lock that the browser
   lets go when the window ends. */

export class Shelf {
  #start;
  #bylines;
  #held = new Map();

  /** @param start what the names of this shelf begin with: person and blog */
  constructor(start) {
    this.#start = start;
    this.#bylines = start.replace(":draft:", ":byline:");
  }

  /** All drafts, the newest first. */
  all() {
    const found = [];
    for (const name of names(this.#start)) {
      const draft = read(name);
      if (draft?.id && draft.content) found.push(draft);
    }
    return found.sort((a, b) => b.at - a.at);
  }

  /** @returns whether the browser kept it */
  put(draft) {
    return write(this.#start + draft.id, draft);
  }

  drop(id) {
    try {
      localStorage.removeItem(this.#start + id);
    } catch {
      // Then there is none.
    }
    this.#held.get(id)?.();
    this.#held.delete(id);
  }

  /** One that this window has made. */
  own(id) {
    this.hold(id);
    sessionStorage.setItem(this.#start + id, "own");
  }

  /** Takes a draft for this window. @returns whether no other window has it */
  async hold(id) {
    if (this.#held.has(id)) return true;
    // Without locks (plain http) only what this window made is known to be nobody else's.
    if (!navigator.locks) return sessionStorage.getItem(this.#start + id) !== null;
    return new Promise((done) => {
      navigator.locks.request(this.#start + id, { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock && new Promise((release) => this.#held.set(id, release));
      });
    });
  }

  close() {
    for (const release of this.#held.values()) release();
    this.#held.clear();
  }

  /** The bylines used last on this blog. */
  get bylines() {
    return read(this.#bylines) ?? [];
  }

  set bylines(bylines) {
    write(this.#bylines, bylines);
  }
}

function names(start) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(start));
  } catch {
    return [];
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

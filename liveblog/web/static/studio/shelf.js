/* Where drafts lie in this browser. Writing there is done when the call returns, so that nothing
   is lost with the window; and each draft is held by one window, with a lock that the browser
   lets go when the window ends. Pages that came by plain http have no locks: there the other
   windows are asked, and the one that holds it answers. */

const ANSWERED_MS = 300;

export class Shelf {
  #start;
  #bylines;
  #held = new Map();
  #asked = new Map();
  #channel = null;

  /** @param start what the names of this shelf begin with: person and blog */
  constructor(start) {
    this.#start = start;
    this.#bylines = start.replace(":draft:", ":byline:");
    if (navigator.locks) return;
    this.#channel = new BroadcastChannel(start);
    this.#channel.onmessage = ({ data: { ask, held } }) => {
      if (this.#held.has(ask)) this.#channel.postMessage({ held: ask });
      this.#asked.get(held)?.(false);
    };
  }

  /** All drafts, the newest first. */
  all() {
    const found = names(this.#start).map(read).filter((draft) => draft?.id && draft.content);
    return found.sort((a, b) => b.at - a.at);
  }

  /** One draft, or null. */
  get(id) {
    return read(this.#start + id);
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
    if (this.#channel) this.#held.set(id, () => {});
    else this.hold(id);
  }

  /** Takes a draft for this window. @returns whether no other window has it */
  async hold(id) {
    if (this.#held.has(id)) return true;
    return this.#channel ? this.#free(id) : this.#locked(id);
  }

  /** Whether no other window says that it has it. */
  async #free(id) {
    const free = await new Promise((done) => {
      this.#asked.set(id, done);
      this.#channel.postMessage({ ask: id });
      setTimeout(() => done(true), ANSWERED_MS);
    });
    this.#asked.delete(id);
    if (free) this.#held.set(id, () => {});
    return free;
  }

  #locked(id) {
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
    this.#channel?.close();
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

/* Keeps what is written: in this browser with every stroke, at the server when the typing pauses,
   and sends what is to be published, each draft once, also after the network, the server or the
   tab was away. A draft belongs to one window at a time (a lock that ends with the window).

   Tells `change`, and `done` when something reached its end: `{entry, want}`. */

import { newKey, told } from "./api.js";
import { blank, contentOf, empty, uploading } from "./content.js";
import { FORKED, STALE_MS, answered, draftFrom, draftOf, due, kept, refused, typed, wanting } from "./draft.js";
import { Shelf } from "./shelf.js";

const PAUSE_MS = 800;
const LONGEST_MS = 5000;
const AGAIN_MS = 3000;
const GOING = "It is on its way already.";
const ELSEWHERE = "This draft is open in another window of yours.";

export class Drafts extends EventTarget {
  /** The one in the composer. */
  current;
  /** Those on their way out, by id. */
  outgoing = new Map();
  /** Whether this browser could keep the last stroke. */
  safe = true;
  #desk;
  #shelf;
  #since = 0;
  #timers = new Map();
  #sending = new Set();
  #waiting = new Set();
  #ears = new AbortController();

  constructor(desk) {
    super();
    this.#desk = desk;
    addEventListener("beforeunload", (event) => this.#here && event.preventDefault(), {
      signal: this.#ears.signal,
    });
    this.#shelf = new Shelf(`liveblog:draft:${desk.me.id}:${desk.slug}:`);
    this.current = this.#fresh();
    const { signal } = this.#ears;
    for (const reach of [desk.network, desk.session]) {
      reach.addEventListener("change", () => this.#awake(), { signal });
    }
    desk.live.addEventListener("touched", ({ detail }) => this.#elsewhere(detail), { signal });
  }

  /** Takes up what was left in this browser: the newest words into the composer, the rest is
      sent on. */
  async open() {
    for (const { id } of this.#shelf.all()) {
      // Whoever had it may have sent it meanwhile.
      const draft = (await this.#shelf.hold(id)) && this.#shelf.get(id);
      if (!draft) continue;
      if (draft.want || draft.op?.want) this.#resume(draft);
      else if (empty(this.current.content) && !empty(draft.content)) this.current = draft;
      else this.#leave(draft);
    }
    this.#tell();
    this.#send(this.current.id);
  }

  close() {
    this.#ears.abort();
    // Whoever signs out leaves no words behind that the server has.
    if (!this.#desk.session.person && kept(this.current)) this.#shelf.drop(this.current.id);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#shelf.close();
  }

  /** The composer's words changed. */
  typed(content) {
    const now = Date.now();
    this.#keep(typed(this.current, content, now));
    // Who never pauses is saved too.
    this.#since ||= now;
    this.#later(this.current.id, Math.max(0, Math.min(PAUSE_MS, this.#since + LONGEST_MS - now)));
  }

  /** A picture came, or did not: `change` is made of it, also where its draft has left the composer
      meanwhile. */
  amend(key, change) {
    const has = ({ content }) => content.media.some((one) => one.key === key);
    const draft = [this.current, ...this.outgoing.values()].find(has);
    if (!draft) return;
    const media = draft.content.media.map((one) => (one.key === key ? change(one) : one));
    const content = { ...draft.content, media };
    if (draft.id === this.current.id) this.typed(content);
    else this.#leave(typed(draft, content, Date.now()));
  }

  /** What is in the composer goes out; the composer is free for the next.
      @param want `{state, publish_at, embargo}` */
  send(want) {
    const draft = wanting(this.current, want, Date.now());
    this.outgoing.set(draft.id, draft);
    this.current = this.#fresh();
    this.#keep(draft);
    this.#send(draft.id);
  }

  /** One that waits for a word goes out now. */
  resume(id) {
    this.#keep({ ...this.outgoing.get(id), stale: false, trouble: "", at: Date.now() });
    this.#send(id);
  }

  /** One that was not sent comes back into the composer; what is there now is kept among the
      drafts. */
  recall(id) {
    const draft = this.outgoing.get(id);
    this.outgoing.delete(id);
    this.#park();
    this.current = { ...draft, want: null, stale: false };
    this.#keep(this.current);
  }

  /** An entry that the server keeps as a draft comes into the composer, unless it is said why it
      does not. */
  async load(entry) {
    const here = this.#shelf.all().find((draft) => draft.entry === entry.id);
    const id = here?.id ?? entry.id;
    if (id === this.current.id) return;
    if (this.outgoing.has(id)) return this.#notice(GOING);
    if (!(await this.#shelf.hold(id))) return this.#notice(ELSEWHERE);
    this.#park();
    this.current = this.#shelf.get(id) ?? draftFrom(id, contentOf(entry), entry, Date.now());
    this.#keep(this.current);
  }

  /** Whether the server has every word of the composer. */
  get saved() {
    return kept(this.current);
  }

  /** Whether something is in this window only: the file of a picture, and where the browser keeps
      nothing, words that the server does not have. */
  get #here() {
    const all = [this.current, ...this.outgoing.values()];
    return all.some(({ content }) => uploading(content)) || !(this.safe || all.every(kept));
  }

  /** Whether the server did not take the last words, and why that is said or tried again. */
  get waits() {
    return this.current.trouble !== "" || this.#waiting.has(this.current.id);
  }

  #fresh() {
    const id = newKey();
    this.#shelf.own(id);
    return draftOf(id, blank(this.#shelf.bylines), Date.now());
  }

  /** What is in the composer goes to the drafts. */
  #park() {
    const draft = this.current;
    if (empty(draft.content)) return this.#shelf.drop(draft.id);
    this.#leave(draft);
    this.#notice("What you had begun is among the drafts.");
  }

  #notice(detail) {
    this.dispatchEvent(new CustomEvent("notice", { detail }));
  }

  #leave(draft) {
    this.outgoing.delete(draft.id);
    if (settled(draft)) return this.#shelf.drop(draft.id);
    this.outgoing.set(draft.id, { ...draft, quiet: true });
    this.#send(draft.id);
  }

  /** What was under way when the window closed. What the server may know already is said again at
      once; what it never heard, and is old, waits for a word. */
  #resume(draft) {
    const stale = !draft.op && Date.now() - draft.at > STALE_MS;
    this.outgoing.set(draft.id, { ...draft, stale });
    if (!stale) this.#send(draft.id);
  }

  /** What the composer has was published or thrown away in a list. Where the server has every word,
      the composer is free: it would only go out twice. */
  #elsewhere({ entry, revision, state }) {
    const { current } = this;
    if (entry !== current.entry || revision <= current.revision) return;
    if (state === "draft" || !settled(current)) return;
    this.#shelf.drop(current.id);
    this.current = this.#fresh();
    this.#notice("What stood here is no draft any more.");
    this.#tell();
  }

  #find(id) {
    return id === this.current.id ? this.current : this.outgoing.get(id);
  }

  /** The network or the session came or went. */
  #awake() {
    this.#tell();
    for (const id of [this.current.id, ...this.outgoing.keys()]) this.#send(id);
  }

  #keep(draft) {
    if (draft.id === this.current.id) this.current = draft;
    else this.outgoing.set(draft.id, draft);
    this.safe = this.#shelf.put(draft);
    if (draft.content.bylines.length > 0) this.#shelf.bylines = draft.content.bylines;
    this.#tell();
  }

  #later(id, ms) {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.#send(id), ms));
  }

  async #send(id) {
    const draft = this.#find(id);
    if (id === this.current.id) this.#since = 0;
    if (!draft || draft.stale || this.#sending.has(id) || !this.#desk.network.up) return;
    const next = due(draft, `/blogs/${this.#desk.slug}/entries`, newKey());
    if (!next) return;
    this.#keep(next);
    this.#sending.add(id);
    const { op } = next;
    let again = true;
    try {
      const { body } = await this.#desk.api.send(op.method, op.path, op);
      this.#answer(id, body, op);
    } catch (error) {
      again = this.#refuse(id, error);
    } finally {
      this.#sending.delete(id);
      this.#tell();
    }
    if (again) this.#later(id, this.#find(id)?.want ? 0 : PAUSE_MS);
  }

  #answer(id, entry, op) {
    const draft = answered(this.#find(id), entry);
    this.#waiting.delete(id);
    document.dispatchEvent(new CustomEvent("liveblog:wrote", { detail: entry }));
    if (draft.over || (draft.quiet && settled(draft))) {
      this.outgoing.delete(id);
      this.#shelf.drop(id);
      if (draft.over) this.dispatchEvent(new CustomEvent("done", { detail: { entry, want: op.want } }));
    } else this.#keep(draft);
  }

  /** @returns whether there is something to be sent at once */
  #refuse(id, error) {
    const before = this.#find(id);
    const draft = refused(before, { status: error.status, passing: error.passing, message: told(error) });
    if (before.entry && !draft.entry) this.#notice(FORKED);
    // What cannot be sent is shown, so that it is not forgotten.
    this.#keep(draft.trouble ? { ...draft, quiet: false } : draft);
    if (error.passing) this.#waiting.add(id);
    if (error.passing && error.status) this.#later(id, (error.retryAfter ?? AGAIN_MS / 1000) * 1000);
    const back = before.want && !draft.want && id !== this.current.id;
    if (back && empty(this.current.content)) this.recall(id);
    return draft.op === null && !draft.trouble;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Whether there is nothing of it that the server does not have. */
const settled = (draft) => kept(draft) && !uploading(draft.content);

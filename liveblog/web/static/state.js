/* What the page claims of itself: only what the server has said, in the server's time. */

/** The name of the sentence in the mark: the blog's status only while the wire proves it. */
export function markOf(connection, status) {
  if (connection === "waiting" || connection === "stopped") return connection;
  return connection === "live" ? status : "";
}

/** Whether the page may say up to which second it has everything. */
export function proves(connection, status, heard) {
  return connection === "live" && status !== "closed" && heard !== "";
}

export class State {
  #page = document.getElementById("live");
  #mark = document.getElementById("mark");
  #line = document.getElementById("updated");
  #reload = document.getElementById("reload");
  #words;
  #clock;
  #status;
  #connection = "none";
  #heard = "";
  #changed = "";

  /** @param clock says a server's time: `clock(iso, { seconds })`. */
  constructor(words, clock) {
    this.#words = words;
    this.#clock = clock;
    this.#status = this.#page.dataset.status;
  }

  /** The wire is "live", "waiting" or "stopped". */
  connection(now) {
    if (now !== "live") this.#heard = "";
    this.#connection = now;
    this.#show();
  }

  /** The server said at this time of its own that there is no more than what is here. */
  heard(at) {
    this.#heard = at;
    this.#show();
  }

  /** Something was published or changed at this time. */
  changed(at) {
    this.#changed = at > this.#changed ? at : this.#changed;
    this.#show();
  }

  status(value) {
    this.#status = value in this.#words ? value : "live";
    this.#show();
  }

  /** Text is set only when it differs, so that a screen reader says each state once. */
  #show() {
    const name = markOf(this.#connection, this.#status);
    const text = this.#words[name] ?? "";
    if (this.#mark.textContent !== text) this.#mark.textContent = text;
    this.#page.dataset.connection = this.#connection;
    this.#page.dataset.status = this.#status;
    // As long as this page moves by itself there is nothing to reload.
    this.#reload.hidden = name !== "" && name !== "stopped";
    this.#showTime();
  }

  #showTime() {
    const proven = proves(this.#connection, this.#status, this.#heard);
    const at = proven ? this.#heard : this.#changed;
    if (!at) return;
    const sentence = proven ? this.#words.up_to_date : this.#words.last_update;
    const text = sentence.replace("%(time)s", this.#clock(at, proven));
    if (this.#line.textContent !== text) this.#line.textContent = text;
  }
}

/* What the page claims of itself: only what the server has said, in the server's time. */

/** The name of the word in the mark: the blog's status only while the wire proves it. */
export function markOf(connection, status) {
  return connection === "live" ? status : connection;
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
  #times;
  #status;
  #connection = "waiting";
  #heard = "";
  #latest = "";
  #changed;

  /** @param times says a server's moment: `clock`, `date`, `sameDay`. */
  constructor(words, times) {
    this.#words = words;
    this.#times = times;
    this.#status = this.#page.dataset.status;
    this.#changed = this.#line.querySelector("time").dateTime;
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
    this.#latest = at;
    this.#show();
  }

  /** Something was published or changed at this time. */
  changed(at) {
    if (new Date(at) > new Date(this.#changed)) this.#changed = at;
    this.#show();
  }

  status(value) {
    this.#status = value in this.#words ? value : "live";
    this.#show();
  }

  /** Text is set only when it differs, so that a screen reader says each state once. */
  #show() {
    const name = markOf(this.#connection, this.#status);
    const text = this.#words[name];
    if (this.#mark.textContent !== text) this.#mark.textContent = text;
    this.#page.dataset.connection = this.#connection;
    this.#page.dataset.status = this.#status;
    // As long as this page moves by itself there is nothing to reload.
    this.#reload.hidden = name !== "stopped";
    this.#showTime();
  }

  #showTime() {
    const proven = proves(this.#connection, this.#status, this.#heard);
    const at = proven ? this.#heard : this.#changed;
    const time = document.createElement("time");
    time.dateTime = at;
    time.textContent = proven ? this.#times.clock(at, true) : this.#moment(at);
    const sentence = proven ? this.#words.up_to_date : this.#words.last_update;
    const [before, after] = sentence.split("%(time)s");
    if (this.#line.textContent === before + time.textContent + after) return;
    this.#line.replaceChildren(before, time, after);
  }

  /** The time, and the date unless the server said that it is today. */
  #moment(at) {
    const time = this.#times.clock(at);
    if (this.#latest && this.#times.sameDay(at, this.#latest)) return time;
    return this.#words.moment.replace("%(time)s", time).replace("%(date)s", this.#times.date(at));
  }
}

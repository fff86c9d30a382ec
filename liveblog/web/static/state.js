/* What the page claims of itself: only what the server has said, in the server's time. */

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
    // The blog's own word stands there only while the wire proves it.
    const name = this.#connection === "live" ? this.#status : this.#connection;
    const text = this.#words[name];
    if (this.#mark.textContent !== text) this.#mark.textContent = text;
    this.#page.dataset.connection = this.#connection;
    this.#page.dataset.status = this.#status;
    // As long as this page moves by itself there is nothing to reload.
    this.#reload.hidden = name !== "stopped";
    this.#showTime();
  }

  #showTime() {
    const proven = this.#connection === "live" && this.#status !== "closed" && this.#heard;
    const at = proven ? this.#heard : this.#changed;
    const time = document.createElement("time");
    time.dateTime = at;
    time.dir = "auto";
    time.textContent = proven ? this.#times.clock(at, true) : this.#moment(at);
    const saved = this.#connection !== "live" && "saved" in document.documentElement.dataset;
    const sentence = this.#words[proven ? "up_to_date" : saved ? "saved" : "last_update"];
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

/* Moments of the server as the page says them, on the clocks of the event. No clock of the
   reader's is asked: it may be wrong by days. */

export class Times {
  #zone;
  #label;
  #offset;
  #formats = new Map();
  #lang;

  /** @param label is the zone's short name at the moment `labelled`: "EEST". */
  constructor(lang, { zone, zoneLabel }, labelled) {
    this.#lang = `${lang}-u-nu-latn`;
    this.#zone = zone;
    this.#label = zoneLabel;
    this.#offset = this.#offsetAt(labelled);
  }

  /** "14:03 EEST", or "14:03:22 EEST"; on the other side of a clock change "14:03 UTC+2". */
  clock(at, seconds = false) {
    const second = seconds ? "2-digit" : undefined;
    const options = { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23" };
    const offset = this.#offsetAt(at);
    const label = offset === this.#offset ? this.#label : offset.replace("GMT", "UTC");
    return `${this.#say(`clock${seconds}`, at, options)} ${label}`;
  }

  /** "July 23". */
  date(at) {
    return this.#say("date", at, { month: "long", day: "numeric" });
  }

  /** Whether two moments have the same date there. */
  sameDay(one, other) {
    const [a, b] = [one, other].map((at) => this.#say("day", at, { dateStyle: "short" }));
    return a === b;
  }

  #offsetAt(at) {
    const options = { hour: "2-digit", timeZoneName: "shortOffset" };
    const parts = this.#format("offset", options, "en").formatToParts(new Date(at));
    return parts.find((part) => part.type === "timeZoneName").value;
  }

  #say(name, at, options) {
    return this.#format(name, options, this.#lang).format(new Date(at));
  }

  /** A format is dear to make and cheap to use. */
  #format(name, options, lang) {
    if (!this.#formats.has(name)) {
      const made = new Intl.DateTimeFormat(lang, { ...options, timeZone: this.#zone });
      this.#formats.set(name, made);
    }
    return this.#formats.get(name);
  }
}

/* The desk's sentences about numbers, times and people. Pure: `now` is handed in. */

const NUMBER = new Intl.NumberFormat("en");

const count = (number, one, many) => `${NUMBER.format(number)} ${number === 1 ? one : many}`;

/** "1 reader", "1,204 readers". */
export const readers = (number) => count(number, "reader", "readers");

/** "written to 1,204 readers in 38 ms": to how many of those who were connected an entry went,
    and how long that took from the commit to the last. */
export function receiptWords(receipt) {
  if (!receipt) return "";
  if (receipt.readers === 0) return "nobody was connected";
  return `written to ${readers(receipt.readers)} in ${duration(receipt.ms)}`;
}

function duration(ms) {
  return ms < 1000 ? `${NUMBER.format(Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "Ana", "Ana and Ben", "Ana, Ben and 2 others". */
export function names(list) {
  if (list.length < 3) return list.join(" and ");
  if (list.length === 3) return `${list[0]}, ${list[1]} and ${list[2]}`;
  return `${list[0]}, ${list[1]} and ${list.length - 2} others`;
}

/** "Ana is working on this entry", or "" when nobody is. */
export function workingWords(list) {
  if (list.length === 0) return "";
  return `${names(list)} ${list.length === 1 ? "is" : "are"} working on this entry`;
}

/** How long until a moment: "in 2 d 3 h", "in 1 h 5 min", "in 4 min", "in 12 s", "now". */
export function until(moment, now) {
  const seconds = Math.ceil((Date.parse(moment) - now) / 1000);
  if (seconds <= 0) return "now";
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `in ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `in ${hours} h ${minutes % 60} min`;
  return `in ${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Milliseconds until the words of `until` change. */
export function untilNext(moment, now) {
  const left = Date.parse(moment) - now;
  if (left <= 0) return Infinity;
  return left < 61_000 ? 250 : 5_000;
}

const FORMATS = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!FORMATS.has(key)) {
    FORMATS.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  }
  return FORMATS.get(key);
}

/** The time of a moment in the blog's zone: "13:41". */
export const clock = (moment, zone) =>
  format(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(moment));

/** The date of a moment in the blog's zone as addresses say it: "2025-07-23". */
export const dateOf = (moment, zone) =>
  format(zone, { year: "numeric", month: "2-digit", day: "2-digit" })
    .format(new Date(moment))
    .split("/")
    .reverse()
    .join("-");

/** "13:41" on the day of `now`, otherwise "23 Jul, 13:41"; in the blog's zone. */
export function moment(at, zone, now) {
  const time = clock(at, zone);
  if (dateOf(at, zone) === dateOf(now, zone)) return time;
  const day = format(zone, { day: "numeric", month: "short" }).format(new Date(at));
  return `${day}, ${time}`;
}

/** A date of an address in words: "Wednesday 23 July 2025". */
export const dayWords = (date) =>
  format("UTC", { weekday: "long", day: "numeric", month: "long", year: "numeric" })
    .format(new Date(`${date}T12:00:00Z`))
    .replace(",", "");

export const STATES = {
  draft: "Draft",
  submitted: "Submitted",
  scheduled: "Scheduled",
  published: "Published",
  retracted: "Retracted",
};

/** What an entry is called where there is no room for it: its headline or first words. */
export function called(entry) {
  const said = entry.headline || entry.quote?.text || entry.text || entry.media?.[0]?.caption;
  const words = (said || "Without words").trim().replace(/\s+/g, " ");
  return words.length > 80 ? `${words.slice(0, 79).trimEnd()}…` : words;
}

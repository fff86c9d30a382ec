/* Times on the clocks of a blog's zone. Pure. */

const MINUTE = 60_000;
const DAY = 86_400_000;

/** What the clocks of the zone show then, as if it were UTC, in ms. */
function shown(ms, zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone, hourCycle: "h23", era: "short",
    year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(ms);
  const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The moment in ms at which the clocks show this; null when they never do (the hour that summer
    time leaves out). Of two moments it is the first.
    @param date as `2026-03-29`
    @param time as `03:30` */
export function momentOf(date, time, zone) {
  const wanted = date && time ? Date.parse(`${date}T${time}:00Z`) : NaN;
  if (Number.isNaN(wanted)) return null;
  // What the zone's offset is the day before and the day after: one of the two holds.
  const found = [wanted - DAY, wanted + DAY].map((near) => wanted - (shown(near, zone) - near));
  const right = found.filter((ms) => shown(ms, zone) === wanted);
  return right.length > 0 ? Math.min(...right) : null;
}

/** `{date, time}` that the clocks of the zone show, the next full five minutes after `ms`. */
export function soon(ms, zone) {
  const next = Math.ceil((ms + MINUTE) / (5 * MINUTE)) * 5 * MINUTE;
  return clocks(next, zone);
}

/** `{date, time}` that the clocks of the zone show. */
export function clocks(ms, zone) {
  const [date, time] = new Date(shown(ms, zone)).toISOString().split("T");
  return { date, time: time.slice(0, 5) };
}

/** A moment in words, with the zone's name: "Sun 29 Mar 2026, 03:30 EEST". */
export function said(ms, zone) {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  }).format(ms);
}

/** How long until then: "in 3 h 20 min". */
export function until(ms, now) {
  const minutes = Math.round((ms - now) / MINUTE);
  if (minutes < 1) return "in less than a minute";
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [days && `${days} d`, hours && `${hours} h`, !days && rest && `${rest} min`];
  return `in ${parts.filter(Boolean).join(" ")}`;
}

/** Names that browsers still give, and what the places are called. */
const TODAY = {
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
};

/** The zone of this machine. */
export function ownZone() {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  return TODAY[name] ?? name;
}

/** Every zone that the browser knows. */
export const zones = () => ["UTC", ...Intl.supportedValuesOf("timeZone").map((name) => TODAY[name] ?? name)];

/* What a list of the desk holds, as a value: entries in order, and whether they belong. Pure.

   A list is `{entries, next, filter, held}`; every function returns a new one. `held` are ids
   of entries that stay whatever becomes of them, because somebody is writing in them here. */

export const NO_FILTER = Object.freeze({ q: "", author: "", kind: "", key: "", tag: "", state: "" });

/** Whether less is asked for than all that is in one of these states. */
export const narrowed = (filter, state) =>
  Object.keys(NO_FILTER).some((name) => filter[name] !== (name === "state" ? state : ""));

/** A list that knows nothing yet. */
export const empty = (filter) => ({ entries: [], next: null, held: [], filter: full(filter) });

const full = (filter) => ({ ...NO_FILTER, ...filter });

/** The query of a request for the list. */
export function query(filter, { before = null, limit }) {
  const asked = Object.entries(filter).filter(([, value]) => value !== "");
  const query = new URLSearchParams(asked);
  query.set("limit", limit);
  if (before !== null) query.set("before", before);
  return query.toString();
}

/** The list with an answer of the server: a first page anew, or a page more below. What the
    list holds already and newer than the answer stays as it is. */
export function read(list, answer, more = false) {
  const held = new Map(list.entries.map((entry) => [entry.id, entry]));
  const came = answer.entries.map((entry) => newest(held.get(entry.id), entry));
  const ids = new Set(came.map(({ id }) => id));
  const stays = ({ id }) => !ids.has(id) && (more || list.held.includes(id));
  const entries = [...list.entries.filter(stays), ...came].filter((entry) => wanted(list, entry));
  return { ...list, entries: entries.sort(order), next: answer.next };
}

/** The list after an entry changed: it comes, moves, stays or goes. */
export function put(list, entry) {
  const before = list.entries.find(({ id }) => id === entry.id);
  const now = newest(before, entry);
  if (now === before) return list;
  const others = list.entries.filter(({ id }) => id !== entry.id);
  // Below the last one known there may be others that are not known.
  const last = list.next === null ? null : list.entries.at(-1);
  const reached = !last || before || order(now, last) <= 0 || list.held.includes(now.id);
  const entries = wanted(list, now) && reached ? [...others, now] : others;
  return { ...list, entries: entries.sort(order) };
}

const wanted = (list, entry) => list.held.includes(entry.id) || belongs(entry, list.filter);

/** The list with entries that stay, whatever becomes of them; those held before may go. */
export function hold(list, held) {
  const entries = list.entries.filter(
    ({ id }) => !list.held.includes(id) || held.includes(id) || belongs(find(list, id), list.filter),
  );
  return { ...list, held, entries };
}

const find = (list, id) => list.entries.find((entry) => entry.id === id);

/** The list without an entry. */
export const drop = (list, id) => ({
  ...list,
  entries: list.entries.filter((entry) => entry.id !== id),
});

/** The list with what is known of an entry's delivery. */
export function receipt(list, { entry: id, revision, readers, ms }) {
  const entries = list.entries.map((entry) =>
    entry.id === id && entry.revision === revision ? { ...entry, receipt: { readers, ms } } : entry,
  );
  return { ...list, entries };
}

function newest(held, entry) {
  return held && held.revision > entry.revision ? held : entry;
}

/** Whether an entry is one that was asked for. A search is the server's to answer: a text that
    is looked for neither lets an entry in nor puts one out here. */
export function belongs(entry, { author, kind, key, tag, state }) {
  return (
    (state === "" || state.split(",").includes(entry.state)) &&
    (author === "" || entry.by?.id === author) &&
    (kind === "" || entry.kind === kind) &&
    (key === "" || entry.key === (key === "true")) &&
    (tag === "" || (entry.tags ?? []).includes(tag))
  );
}

/** The time that matters for the state an entry is in. */
export function momentOf(entry) {
  const times = {
    published: entry.published_at,
    scheduled: entry.publish_at,
    retracted: entry.retracted_at,
  };
  return times[entry.state] ?? entry.updated_at ?? entry.created_at;
}

/** Newest first; those that readers see pinned have their own place and no other here. */
export function order(one, other) {
  const [a, b] = [Date.parse(momentOf(one)), Date.parse(momentOf(other))];
  return b - a || (one.id < other.id ? 1 : -1);
}

/** How many of these were never looked at, or changed since: `seen` is id → revision. */
export const unread = (entries, seen) =>
  entries.filter(({ id, revision }) => (seen[id] ?? 0) < revision).length;

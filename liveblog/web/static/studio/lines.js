/* The lines of a day's roll-up while an editor arranges them. Pure. A line is `{entry, text}`,
   where `text` is null as long as it says the entry's headline. */

/** The lines of a day and the key entries that were left out of it. */
export function linesOf(day, entries) {
  const headlines = new Map(entries.map(({ id, headline }) => [id, headline]));
  const lines = (day?.items ?? []).map(({ entry, text }) => ({
    entry,
    text: headlines.get(entry) === text ? null : text,
    headline: headlines.get(entry) ?? text,
  }));
  return { lines, out: leftOut(lines, entries) };
}

/** The key entries that no line names, oldest first. */
export function leftOut(lines, entries) {
  const there = new Set(lines.map(({ entry }) => entry));
  return entries
    .filter(({ id, state }) => state === "published" && !there.has(id))
    .map(({ id, headline }) => ({ entry: id, text: null, headline }))
    .sort((one, other) => (one.entry < other.entry ? -1 : 1));
}

/** The lines with the one at `from` moved to `to`. */
export function moved(lines, from, to) {
  if (to < 0 || to >= lines.length || from === to) return lines;
  const rest = lines.filter((_, n) => n !== from);
  return [...rest.slice(0, to), lines[from], ...rest.slice(to)];
}

/** The lines with other words for one; its headline, or nothing, is its headline. */
export function reworded(lines, entry, text) {
  return lines.map((line) => {
    if (line.entry !== entry) return line;
    const own = text.trim();
    return { ...line, text: own === "" || own === line.headline ? null : own };
  });
}

export const without = (lines, entry) => lines.filter((line) => line.entry !== entry);

/** What a request says of them. */
export const itemsOf = (lines) => lines.map(({ entry, text }) => ({ entry, text }));

/** Mine after others changed the day: in my order and words, without what is withdrawn, and
    what they have and I never saw behind. */
export function rebased(mine, known, theirs, entries) {
  const there = new Set(entries.filter(({ state }) => state === "published").map(({ id }) => id));
  const stay = mine.filter(({ entry }) => there.has(entry));
  const here = new Set([...known, ...stay.map(({ entry }) => entry)]);
  return [...stay, ...theirs.filter(({ entry }) => !here.has(entry))];
}

/** Whether a day changed by its entries alone: lines came or went with them, and no editor
    ordered, worded, left out or froze anything. */
export function assembled(before, after, entries) {
  if (before.title !== after.title || before.frozen !== after.frozen) return false;
  const published = new Set(entries.filter(({ state }) => state === "published").map(({ id }) => id));
  const has = (day, id) => day.items.some(({ entry }) => entry === id);
  const left = before.items.some(({ entry }) => published.has(entry) && !has(after, entry));
  const both = (day, other) =>
    JSON.stringify(
      day.items.filter(({ entry }) => has(other, entry)).map(({ entry, text }) => [entry, text]),
    );
  return !left && both(before, after) === both(after, before);
}

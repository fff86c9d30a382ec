/* An entry's words as the fields of a form hold them, and back. Pure. */

import { cardOf, tooLong } from "./content.js";

/** What is edited in place. */
export const FIELDS = [
  "headline",
  "body",
  "quote",
  "media",
  "embed",
  "bylines",
  "tags",
  "key",
  "pinned",
  "breaking",
];
/** Of these: long texts that are compared by passage, and lists whose order says nothing. */
export const KINDS = { texts: ["body"], sets: ["tags"] };

export const LABELS = {
  headline: "Headline",
  body: "Text",
  quote: "Quote",
  media: "Pictures and films",
  embed: "Card",
  bylines: "Bylines",
  tags: "Tags",
  key: "Key development",
  pinned: "Pinned",
  breaking: "Breaking",
};

/** What a form begins with. */
export const valuesOf = (entry) => ({
  headline: entry.headline ?? "",
  body: entry.body ?? "",
  quote: entry.quote ?? null,
  media: entry.media ?? [],
  embed: entry.embed ?? null,
  bylines: entry.bylines ?? [],
  tags: entry.tags ?? [],
  key: entry.key,
  pinned: entry.pinned,
  breaking: entry.breaking,
});

/** A picture that arrived, with the words that were in its file. */
export function mediumOf({ url, type, ...found }) {
  const said = ["caption", "credit", "taken_at"].filter((name) => found[name]);
  return { url, type, ...Object.fromEntries(said.map((name) => [name, found[name]])) };
}

/** What stands now, and in it what was changed in `mine` since it was `sent`. */
export const wroteOn = (stands, sent, mine) =>
  Object.fromEntries(FIELDS.map((name) => [name, mine[name] === sent[name] ? stands[name] : mine[name]]));

/** What a request says of the values that changed; nothing is `null`, not an empty text. */
export function patchOf(changes) {
  const patch = { ...changes };
  if ("headline" in changes) patch.headline = changes.headline.trim() || null;
  if ("embed" in changes) patch.embed = cardOf(changes.embed);
  return patch;
}

/** What stands in the way of saving, by field. Of pictures that are new it has to be said what
    they show. `edit` is `{mark, note}` where readers are told of it. */
export function faultsOf(before, values, edit) {
  const faults = {};
  if (tooLong(values.body)) faults.body = tooLong(values.body);
  if (edit && edit.mark === "correction" && !edit.note.trim()) {
    faults.note = "A correction says what was wrong.";
  }
  const known = new Set(before.media.map(({ url }) => url));
  values.media.forEach(({ url, alt }, n) => {
    const unsaid = !known.has(url) && alt !== "" && !alt?.trim();
    if (unsaid) faults[`alt-${n}`] = "Say what it shows, or mark it as decorative.";
  });
  return faults;
}

/** Names in a line as bylines; whoever was there before keeps role and address. */
export function bylinesOf(line, before) {
  return line
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) => before.find((one) => one.name === name) ?? { name });
}

/** Words in a line as tags, each once. */
export function tagsOf(line) {
  const found = line.split(",").map((tag) => tag.trim().replace(/^#/, "").trim());
  return [...new Set(found.filter(Boolean))];
}

/** What a value is, in words, where two are held against each other. */
export function inWords(value) {
  if (value === true) return "Yes";
  if (value === false) return "No";
  if (value === null || value === undefined || value === "" || value.length === 0) return "None";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(inWords).join("; ");
  return Object.values({ ...value, ...(value.source && { source: value.source.title }) })
    .filter((one) => typeof one === "string" && one !== "")
    .join(", ");
}

/* What is being written, as the composer holds it, and the same as the API takes it. Pure. */

const EMPTY = {
  kind: null, headline: "", body: "", key: false, pinned: false, breaking: false, card: false,
  quote: null, media: [], embed: null, bylines: [], tags: [], sources: [],
};
const LONGEST = 50_000;
const NUMBER = new Intl.NumberFormat("en");
const PICTURE = ["url", "type", "alt", "caption", "credit", "taken_at"];
// What came by the API is somebody else's file: all that was said of it stays, captions above all.
const FILE = [...PICTURE, "width", "height", "duration", "poster", "renditions", "tracks", "silent"];
const CARD = ["url", "provider", "title", "author", "thumbnail"];

/** Nothing written yet. */
export const blank = (bylines = []) => ({ ...EMPTY, bylines });

/** Whether there is nothing that could be lost: a byline and marks alone are not words. */
export function empty({ headline, body, quote, media, embed, tags }) {
  const said = [headline, body, quote?.text, quote?.speaker].some((text) => text?.trim());
  return !said && media.length === 0 && !embed && tags.length === 0;
}

/** Whether a picture is on its way. */
export const uploading = ({ media }) => media.some(({ url, failed }) => !url && !failed);

/** Whether there is enough for the server to keep; a picture on its way is not there yet. */
export const savable = ({ headline, body, quote, media, embed }) =>
  Boolean(headline.trim() || body.trim() || quote || embed || media.some(({ url }) => url));

/** What kind it is: what the editor chose, else what it is made of. */
export function kindOf({ kind, body, headline, quote, media, embed }) {
  const pictured = media.some(({ url }) => url);
  const words = Boolean(body.trim() || headline.trim());
  if (quote) return "quote";
  if (kind === "video" && (embed || pictured)) return "video";
  if (kind === "summary" && words) return "summary";
  return words ? "text" : pictured ? "image" : embed ? "embed" : "text";
}

/** A NewEntry without its state. As a `draft` it is made so that the server keeps it though it is
    not finished. */
export function bodyOf(content, draft = false) {
  const headline = content.headline.trim() || null;
  return {
    kind: kindOf(content),
    headline,
    body: content.body,
    key: content.key && !(draft && !headline),
    pinned: content.pinned,
    breaking: content.breaking,
    card: content.card,
    quote: content.quote && quoteOf(content.quote),
    media: content.media.filter(({ url }) => url).map(pictureOf),
    embed: cardOf(content.embed),
    bylines: content.bylines,
    tags: content.tags,
    sources: content.sources,
  };
}

/** An entry of the desk as the composer takes it up. */
export function contentOf(entry) {
  const { source, ...quote } = entry.quote ?? {};
  return {
    ...EMPTY,
    kind: ["video", "summary"].includes(entry.kind) ? entry.kind : null,
    headline: entry.headline ?? "",
    body: entry.body,
    key: entry.key,
    pinned: entry.pinned,
    breaking: entry.breaking,
    card: entry.card,
    quote: entry.quote && { ...quote, source: source?.title ?? "", sourceUrl: source?.url ?? "" },
    media: entry.media.map((one) => ({ ...one, id: idIn(one.url), decorative: one.alt === "", proposed: [] })),
    embed: entry.embed,
    bylines: entry.bylines,
    tags: entry.tags,
    sources: entry.sources,
  };
}

/** What is said of a text that is too long for one entry, or "". */
export function tooLong(body) {
  const over = body.length - LONGEST;
  return over > 0 ? `The text is too long for one entry, by ${NUMBER.format(over)} characters.` : "";
}

/** What stands in the way of publishing, in sentences; the first one counts. */
export function faultsOf(content) {
  const { headline, key, quote, media } = content;
  const faults = [];
  if (tooLong(content.body)) faults.push({ field: "body", text: tooLong(content.body) });
  if (key && !headline.trim()) faults.push({ field: "headline", text: "A key development needs a headline." });
  if (quote && !quote.text.trim()) faults.push({ field: "quote-text", text: "The quote has no words yet." });
  if (quote && !quote.speaker.trim()) faults.push({ field: "quote-speaker", text: "Say who is quoted." });
  media.forEach((one, n) => {
    if (one.failed) faults.push({ field: `alt-${n}`, text: `Picture ${n + 1} did not arrive. Try again, or take it out.` });
    else if (!one.url) faults.push({ field: `alt-${n}`, text: `Picture ${n + 1} is still on its way.` });
    else if (!one.decorative && !one.alt?.trim()) {
      faults.push({ field: `alt-${n}`, text: `Say what picture ${n + 1} shows, or mark it as decorative.` });
    }
  });
  if (quote === null && !content.embed && media.length === 0 && !headline.trim() && !content.body.trim()) {
    faults.push({ field: "body", text: "There is nothing to publish yet." });
  }
  return faults;
}

/** How it is called in a list: its headline, else how it begins. */
export function nameOf({ headline, body, quote, media, embed }) {
  const words = [headline, body, quote?.text, embed?.title, embed?.url].find((text) => text?.trim());
  const line = words?.trim().split("\n")[0] ?? (media.length > 0 ? "A picture" : "An update");
  return line.length > 60 ? `${line.slice(0, 59).trimEnd()}…` : line;
}

function quoteOf({ text, speaker, role, occasion, source, sourceUrl }) {
  const from = source?.trim() || sourceUrl?.trim();
  return {
    text,
    speaker,
    role: role?.trim() || null,
    occasion: occasion?.trim() || null,
    source: from ? { title: source?.trim() || sourceUrl.trim(), url: sourceUrl?.trim() || null } : null,
  };
}

function pictureOf(one) {
  const alt = one.decorative ? "" : one.alt?.trim() || null;
  return chosen({ ...one, alt }, idIn(one.url) ? PICTURE : FILE);
}

/** The fields of these names that have a value. */
function chosen(from, names) {
  return Object.fromEntries(names.filter((name) => from[name] != null).map((name) => [name, from[name]]));
}

/** A card as the API takes it; null where there is none. */
export const cardOf = (embed) => embed && chosen(embed, CARD);

function idIn(url) {
  return /\/media\/([0-9A-Za-z]{26})\//.exec(url)?.[1] ?? null;
}

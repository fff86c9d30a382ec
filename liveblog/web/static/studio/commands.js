/* What can be said in the middle of writing: `/key`, `@byline`, `#tag`. Pure. */

export const COMMANDS = [
  { name: "key", hint: "Key development" },
  { name: "pin", hint: "Pin to the top" },
  { name: "breaking", hint: "Breaking news" },
  { name: "quote", hint: "Somebody’s words" },
  { name: "video", hint: "A film" },
  { name: "summary", hint: "What is known so far" },
];

const MOST = 8;
const WORD = /(?:^|\s)([/@#])([^\s/@#]*)$/u;

/** The command that stands before the caret, `{mark, text, start}`, or null. */
export function commandAt(text, caret) {
  const found = WORD.exec(text.slice(0, caret));
  if (!found) return null;
  const [, mark, typed] = found;
  return { mark, text: typed, start: caret - typed.length - 1 };
}

/** What may be meant by it. @param known `{bylines: [{name, role, url}], tags: [text]}` */
export function optionsOf({ mark, text }, { bylines, tags }) {
  if (mark === "/") {
    return COMMANDS.filter(({ name }) => name.startsWith(text.toLowerCase())).map(({ name, hint }) => ({
      value: name, label: `/${name}`, hint,
    }));
  }
  if (mark === "@") return named(text, bylines);
  return tagged(text, tags);
}

/** Bylines that fit, and the words themselves as a new one. */
export function named(text, bylines) {
  const fit = bylines.filter(({ name }) => begins(name, text));
  const options = fit.slice(0, MOST).map((one) => ({ value: one, label: one.name, hint: one.role ?? "" }));
  const known = fit.some(({ name }) => same(name, text));
  return text.trim() && !known ? [...options, { value: { name: text.trim() }, label: text.trim(), hint: "New byline" }] : options;
}

/** Tags that fit, and the words themselves as a new one. */
export function tagged(text, tags) {
  const fit = tags.filter((tag) => begins(tag, text));
  const options = fit.slice(0, MOST).map((tag) => ({ value: tag, label: tag, hint: "" }));
  const known = fit.some((tag) => same(tag, text));
  return text.trim() && !known ? [...options, { value: text.trim(), label: text.trim(), hint: "New tag" }] : options;
}

/** The text without the command, and where the caret is then. */
export function without(text, { start }, caret) {
  const before = text.slice(0, start);
  const after = text.slice(caret);
  const gap = /\s$/.test(before) && /^\s/.test(after) ? after.slice(1) : after;
  return { text: before + gap, caret: before.length };
}

/** What a command makes of what is written; `null` where it is none. */
export function obeyed(name, content) {
  switch (name) {
    case "key":
      return { key: true, headline: content.headline.trim() ? content.headline : firstSentence(content.body) };
    case "pin":
      return { pinned: true };
    case "breaking":
      return { breaking: true };
    case "quote":
      return { quote: content.quote ?? { text: "", speaker: "", role: "", occasion: "", source: "", sourceUrl: "" } };
    case "video":
      return { kind: "video" };
    case "summary":
      return { kind: "summary" };
    default:
      return null;
  }
}

const LONGEST = 200;

/** The first sentence of what is written, without its Markdown; may be empty. */
export function firstSentence(body) {
  const line = body.split("\n").map(plain).find(Boolean) ?? "";
  const [first] = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(line);
  const sentence = (first?.segment ?? "").trim().replace(/(?<!\.)\.$/u, "");
  return sentence.length > LONGEST ? `${sentence.slice(0, LONGEST - 1).trimEnd()}…` : sentence;
}

function plain(line) {
  return line
    .replace(/^\s*(?:#{1,6}\s+|>\s*|[-*+]\s+|\d+[.)]\s+)/, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|[*_`~])(.+?)\1/g, "$2")
    .trim();
}

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const same = (a, b) => folded(a) === folded(b.trim());

/** Whether the name, or a later word of it, begins so. */
function begins(name, text) {
  const start = folded(text.trim());
  return folded(name).startsWith(start) || folded(name).split(/\s+/).some((word) => word.startsWith(start));
}

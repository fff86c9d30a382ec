/* What becomes of an entry (or a page, or a day) that two people changed: field by field. Pure.

   `base` is what both came from, `mine` what was written here, `theirs` what is saved. Nothing
   is decided for anybody: what both changed, differently, is returned to be chosen. */

import { joined, merge } from "./diff.js";

const equal = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** The fields whose value differs from that of `base`, as a request would say them. */
export function changed(base, mine, names) {
  return Object.fromEntries(
    names.filter((name) => !equal(base[name], mine[name])).map((name) => [name, mine[name]]),
  );
}

/** `{settled, open}`: the values that follow by themselves, by name; and what has to be
    decided, `{name, base, mine, theirs, passages}` (passages for texts only). `texts` are the
    names of fields that are long texts, `sets` of lists whose order says nothing. */
export function mergeFields({ base, mine, theirs }, names, { texts = [], sets = [] } = {}) {
  const settled = {};
  const open = [];
  for (const name of names) {
    const [was, one, other] = [base[name], mine[name], theirs[name]];
    if (equal(one, other) || equal(was, other)) settled[name] = one;
    else if (equal(was, one)) settled[name] = other;
    else if (sets.includes(name)) settled[name] = union(was ?? [], one ?? [], other ?? []);
    else if (texts.includes(name)) {
      const passages = merge(was ?? "", one ?? "", other ?? "");
      if (passages.every(({ kind }) => kind !== "conflict" && kind !== "combined")) {
        settled[name] = joined(passages);
      } else open.push({ name, base: was, mine: one, theirs: other, passages });
    } else open.push({ name, base: was, mine: one, theirs: other });
  }
  return { settled, open };
}

/** What either added, without what either took away. */
function union(base, mine, theirs) {
  const kept = base.filter((item) => mine.includes(item) && theirs.includes(item));
  const added = [...mine, ...theirs].filter((item) => !base.includes(item));
  return [...new Set([...kept, ...added])];
}

/** The text of a field by what was chosen for its passages: `choices[n]` is "mine", "theirs",
    "both" or "combined"; what is not chosen yet is mine, so that no word of it is lost. */
export function chosen(passages, choices) {
  return passages
    .map((passage, n) => {
      const choice = choices[n] ?? (passage.kind === "conflict" ? "mine" : "combined");
      if (passage.kind !== "conflict" && passage.kind !== "combined") return passage.text;
      if (choice === "both") return apart(passage.mine, passage.theirs);
      return choice === "combined" ? passage.text : passage[choice];
    })
    .join("");
}

/** Two paragraphs stay two. */
function apart(mine, theirs) {
  const held = mine === "" || theirs === "" || mine.endsWith("\n") || theirs.startsWith("\n");
  return held ? mine + theirs : `${mine}\n\n${theirs}`;
}

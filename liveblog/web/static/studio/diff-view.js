/* A comparison by word, for eyes and for ears: what went is struck through, what came is
   underlined, and a screen reader is told both. */

import { html } from "../vendor/lit.js";
import { wordDiff } from "./diff.js";

/** The pieces `{kind, text}` of a comparison. */
export const pieces = (found) =>
  found.map(({ kind, text }) => {
    if (kind === "removed") return html`<del>${text}</del>`;
    return kind === "added" ? html`<ins>${text}</ins>` : text;
  });

/** What became of `before` in `after`. */
export const compared = (before, after) => pieces(wordDiff(before ?? "", after ?? ""));

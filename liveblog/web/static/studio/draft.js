/* A draft on its way to the server, as a value: what was written, what the server has of it, what
   was asked of it and what was sent and not answered yet. Pure; drafts.js keeps and sends it.

   One request at a time is under way. It is written down with its Idempotency-Key before it is
   sent, and said again, byte for byte, until there is an answer: so an answer that was lost, a
   closed tab or a killed server make no second entry. */

import { bodyOf, savable } from "./content.js";

/** What a publication that could not be sent for so long asks before it goes out. */
export const STALE_MS = 10 * 60_000;

/** @param content see content.js */
export const draftOf = (id, content, at) => ({
  id, content, at,
  entry: null, // its id at the server
  revision: null,
  sent: null, // what the server has, as JSON
  want: null, // {state, publish_at, embargo}: what is to become of it
  op: null, // {method, path, body, key, revision, want}: asked, and not answered yet
  trouble: "", // why the last request was refused
});

/** An entry that the server keeps already. */
export const draftFrom = (id, content, { id: entry, revision }, at) => ({
  ...draftOf(id, content, at),
  entry,
  revision,
  sent: JSON.stringify(bodyOf(content, true)),
});

export const typed = (draft, content, at) => ({ ...draft, content, at, trouble: "" });

export const wanting = (draft, want, at) => ({ ...draft, want, at, trouble: "" });

/** Whether the server has all of it. */
export const kept = (draft) =>
  draft.op === null && (!savable(draft.content) || draft.sent === JSON.stringify(bodyOf(draft.content, true)));

/** The draft with the request that is due, or null when none is.
    @param base the address of the blog's entries
    @param key for a request that was not made before */
export function due(draft, base, key) {
  if (draft.op) return draft;
  if (draft.trouble) return null;
  if (draft.want) return { ...draft, op: asked(draft, base, key, draft.want) };
  return kept(draft) ? null : { ...draft, op: asked(draft, base, key, null) };
}

function asked({ entry, revision, content }, base, key, want) {
  const body = bodyOf(content, want === null || want.state === "draft");
  const at = { method: entry ? "PATCH" : "POST", path: entry ? `${base}/${entry}` : base };
  const state = want ?? (entry ? {} : { state: "draft" });
  return { ...at, body: { ...body, ...state }, key, revision: entry ? revision : null, want };
}

/** After an answer. A draft that got what it wanted is `over`. */
export function answered(draft, entry) {
  const { want, body } = draft.op;
  const { state, ...sent } = body;
  const known = { entry: entry.id, revision: entry.revision, sent: JSON.stringify(sent) };
  return { ...draft, ...known, op: null, over: want !== null };
}

/** After a refusal. What may pass is said again. What was changed or taken away elsewhere is not
    overwritten: the draft goes on as a new one beside it, and waits for a word before it goes
    out. */
export function refused(draft, { status, passing, message }) {
  if (passing || status === 401) return draft;
  const free = { ...draft, op: null, want: null };
  const moved = draft.entry && [404, 410, 412].includes(status);
  if (!moved) return { ...free, trouble: message };
  return { ...free, entry: null, revision: null, sent: null, trouble: draft.want ? FORKED : "" };
}

/** What is told then. */
export const FORKED =
  "This draft was changed elsewhere. That version is among the drafts; you go on in a new one.";

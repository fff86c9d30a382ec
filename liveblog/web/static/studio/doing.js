/* What can be done with an entry as it stands, by whom. Pure: the server decides, this only
   keeps buttons away that would be refused. */

/** The names of what may be done, in the order of their buttons. */
export function actionsOf(entry, role) {
  const writer = role !== "contributor";
  const never = !entry.published_at;
  // What is under embargo cannot be published before that is lifted, on purpose.
  const out = entry.embargo ? "lift" : "publish";
  const table = {
    draft: writer
      ? ["edit", "continue", "publish", "discard"]
      : ["edit", "continue", "submit", "discard"],
    submitted: writer ? ["edit", "publish", "back", "discard"] : ["edit", "back"],
    scheduled: writer ? ["edit", "reschedule", out, "back"] : [],
    published: writer ? ["edit", entry.pinned ? "unpin" : "pin", "history", "retract"] : [],
    retracted: writer ? ["restore", "history"] : never ? ["restore"] : [],
  };
  return table[entry.state] ?? [];
}

export const DOING = {
  edit: "Edit",
  continue: "Continue in the composer",
  lift: "Lift the embargo",
  reschedule: "Change the time",
  publish: "Publish",
  submit: "Submit",
  back: "Back to drafts",
  discard: "Throw away",
  pin: "Pin",
  unpin: "Unpin",
  history: "History",
  retract: "Retract",
  restore: "Restore",
};

/** What a PATCH says that does it, or null where it is no PATCH. */
export const PATCHES = {
  publish: { state: "published", publish_at: null },
  submit: { state: "submitted" },
  back: { state: "draft" },
  lift: { embargo: false },
  pin: { pinned: true },
  unpin: { pinned: false },
};

/** What is said when it was done. */
export const DONE = {
  publish: "Published.",
  submit: "Submitted.",
  back: "It is a draft again.",
  lift: "The embargo is lifted.",
  discard: "Thrown away. It can be restored under Retracted.",
  pin: "Pinned.",
  unpin: "Not pinned any more.",
  retract: "Retracted.",
  restore: "Restored.",
};

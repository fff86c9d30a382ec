/* Words that are not saved (of an open edit, the page's settings, a roll-up, the hand-over note),
   kept in this browser for whoever wrote them. `what` is the subject: "entry:ID", "blog",
   "day:DATE", "desk". */

const start = ({ me, slug }) => `liveblog:edit:${me.id}:${slug}:`;

/** What is said where it does not. */
export const UNSAFE = "This browser keeps nothing: your words are in this window only.";

/** @returns whether the browser kept it; otherwise the words are in the open page only */
export function keep(desk, what, words) {
  try {
    localStorage.setItem(start(desk) + what, JSON.stringify(words));
    return true;
  } catch {
    return false;
  }
}

export function kept(desk, what) {
  try {
    return JSON.parse(localStorage.getItem(start(desk) + what));
  } catch {
    return null;
  }
}

export function forget(desk, what) {
  try {
    localStorage.removeItem(start(desk) + what);
  } catch {
    // Then there is none.
  }
}

/** The ids of entries with words that are not saved. */
export function unsaved(desk) {
  const name = `${start(desk)}entry:`;
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(name))
      .map((key) => key.slice(name.length));
  } catch {
    return [];
  }
}

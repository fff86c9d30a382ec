/* Words of an edit that is not saved, kept in this browser until it is. Where the browser keeps
   nothing, the words are in the open page only. */

const name = (slug, id) => `liveblog:edit:${slug}:${id}`;

export function keep(slug, id, edit) {
  try {
    localStorage.setItem(name(slug, id), JSON.stringify(edit));
  } catch {
    // Full or forbidden: nothing is lost by that as long as the page is open.
  }
}

export function kept(slug, id) {
  try {
    return JSON.parse(localStorage.getItem(name(slug, id)));
  } catch {
    return null;
  }
}

export function forget(slug, id) {
  try {
    localStorage.removeItem(name(slug, id));
  } catch {
    // Then there is none.
  }
}

/** The ids of entries of a blog with words that are not saved. */
export function unsaved(slug) {
  try {
    const start = name(slug, "");
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(start))
      .map((key) => key.slice(start.length));
  } catch {
    return [];
  }
}

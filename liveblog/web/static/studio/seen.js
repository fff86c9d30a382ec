/* Which submissions somebody has looked at, in this browser: id → revision. */

const name = (slug) => `liveblog:seen:${slug}`;

export function seen(slug) {
  try {
    return JSON.parse(localStorage.getItem(name(slug))) ?? {};
  } catch {
    return {};
  }
}

/** Exactly these are seen: what is submitted no more is forgotten. */
export function see(slug, entries) {
  try {
    const known = Object.fromEntries(entries.map(({ id, revision }) => [id, revision]));
    localStorage.setItem(name(slug), JSON.stringify(known));
  } catch {
    // Then they count as unread the next time.
  }
}

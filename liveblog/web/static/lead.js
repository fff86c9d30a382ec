/* Links into the feed lead to their entry, also when it is held back or stands on another page. */

const NAME = "#entry-";

/** The id that a fragment names, or "". */
export function entryOf(hash) {
  return hash.startsWith(NAME) ? hash.slice(NAME.length) : "";
}

/** @param feed says with `holds(id)` whether an entry waits to be shown; `reveal()` shows all. */
export function lead(feed, { reveal, show }) {
  const article = (id) => document.getElementById(`entry-${id}`);

  document.addEventListener("click", (event) => {
    const id = event.target.closest?.("a[data-to]")?.dataset.to;
    if (!id || event.metaKey || event.ctrlKey || event.shiftKey || !feed.holds(id)) return;
    event.preventDefault();
    reveal();
    show(article(id));
  });

  /** Somebody shared the address of an entry in this page, and the page has gone on since. */
  async function find() {
    const id = entryOf(location.hash);
    if (!id || article(id)) return;
    const place = `${location.pathname}/entries/${encodeURIComponent(id)}/page`;
    const answer = await fetch(place, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect" && entryOf(location.hash) === id) location.replace(place);
  }
  addEventListener("hashchange", find);
  find();
}

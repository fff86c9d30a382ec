/* Links into the feed lead to their entry, also when it is held back or stands on another page. */

/** @param feed says with `holds(id)` whether an entry waits to be shown; `reveal()` shows all. */
export function lead(feed, reveal) {
  // Shown, the entry is where the link leads by the time it is followed.
  document.addEventListener("click", ({ target }) => {
    if (feed.holds(target.closest("a[data-to]")?.dataset.to)) reveal();
  });

  /** Somebody shared the address of an entry in this page, and the page has gone on since; or a
      push message leads to one that is held. */
  async function find() {
    const [, id] = location.hash.split("#entry-");
    if (feed.holds(id)) {
      reveal();
      return location.replace(location.hash);
    }
    if (!id || document.getElementById(`entry-${id}`)) return;
    const place = `${location.pathname}/entries/${id}/page`;
    const answer = await fetch(place, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") location.replace(place);
  }
  addEventListener("hashchange", find);
  find();
}

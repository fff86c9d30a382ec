/* What a reader does with one entry: share it, and open what another site shows. One listener
   for all of them, so that pushed entries need none of their own. */

/** Opens the player in the place of its card. Before this nothing of another site was loaded. */
function open(button) {
  const { src, shape, title } = button.dataset;
  const frame = document.createElement("iframe");
  frame.src = src;
  frame.title = title;
  frame.className = `player player-${shape}`;
  frame.allow = "fullscreen; encrypted-media; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  frame.sandbox = "allow-scripts allow-same-origin allow-popups allow-presentation";
  button.replaceWith(frame);
  frame.focus();
}

async function share(button) {
  const article = button.closest("article");
  const url = article.querySelector("a[rel=bookmark]").href;
  const title = article.querySelector(".entry-headline")?.textContent ?? document.title;
  try {
    if (navigator.share) await navigator.share({ title, url });
    else {
      await navigator.clipboard.writeText(url);
      say(button, button.dataset.copied);
    }
  } catch (error) {
    // The reader changed their mind, or the browser does not let us: the address is shown.
    if (error.name !== "AbortError") location.assign(url);
  }
}

/** Says it beside the button, and aloud, for a moment. */
function say(button, text) {
  const note = document.createElement("span");
  note.className = "shared";
  note.role = "status";
  button.after(note);
  requestAnimationFrame(() => (note.textContent = text));
  setTimeout(() => note.remove(), 4000);
}

document.documentElement.classList.add("has-script");
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.share, button.embed-open");
  if (!button) return;
  if (button.classList.contains("share")) share(button);
  else open(button);
});

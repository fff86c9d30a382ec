/* What a reader does with one entry: share it, and open what another site shows (`players.js`).
   It listens on the document, so that pushed entries need nothing of their own. */

const CLOCK = "liveblog:own-clock";

function wanted() {
  try {
    return localStorage.getItem(CLOCK) === "true";
  } catch {
    return false;
  }
}

async function share(button) {
  const article = button.closest("article");
  // On its own page an entry has no link to that.
  const url = article.querySelector("a[rel=bookmark]")?.href ?? location.href.split("#")[0];
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
  button.parentElement.querySelector(".shared")?.remove();
  const note = document.createElement("span");
  note.className = "shared";
  note.role = "status";
  button.after(note);
  requestAnimationFrame(() => (note.textContent = text));
  setTimeout(() => note.remove(), 4000);
}

document.documentElement.classList.add("has-script");
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button.share");
  if (button) share(button);
});

// Players are seen to by a script of their own, where there is one that could be opened.
const waiting = new MutationObserver(look);
function look() {
  if (!document.querySelector(".embed-ask")) return;
  waiting.disconnect();
  import("./players.js");
}
waiting.observe(document.body, { childList: true, subtree: true });
look();

// The reader's own clock is loaded when it is wanted.
const clock = document.querySelector("#own-clock input");
const tick = () => import("./clock.js").then(({ start }) => start(clock));
if (clock) {
  clock.checked = wanted();
  if (clock.checked) tick();
  else clock.addEventListener("change", tick, { once: true });
}

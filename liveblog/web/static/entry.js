/* What a reader does with one entry: share it, and open what another site shows. It listens on
   the document, so that pushed entries need nothing of their own. */

const KEY = "liveblog:embeds";
const CLOCK = "liveblog:own-clock";
const always = new Set(stored(KEY) ?? []);
// What the reader opened: of an entry in its place or of its pinned copy, as only that has no id.
const opened = new Set();
const its = (ask) => `${ask.closest("article").id} ${ask.dataset.src}`;

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify([...always]));
  } catch {
    // Storage is forbidden: it holds for this visit.
  }
}

/** Puts the player into its place. Before this nothing of another site was loaded. */
function open(ask) {
  const { src, shape, title } = ask.dataset;
  const frame = document.createElement("iframe");
  frame.loading = "lazy";
  frame.src = src;
  frame.title = title;
  frame.className = `player player-${shape}`;
  frame.allow = "fullscreen; encrypted-media; picture-in-picture";
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  const may = "scripts same-origin presentation popups popups-to-escape-sandbox";
  frame.sandbox = may.replace(/\S+/g, "allow-$&");
  ask.querySelector(".embed-place").replaceWith(frame);
  return frame;
}

/* A player that is higher than its place would push what is read: such a one opens by itself
   only below the screen. */
const below = new IntersectionObserver((seen) => {
  for (const { target, boundingClientRect } of seen) {
    if (boundingClientRect.top < innerHeight) continue;
    below.unobserve(target);
    if (target.querySelector(".embed-open")) open(target);
  }
});

/** Opens what the reader has said yes to before, here or on another day. */
function look() {
  for (const ask of document.querySelectorAll(".embed-ask")) {
    const { shape, provider } = ask.dataset;
    const wanted = always.has(provider);
    ask.querySelector(".embed-always").checked = wanted;
    if (!ask.querySelector(".embed-open")) continue;
    if (opened.has(its(ask)) || (wanted && shape === "wide")) open(ask);
    else if (wanted) below.observe(ask);
    else below.unobserve(ask);
  }
}

function choose(box) {
  const ask = box.closest(".embed-ask");
  always[box.checked ? "add" : "delete"](ask.dataset.provider);
  keep();
  if (box.checked) opened.add(its(ask));
  look();
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
  const button = target.closest?.("button.share, button.embed-open");
  if (!button) return;
  if (button.classList.contains("share")) return share(button);
  const ask = button.closest(".embed-ask");
  opened.add(its(ask));
  open(ask).focus({ preventScroll: true });
});
document.addEventListener("change", ({ target }) => {
  if (target.matches(".embed-always")) choose(target);
});
// The reader's own clock is loaded when it is wanted.
const clock = document.querySelector("#own-clock input");
const tick = () => import("./clock.js").then(({ start }) => start(clock));
if (clock) {
  clock.checked = stored(CLOCK) === true;
  if (clock.checked) tick();
  else clock.addEventListener("change", tick, { once: true });
}
look();
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });

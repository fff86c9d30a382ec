/* Players of other sites, opened after the reader said yes: to one, or always to a provider. */

const KEY = "liveblog:embeds";
const always = new Set(stored());
// What the reader opened: of an entry in its place or of its pinned copy, as only that has no id.
const opened = new Set();
const its = (ask) => `${ask.closest("article").id} ${ask.dataset.src}`;

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
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
  const { src, shape, title, provider } = ask.dataset;
  const frame = document.createElement("iframe");
  frame.loading = "lazy";
  frame.src = src;
  frame.title = title === provider ? title : `${provider}: ${title}`;
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

/* What plays in a frame does not say so. It counts as watched from when the reader goes into it
   until it is out of sight; then it is as with a film that was paused (`feed.js`). */
const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (isIntersecting) continue;
    sight.unobserve(target);
    target.classList.remove("is-watched");
    document.dispatchEvent(new Event("pause"));
  }
});

function watch() {
  const frame = document.activeElement;
  if (!frame?.matches("iframe.player")) return;
  frame.classList.add("is-watched");
  sight.observe(frame);
}

/** Moves the players of an article into the one that takes its place, where a browser can do that
    without loading them anew. */
function pass({ target: article }) {
  for (const frame of article.querySelectorAll("iframe.player")) {
    const ask = article.previousElementSibling.querySelector(`[data-src="${frame.src}"]`);
    if (!ask?.moveBefore) continue;
    const place = ask.querySelector(".embed-place");
    ask.moveBefore(frame, place);
    place.remove();
  }
}

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

document.documentElement.classList.add("has-players");
addEventListener("blur", watch);
addEventListener("succeed", pass);
document.addEventListener("click", ({ target }) => {
  const ask = target.closest?.(".embed-open")?.closest(".embed-ask");
  if (!ask) return;
  opened.add(its(ask));
  open(ask).focus({ preventScroll: true });
  watch();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches(".embed-always")) choose(target);
});
look();
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });

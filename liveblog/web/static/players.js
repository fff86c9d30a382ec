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

document.documentElement.classList.add("has-players");
document.addEventListener("click", ({ target }) => {
  const ask = target.closest?.(".embed-open")?.closest(".embed-ask");
  if (!ask) return;
  opened.add(its(ask));
  open(ask).focus({ preventScroll: true });
});
document.addEventListener("change", ({ target }) => {
  if (target.matches(".embed-always")) choose(target);
});
look();
new MutationObserver(look).observe(document.body, { childList: true, subtree: true });

/* The front page: asks for the feed again and again while somebody looks, and moves nothing that
   is being read. A card that is corrected or withdrawn is put right at once. */

const EVERY_MS = 20_000;

const main = document.getElementById("main");
const cards = document.getElementById("cards");
const pill = document.getElementById("pill");
const more = document.getElementById("more");
const announcement = document.getElementById("announcement");
const trusted = globalThis.trustedTypes?.createPolicy("liveblog", { createHTML: (html) => html });
let tag = "";
let timer = 0;
let waiting = null;

function element(fragment) {
  const template = document.createElement("template");
  template.innerHTML = trusted ? trusted.createHTML(fragment) : fragment;
  return template.content.firstElementChild;
}

const card = (id) => cards.querySelector(`[data-card="${CSS.escape(id)}"]`);

/** Replaces what is shown in another form, and takes away what the feed has no more. */
function mend(items) {
  const listed = new Set(items.map((item) => item.id));
  const oldest = items.at(-1)?.at ?? "";
  for (const shown of [...cards.children]) {
    // The feed reaches down to its oldest card; below it nothing was asked.
    const at = shown.dataset.at.slice(0, 19);
    if (!listed.has(shown.dataset.card) && at > oldest.slice(0, 19)) shown.remove();
  }
  for (const item of items) {
    const shown = card(item.id);
    const fresh = shown && element(item.fragment);
    if (fresh && fresh.outerHTML !== shown.outerHTML) shown.replaceWith(fresh);
  }
}

/** Puts every card into its place, new ones included. */
function show(items) {
  let place = cards.firstElementChild;
  for (const item of items) {
    const shown = card(item.id) ?? element(item.fragment);
    if (shown === place) place = place.nextElementSibling;
    else cards.insertBefore(shown, place);
  }
  waiting = null;
  pill.hidden = true;
}

function settle() {
  if (waiting && scrollY < 80 && !document.hidden) show(waiting);
}

async function ask() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(main.dataset.feed, { headers }).catch(() => null);
  // What cannot be asked about is not called live.
  main.classList.toggle("is-cut-off", !answer || answer.status >= 500);
  if (!answer?.ok) return;
  const { items } = await answer.json();
  if (answer.headers.get("ETag") === tag) return;
  tag = answer.headers.get("ETag") ?? "";
  mend(items);
  const fresh = items.filter((item) => !card(item.id));
  waiting = items;
  pill.hidden = fresh.length === 0;
  if (fresh.length) announcement.textContent = pill.textContent;
  settle();
}

function later() {
  clearTimeout(timer);
  if (document.hidden) return;
  // Spread, so that a crowd that came together does not ask together.
  timer = setTimeout(() => ask().finally(later), EVERY_MS * (0.75 + Math.random() / 2));
}

pill.addEventListener("click", () => {
  if (waiting) show(waiting);
  scrollTo({ top: 0, behavior: "instant" });
  const first = cards.querySelector("a");
  first?.focus({ preventScroll: true });
});
more?.addEventListener("click", async (event) => {
  event.preventDefault();
  const url = new URL(main.dataset.feed, location.href);
  url.searchParams.set("before", new URL(more.href).searchParams.get("before"));
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return location.assign(more.href);
  const { items, next } = await answer.json();
  const added = items.filter((item) => !card(item.id)).map((item) => element(item.fragment));
  cards.append(...added);
  added[0]?.querySelector("a")?.focus({ preventScroll: true });
  if (!next) return more.remove();
  const address = new URL(more.href);
  address.searchParams.set("before", next);
  more.href = address;
});
if (main.dataset.first === "true") {
  addEventListener("scroll", settle, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask().finally(later);
    else later();
  });
  addEventListener("online", () => ask().finally(later));
  addEventListener("offline", () => ask().finally(later));
  later();
}

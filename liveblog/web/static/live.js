/* The live page: reads where it stands from its own `data-*`, and goes on from there. */

import { Announcer } from "./announce.js";
import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { listen } from "./keys.js";
import { lead } from "./lead.js";
import { Options } from "./options.js";
import { State } from "./state.js";
import { Times } from "./times.js";
import { keepPage } from "./trusted.js";
import { Unread } from "./unread.js";

const at = (id) => document.getElementById(id);
const page = at("live");
const list = at("feed");
const pill = at("pill");
const pause = at("pause");
const words = JSON.parse(at("words").textContent);
const { cursor, seq, slug } = page.dataset;
const { lang } = document.documentElement;
const plural = new Intl.PluralRules(lang);
let title = document.title;
let keys = true;

/** A counted sentence, in the plural that the language has for this number. */
function counted(name, count) {
  const forms = words[name];
  return (forms[plural.select(count)] ?? Object.values(forms).at(-1)).replace("%(num)s", count);
}

const times = new Times(lang, page.dataset, at("updated").querySelector("time").dateTime);
const state = new State(words, times);
const announcer = new Announcer(at("announcement"), (count) => counted("updates", count));
const unread = new Unread(list, slug, (name, count) => {
  return count === undefined ? words[name] : counted(name, count);
});
// Away: from leaving the tab until, back in it, everything that came meanwhile is here.
let away = false;
let missed = false;

const view = {
  count(count) {
    pill.hidden = count === 0;
    pill.textContent = counted("updates", count);
    document.title = count ? `(${count}) ${title}` : title;
    view.waiting = count;
  },
  held(articles) {
    missed ||= away;
    announcer.add(articles, view.waiting);
  },
  arrived(articles) {
    announcer.add(articles, 0);
    unread.look();
  },
  revealed() {
    if (away) unread.draw("since");
    missed = false;
  },
  blog(blog) {
    title = blog.headline || blog.title;
    document.title = title;
    at("headline").textContent = title;
    const standfirst = at("standfirst");
    standfirst.textContent = blog.standfirst;
    standfirst.hidden = !blog.standfirst;
    state.status(blog.status);
  },
};

const feed = new Feed(view, { whole: page.dataset.whole === "true" });

let connected = "start";
const wire = new Connection(
  page.dataset,
  { cursor, seq: Number(seq) },
  {
    apply(changes) {
      feed.apply(changes);
      unread.mark();
      const latest = changes.map((change) => change.at ?? "").sort().at(-1);
      if (latest) state.changed(latest);
    },
    replace: (snapshot) => feed.replace(snapshot),
    heard(when) {
      state.heard(when);
      if (!document.hidden) away = false;
    },
    connection(now) {
      connected = now;
      state.connection(now);
    },
  },
);

/** Leads to an article, without a smooth way there for those who do not want one. */
function show(article) {
  if (!article) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  article.tabIndex = -1;
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
}

/** Shows what is held, and leads to the first of it: from there the reader goes on in the order
    in which things happened. */
function nextUnread() {
  unread.look();
  if (view.waiting) {
    const name = missed ? "since" : "updates";
    const came = feed.reveal();
    announcer.hush();
    unread.draw(name);
    show(came.at(-1));
  } else {
    show(unread.next(document.activeElement.closest?.("article")));
  }
}

function reveal() {
  feed.reveal();
  announcer.hush();
}

function newest() {
  reveal();
  const articles = list.querySelectorAll("article");
  show([...articles].at(list.dataset.order === "oldest" ? -1 : 0));
}

/** Leads one article down or up: from the one with the focus, else from the one that is read. */
function step(by) {
  const articles = [...list.querySelectorAll("article")];
  const places = articles.map((article) => article.getBoundingClientRect());
  const focused = articles.indexOf(document.activeElement.closest?.("article"));
  const inSight = focused >= 0 && places[focused].bottom > 0 && places[focused].top < innerHeight;
  const read = places.findIndex(({ bottom }) => bottom > innerHeight / 3);
  // One whose beginning stands further down than `show` puts it has yet to be led to.
  const led = inSight || by < 0 || places[read]?.top < 80;
  const to = (inSight ? focused : read) + (led ? by : 0);
  show(articles[Math.min(Math.max(to, 0), articles.length - 1)]);
}

pill.addEventListener("click", nextUnread);
lead(feed, reveal);
pause.addEventListener("click", () => {
  const paused = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", paused);
  feed.paused = paused;
});
new Options(at("options"), (name, value) => {
  if (name === "announce") announcer.mode = value;
  if (name === "keys") keys = value;
});
const help = () => at("options").showModal();
at("options-open").addEventListener("click", help);
at("options-close").addEventListener("click", () => at("options").close());
listen(
  { n: nextUnread, ".": newest, j: () => step(1), k: () => step(-1), "?": help },
  () => keys,
);

addEventListener(
  "scroll",
  () => {
    unread.look();
    if (!pill.hidden) feed.settle();
  },
  { passive: true },
);
for (const end of ["pause", "ended"]) document.addEventListener(end, () => feed.settle(), true);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    away = true;
    unread.keep();
    return;
  }
  const late = wire.wake();
  feed.settle();
  away = late;
  unread.look();
  announcer.resume();
});
addEventListener("online", () => connected === "waiting" && wire.connect());
addEventListener("offline", () => wire.lost());
// A page kept for "back" must not keep a wire; it takes it up again from its cursor.
addEventListener("pagehide", () => {
  unread.keep();
  wire.disconnect();
});
addEventListener("pageshow", (event) => event.persisted && wire.lost());

document.documentElement.classList.add("is-live");
for (const control of [pause, at("options-open")]) control.hidden = false;
unread.draw("since");
unread.begin();
wire.connect();
if (self === top) keepPage(page.dataset.worker).catch(() => {});

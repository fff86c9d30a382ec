/* The live page: reads where it stands from its own `data-*`, and goes on from there. */

import { Connection } from "./connection.js";
import { Feed } from "./feed.js";

const words = JSON.parse(document.getElementById("words").textContent);
const { lang } = document.documentElement;
const plural = new Intl.PluralRules(lang);
const ANNOUNCE_AFTER_MS = 1000;

const page = document.getElementById("live");
const mark = document.getElementById("mark");
const updated = document.getElementById("updated");
const reload = document.getElementById("reload");
const pill = document.getElementById("pill");
const announcement = document.getElementById("announcement");
const { cursor, seq, zone, zoneLabel } = page.dataset;
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
let title = document.title;
let status = page.dataset.status;
let connection = "start";
let announcing = 0;
let unsaid = 0;

/** A counted sentence, in the plural that the language has for this number. */
function counted(name, count) {
  return (words[name][plural.select(count)] ?? Object.values(words[name]).at(-1)).replace("%(num)s", count);
}

/** Says it once, when no more came for a moment, and never in the middle of a sentence. */
function announce(count) {
  unsaid = count;
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    announcement.textContent = unsaid ? counted("updates", unsaid) : "";
  }, ANNOUNCE_AFTER_MS);
}

/** "Live" stands there only while it is true; text is set only when it differs, so that a
    screen reader says each state once. */
function showState() {
  const lost = connection === "waiting" || connection === "stopped";
  const text = words[lost ? connection : status];
  if (mark.textContent !== text) mark.textContent = text;
  page.dataset.connection = connection;
  page.dataset.status = status;
  // As long as this page moves by itself there is nothing to reload.
  reload.hidden = connection === "live" || connection === "waiting";
}

const view = {
  count(count) {
    pill.hidden = count === 0;
    pill.textContent = counted("updates", count);
    document.title = count ? `(${count}) ${title}` : title;
    if (count) announce(count);
  },
  arrived(articles) {
    announce(articles.length);
  },
  blog(blog) {
    title = blog.headline || blog.title;
    document.title = title;
    document.getElementById("headline").textContent = title;
    const standfirst = document.getElementById("standfirst");
    standfirst.textContent = blog.standfirst;
    standfirst.hidden = !blog.standfirst;
    status = blog.status in words ? blog.status : "live";
    showState();
  },
};

const feed = new Feed(view, { whole: page.dataset.whole === "true" });

const wire = new Connection(
  page.dataset,
  { cursor, seq: Number(seq) },
  {
    apply(changes) {
      feed.apply(changes);
      const at = changes.map((change) => change.at ?? "").sort().at(-1);
      if (!at) return;
      updated.dateTime = at;
      updated.textContent = `${clock.format(new Date(at))} ${zoneLabel}`;
    },
    replace: (snapshot) => feed.replace(snapshot),
    connection(now) {
      connection = now;
      showState();
    },
  },
);

pill.addEventListener("click", () => {
  const first = feed.reveal().at(-1);
  announce(0);
  if (!first) return;
  // From the first unread one the reader goes up, in the order in which things happened.
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
});
addEventListener("scroll", () => pill.hidden || feed.settle(), { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  feed.settle();
  wire.wake();
});
addEventListener("online", () => connection === "waiting" && wire.connect());
// A page kept for "back" must not keep a wire; it takes it up again from its cursor.
addEventListener("pagehide", () => wire.disconnect());
addEventListener("pageshow", (event) => event.persisted && wire.connect());

document.documentElement.classList.add("is-live");
wire.connect();

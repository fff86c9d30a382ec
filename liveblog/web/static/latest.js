/* The latest three updates of a blog, in a small frame. The rest of the list is kept out of
   sight, so that one can step up when another is withdrawn. */

import { Connection } from "./connection.js";
import { newer, orderKey } from "./session.js";

const LENGTH = 75;

const page = document.getElementById("live");
const list = document.getElementById("latest");
const trusted = globalThis.trustedTypes?.createPolicy("liveblog", { createHTML: (html) => html });
const revisions = new Map();

/** At most so many characters, cut at a word. Pure. */
export function cut(text, length = LENGTH) {
  const words = text.trim().replace(/\s+/g, " ");
  if (words.length <= length) return words;
  const space = words.lastIndexOf(" ", length);
  return `${words.slice(0, space > 0 ? space : length)}…`;
}

function drop(id) {
  list.querySelector(`[data-entry="${CSS.escape(id)}"]`)?.remove();
}

function put(item) {
  if (!newer(revisions.get(item.id), item)) return;
  revisions.set(item.id, item.revision);
  drop(item.id);
  if (item.state === "retracted") return;
  const template = document.createElement("template");
  template.innerHTML = trusted ? trusted.createHTML(item.fragment) : item.fragment;
  const article = template.content.firstElementChild;
  const mark = article.querySelector("a[rel=bookmark]");
  if (!mark) return;
  const row = document.createElement("li");
  row.dataset.entry = item.id;
  row.dataset.at = orderKey(item.published_at, item.id);
  const link = document.createElement("a");
  link.href = mark.getAttribute("href");
  const text = document.createElement("span");
  const words = article.querySelector(".entry-headline, .body, blockquote")?.textContent ?? "";
  text.textContent = article.querySelector(".entry-headline") ? words : cut(words);
  const time = mark.querySelector("time").cloneNode(true);
  time.querySelector(".entry-date")?.remove();
  link.append(time, " ", text);
  row.append(link);
  const after = [...list.children].find((other) => other.dataset.at < row.dataset.at);
  list.insertBefore(row, after ?? null);
}

function apply(changes) {
  for (const { entry } of changes) if (entry) put(entry);
}

const { cursor, seq } = page.dataset;
const wire = new Connection(page.dataset, { cursor, seq: Number(seq) }, {
  apply,
  replace({ entries }) {
    list.replaceChildren();
    revisions.clear();
    for (const entry of entries) put(entry);
  },
  heard() {},
  connection(now) {
    page.dataset.connection = now;
  },
});
addEventListener("pagehide", () => wire.disconnect());
addEventListener("pageshow", (event) => event.persisted && wire.lost());
wire.connect();

/* The last live pages that were read, for when there is no network. The network always comes
   first; what it says of a page, that it is gone or not for this reader too, the copy obeys. */

const PAGES = "liveblog-pages-1";
const FILES = "liveblog-files-1";
const MOST = { [PAGES]: 5, [FILES]: 80 };
const SCOPE = new URL(registration.scope).pathname;
const FILE = /(?:src|href)="([^"]*\/static\/[^"]+\.(?:js|css|svg))"/g;
/** A copy is whole: in which coding it came does not matter. */
const ANYHOW = { ignoreVary: true };
const GONE = [401, 403, 404, 410];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => {
  const { keep: url, renew: given } = event.data ?? {};
  if (url && isPage(url)) event.waitUntil(refresh(url));
  if (given) event.waitUntil(tellAll(given));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(registration.scope)) return;
  if (request.mode === "navigate" && isPage(request.url)) event.respondWith(page(event));
  else if (new URL(request.url).pathname.startsWith(`${SCOPE}static/`)) {
    event.respondWith(file(request));
  }
});

function isPage(url) {
  const path = new URL(url).pathname;
  return path.startsWith(SCOPE) && /^blogs\/[a-z0-9-]+$/.test(path.slice(SCOPE.length));
}

async function page(event) {
  const { url } = event.request;
  const answer = await fetch(event.request).catch(() => null);
  // Something between may answer for a server that cannot.
  if (answer && answer.status < 500) {
    event.waitUntil(keep(url, answer.clone()));
    return answer;
  }
  const saved = await caches.open(PAGES).then((cache) => cache.match(url, ANYHOW));
  return saved ? asSaved(saved) : (answer ?? Response.error());
}

/** The copy, which says that it is one. */
async function asSaved(saved) {
  const headers = new Headers();
  for (const name of ["Content-Type", "Content-Security-Policy"]) {
    if (saved.headers.has(name)) headers.set(name, saved.headers.get(name));
  }
  const html = await saved.text();
  return new Response(html.replace("<html ", "<html data-saved "), { headers });
}

async function file(request) {
  const saved = await caches.open(FILES).then((cache) => cache.match(request, ANYHOW));
  return saved ?? fetch(request);
}

async function refresh(url) {
  await keep(url, await fetch(url));
}

/** Keeps a page and the files it names. What is for this reader alone is not kept. */
async function keep(url, answer) {
  const cache = await caches.open(PAGES);
  if (GONE.includes(answer.status)) await cache.delete(url);
  if (!answer.ok || /private|no-store/.test(answer.headers.get("Cache-Control") ?? "")) return;
  const html = await answer.clone().text();
  const files = await caches.open(FILES);
  for (const [, name] of html.matchAll(FILE)) {
    const address = new URL(name, url).href;
    if (!(await files.match(address, ANYHOW))) await files.add(address);
  }
  // Last of all: a page that is kept has its files.
  await cache.delete(url);
  await cache.put(url, answer);
  await Promise.all([trim(PAGES), trim(FILES)]);
}

/** Forgets what was kept longest ago, beyond so many. */
async function trim(name) {
  const cache = await caches.open(name);
  const all = await cache.keys();
  for (const request of all.slice(0, Math.max(0, all.length - MOST[name]))) {
    await cache.delete(request);
  }
}

// Push ------------------------------------------------------------------------------------

const PUSH = "liveblog-push-1";

addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));
addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  const { blog, stop, url } = notification.data;
  event.waitUntil(action === "stop" ? end(blog, stop) : open(url));
});
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** What belongs to a subscription is kept under its address in the API. */
const place = (blog) => new URL(`${SCOPE}api/v1/blogs/${blog}/push`, registration.scope).href;

/** Says it, unless the reader sees it happen: but what was said before must not go on saying it.
    One of the same tag takes the place of the one before, without a sound. */
async function tell({ kind, tag, blog, title, body, url, lang, dir, at, stop }) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const seen = pages.some((one) => {
    return one.visibilityState === "visible" && isPage(one.url) && slugOf(one.url) === blog;
  });
  const before = await registration.getNotifications({ tag });
  if (seen && !before.length) return;
  const words = (await (await (await caches.open(PUSH)).match(place(blog)))?.json()) ?? {};
  await registration.showNotification(title, {
    body: kind === "removed" ? (words.removed ?? "This update was removed.") : body,
    tag,
    lang,
    dir,
    timestamp: Date.parse(at),
    silent: kind !== "new",
    data: { blog, stop, url },
    actions: [{ action: "stop", title: words.stop ?? "Stop these messages" }],
  });
}

const slugOf = (url) => new URL(url).pathname.slice(SCOPE.length + "blogs/".length);

async function end(blog, stop) {
  const answer = await fetch(stop, { method: "DELETE" });
  if (!answer.ok && answer.status !== 404) throw new Error(answer.status); // still subscribed
  const cache = await caches.open(PUSH);
  await cache.delete(place(blog));
  if ((await cache.keys()).length) return;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
}

/** Leads to the entry in a page that is open already, else in a new one. */
async function open(url) {
  const address = new URL(url, registration.scope);
  const pages = await clients.matchAll({ type: "window" });
  const page = pages.find((one) => new URL(one.url).pathname === address.pathname);
  if (!page) return clients.openWindow(address);
  await page.focus();
  // A page that this worker does not control it cannot lead elsewhere.
  return page.navigate(address).catch(() => clients.openWindow(address));
}

/** The browser has another address now. */
async function renew({ newSubscription }) {
  const cache = await caches.open(PUSH);
  const [first] = await cache.keys();
  if (!first) return;
  const { key } = await (await cache.match(first)).json();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  await tellAll((newSubscription ?? (await registration.pushManager.subscribe(options))).toJSON());
}

/** Tells every blog that does not know it yet; one that cannot be told holds up no other. */
async function tellAll({ endpoint, keys }) {
  const cache = await caches.open(PUSH);
  await Promise.allSettled(
    (await cache.keys()).map(async ({ url }) => {
      const words = await (await cache.match(url)).json();
      if (words.endpoint === endpoint) return;
      const replaces = words.address.split("/").at(-1);
      const answer = await fetch(url, {
        method: "PUT",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ endpoint, keys, replaces }),
      });
      if (!answer.ok) return;
      const address = `${new URL(url).pathname}/${(await answer.json()).id}`;
      await cache.put(url, new Response(JSON.stringify({ ...words, address, endpoint })));
    }),
  );
}

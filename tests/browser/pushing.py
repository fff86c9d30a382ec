"""A reader whose browser can subscribe to push messages, and the push service that sends to it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page, Worker, expect

from liveblog.model.push import Subscription
from liveblog.push.encryption import encode64
from liveblog.store.contract import Tx
from tests.kit import SLUG
from tests.push import Browser
from tests.served import Served, eventually, serving

PREFIX = "/live"
KEY = encode64(bytes(31) + b"\x07")
GIVEN = Browser("https://fcm.googleapis.com/wp/abc")

# Chromium without an account subscribes nowhere; all else is its own.
SERVICE = """(given) => {
  let has = sessionStorage.getItem("given");
  // Another address after it was given up: that is what push services do.
  const { endpoint } = given;
  const now = () => ({ ...given, endpoint: endpoint + (sessionStorage.getItem("moved") ?? "") });
  const made = (options) => ({
    options,
    endpoint: now().endpoint,
    toJSON: now,
    async unsubscribe() {
      sessionStorage.removeItem("given");
      sessionStorage.setItem("moved", "-moved");
      has = null;
      return true;
    },
  });
  PushManager.prototype.subscribe = async function (options) {
    if (Notification.permission !== "granted") throw new Error("not allowed");
    if (has && has !== options.applicationServerKey) throw new Error("another key");
    sessionStorage.setItem("given", has = options.applicationServerKey);
    return made(options);
  };
  PushManager.prototype.getSubscription = async () => (has ? made({}) : null);
  window.asked = 0;
  Notification.requestPermission = async () => {
    window.asked += 1;
    return Notification.permission;
  };
}"""

# Chromium forgets a message that is asked for while it appears, so nobody asks before.
COUNT = """() => {
  if (self.appeared !== undefined) return;
  self.appeared = 0;
  const show = registration.showNotification.bind(registration);
  registration.showNotification = async (...given) => {
    await show(...given);
    self.appeared += 1;
  };
}"""

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const all = await registration.getNotifications();
  return all.map(({ title, body, tag, silent, lang, dir }) => {
    return { title, body, tag, silent, lang, dir };
  });
}"""


@asynccontextmanager
async def pushing(tmp_path: Path) -> AsyncIterator[Served]:
    """A site with one blog whose readers may ask for push messages, below a path."""
    async with serving(
        tmp_path,
        public_url=f"https://news.example{PREFIX}",
        push_contact="mailto:a@n.example",
        push_key=KEY,
    ) as one:
        await one.blog()
        yield one


class Reader:
    """A reader of one site, and the push service that sends to their browser."""

    def __init__(self, served: Served, page: Page, cdp: CDPSession) -> None:
        self.served = served
        self.page = page
        self.button = page.get_by_role("button", name="Notify me of key developments")
        self._cdp = cdp
        self._registration = ""
        cdp.on("ServiceWorker.workerRegistrationUpdated", self._registered)

    def _registered(self, event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            self._registration = one["registrationId"]

    async def open(self, slug: str = SLUG) -> None:
        await self.page.goto(f"{self.served.url}{PREFIX}/blogs/{slug}")
        await expect(self.button).to_be_visible()

    async def push(self, **message: Any) -> None:
        """Bring a message to the service worker, as the browser does when it has decrypted it."""
        await eventually(lambda: self._registration != "")
        await self.worker.evaluate(COUNT)
        whole = {
            "kind": "new",
            "tag": "e1",
            "blog": SLUG,
            "title": "Ceasefire",
            "body": "From noon.",
        }
        whole |= {"url": f"{PREFIX}/blogs/{SLUG}#entry-e1", "lang": "en", "dir": "ltr"}
        whole |= {
            "at": "2026-05-01T12:00:00Z",
            "stop": f"{PREFIX}/api/v1/blogs/{SLUG}/push/{'0' * 26}",
        }
        await self._cdp.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self.served.url,
                "registrationId": self._registration,
                "data": json.dumps(whole | message),
            },
        )

    @property
    def worker(self) -> Worker:
        """The service worker."""
        return self.page.context.service_workers[0]

    async def shown(self, count: int = 1) -> list[dict[str, Any]]:
        """The notifications on the screen when so many have appeared, replaced ones included."""
        await self.worker.evaluate(
            "async (count) => {"
            " while (!(self.appeared >= count)) await new Promise((go) => setTimeout(go, 5)); }",
            count,
        )
        found: list[dict[str, Any]] = await self.page.evaluate(SHOWN)
        return found

    async def leave(self) -> None:
        """To a page that is no live page."""
        await self.page.goto(f"{self.served.url}{PREFIX}/blogs/{SLUG}/key")

    async def kept(self) -> int:
        """How many are subscribed, as the server knows."""
        blog = await self.served.store.inner.read(lambda tx: tx.blog(SLUG))
        assert blog is not None
        return await self.served.store.inner.read(lambda tx: tx.count_subscriptions(blog.id))

    async def subscriptions(self) -> list[Subscription]:
        """This browser's to the blog, wherever it is to be found."""

        def work(tx: Tx) -> list[Subscription | None]:
            blog = tx.blog(SLUG)
            assert blog is not None
            places = [GIVEN.endpoint + end for end in ("", "-moved", "-elsewhere")]
            return [tx.subscription(blog.id, place) for place in places]

        return [one for one in await self.served.store.inner.read(work) if one is not None]


async def reader_in(context: BrowserContext, served: Served) -> Reader:
    page = await context.new_page()
    given = {"endpoint": GIVEN.endpoint}
    given |= {"keys": {"p256dh": GIVEN.keys.p256dh, "auth": GIVEN.keys.auth}}  # type: ignore[dict-item]
    await page.add_init_script(f"({SERVICE})({json.dumps(given)})")
    cdp = await context.new_cdp_session(page)
    reader = Reader(served, page, cdp)
    await cdp.send("ServiceWorker.enable")
    return reader

"""Push messages in a browser: asked for by a click alone, quiet where they are not needed, and
replaced when what they say is corrected or withdrawn. The browser's push service is the test's."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, CDPSession, Page, expect

from liveblog.push.encryption import encode64
from tests.browser.test_embed import partner
from tests.browser.test_reading_networks import KIB, size
from tests.kit import SLUG
from tests.push import Browser
from tests.served import Served, eventually, serving

pytestmark = pytest.mark.needs("chromium")

KEY = encode64(bytes(31) + b"\x07")
GIVEN = Browser("https://fcm.googleapis.com/wp/abc")

# Chromium without an account subscribes nowhere; all else is its own.
SERVICE = """(given) => {
  let has = sessionStorage.getItem("given");
  const made = (options) => ({
    options,
    toJSON: () => given,
    async unsubscribe() { sessionStorage.removeItem("given"); has = null; return true; },
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

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const all = await registration.getNotifications();
  return all.map(({ title, body, tag, silent, lang, dir }) => {
    return { title, body, tag, silent, lang, dir };
  });
}"""


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

    async def shown(self, count: int = 1) -> list[dict[str, Any]]:
        """The notifications on the screen, so many."""
        await self.page.wait_for_function(f"async () => (await ({SHOWN})()).length === {count}")
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


PREFIX = "/live"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(
        tmp_path,
        public_url=f"https://news.example{PREFIX}",
        push_contact="mailto:a@n.example",
        push_key=KEY,
    ) as one:
        await one.blog()
        await one.publish(headline="Talks begin", key=True)
        yield one


async def reader_in(context: BrowserContext, served: Served) -> Reader:
    page = await context.new_page()
    given = {"endpoint": GIVEN.endpoint}
    given |= {"keys": {"p256dh": GIVEN.keys.p256dh, "auth": GIVEN.keys.auth}}  # type: ignore[dict-item]
    await page.add_init_script(f"({SERVICE})({json.dumps(given)})")
    cdp = await context.new_cdp_session(page)
    reader = Reader(served, page, cdp)
    await cdp.send("ServiceWorker.enable")
    return reader


@pytest.fixture
async def reader(served: Served, browser: Chromium) -> AsyncIterator[Reader]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 700}, permissions=["notifications"]
    )
    yield await reader_in(context, served)
    await context.close()


async def test_nobody_is_asked_before_they_ask(reader: Reader) -> None:
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.page.evaluate("window.asked") == 0
    assert await reader.kept() == 0
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await expect(reader.page.locator("#push-said")).to_contain_text("You will be told")
    assert await reader.page.evaluate("window.asked") == 1
    assert await reader.kept() == 1


async def test_it_is_for_one_blog_and_ended_by_the_same_button(reader: Reader) -> None:
    await reader.served.blog("other")
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.open("other")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.kept() == 0
    assert await reader.page.evaluate("sessionStorage.getItem('given')") is None


async def test_a_subscription_for_another_key_of_ours_is_replaced(reader: Reader) -> None:
    await reader.page.goto(f"{reader.served.url}{PREFIX}/")
    await reader.page.evaluate("sessionStorage.setItem('given', 'an old key')")
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")


async def test_who_said_no_is_told_why_nothing_comes(served: Served, browser: Chromium) -> None:
    context = await browser.new_context()
    reader = await reader_in(context, served)
    await reader.open()
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("blocked in your browser")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.kept() == 0
    await context.close()


async def test_what_did_not_work_is_said(reader: Reader) -> None:
    await reader.open()
    await reader.page.context.route("**/api/**/push", lambda route: route.abort())
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("did not work")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    await expect(reader.button).to_be_enabled()


async def test_without_a_network_that_is_said(reader: Reader) -> None:
    await reader.open()
    await reader.page.context.set_offline(True)
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("did not work")


async def test_a_message_is_shown_in_its_language(reader: Reader) -> None:
    await reader.open()
    await reader.leave()
    await reader.push(lang="ar", dir="rtl")
    (one,) = await reader.shown()
    assert one == {
        "title": "Ceasefire",
        "body": "From noon.",
        "tag": "e1",
        "silent": False,
        "lang": "ar",
        "dir": "rtl",
    }


async def test_it_is_quiet_where_the_reader_sees_it_happen(reader: Reader) -> None:
    await reader.served.blog("other")
    await reader.open()
    await reader.push(tag="quiet")
    await reader.push(tag="told", blog="other")
    assert [one["tag"] for one in await reader.shown()] == ["told"]


async def test_a_correction_takes_the_place_of_what_was_said(reader: Reader) -> None:
    await reader.open()
    await reader.leave()
    await reader.push()
    await reader.shown()
    await reader.push(tag="e2")
    await reader.shown(2)
    await reader.push(kind="changed", title="No ceasefire")
    await reader.page.wait_for_function(
        f"async () => (await ({SHOWN})()).some(({{ title }}) => title === 'No ceasefire')"
    )
    both = {one["tag"]: one for one in await reader.shown(2)}
    assert both["e1"]["silent"] is True
    assert both["e2"]["title"] == "Ceasefire"


async def test_what_was_withdrawn_is_said_no_more_also_to_who_is_looking(reader: Reader) -> None:
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.leave()
    await reader.push()
    await reader.shown()
    await reader.open()
    await reader.push(kind="removed", title="The war", body="")
    await reader.page.wait_for_function(
        f"async () => (await ({SHOWN})()).every(({{ title }}) => title === 'The war')"
    )
    (one,) = await reader.shown()
    assert one["body"] == "An update that you were told of was removed."
    assert one["silent"] is True


async def test_nobody_is_asked_in_a_frame_on_another_site(reader: Reader, served: Served) -> None:
    frame = f'<iframe src="{served.url}{PREFIX}/embed/{SLUG}"></iframe>'
    async with partner(frame, "default-src *") as address:
        await reader.page.goto(address)
    inside = reader.page.frame_locator("iframe")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(inside.locator("#push")).to_be_hidden()


async def test_what_asks_is_loaded_when_somebody_asks(reader: Reader) -> None:
    """The live page's scripts have a budget, also where push is on."""
    loaded: list[str] = []
    reader.page.on(
        "request",
        lambda one: loaded.append(one.url) if one.resource_type == "script" else None,
    )
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    assert any(url.endswith("/push.js") for url in loaded)
    assert sum([await size(reader.served, url) for url in loaded]) <= 12 * KIB
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    assert loaded[-1].endswith("/subscribe.js")


async def test_nothing_moves_when_the_button_appears(reader: Reader) -> None:
    place = "document.getElementById('headline').getBoundingClientRect().top"
    context = reader.page.context
    await context.route("**/push.js", lambda route: route.abort())
    await reader.page.goto(f"{reader.served.url}{PREFIX}/blogs/{SLUG}")
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(reader.button).to_be_hidden()
    before = await reader.page.evaluate(place)
    await context.unroute("**/push.js")
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    assert await reader.page.evaluate(place) == before

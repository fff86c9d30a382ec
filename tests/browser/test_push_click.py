"""A click on a push message leads to its entry, wherever that stands by then.

No test can click on the desktop's own message, so the worker is given the event with the real
notification. Only a real click lets a worker open a window or bring one to the front; what it
asks of the browser is written down, and the windows it asks for are opened.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, Route, expect

from liveblog.model.entry import Entry
from tests.browser.pushing import PREFIX, Reader, pushing, reader_in
from tests.kit import SLUG
from tests.served import Served

pytestmark = pytest.mark.needs("chromium")

CLICK = """async (action) => {
  const asked = [];
  clients.openWindow = async (url) => void asked.push(`open ${url}`);
  WindowClient.prototype.focus = async function () {
    asked.push(`focus ${this.url}`);
    return this;
  };
  const [notification] = await registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification, action });
  const done = [];
  event.waitUntil = (promise) => done.push(promise);
  dispatchEvent(event);
  await Promise.all(done);
  return { asked, left: (await registration.getNotifications()).length };
}"""


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with pushing(tmp_path) as one:
        yield one


@pytest.fixture
async def reader(served: Served, browser: Chromium) -> AsyncIterator[Reader]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 700}, permissions=["notifications"]
    )

    async def here(route: Route) -> None:
        """Where an entry stands is said with the public address of the site; it is here."""
        answer = await route.fetch(max_redirects=0)
        there = answer.headers["location"].replace("https://news.example", served.url)
        await route.fulfill(response=answer, headers=answer.headers | {"location": there})

    await context.route("**/entries/*/page", here)
    yield await reader_in(context, served)
    await context.close()


async def told_of(reader: Reader, entry: Entry) -> None:
    """The message of an entry stands on the reader's screen, and no live page is open."""
    await reader.open()
    await reader.leave()
    await reader.push(url=f"{PREFIX}/blogs/{SLUG}#entry-{entry.id}", tag=entry.id)
    await reader.shown()


async def click(reader: Reader, action: str = "") -> list[str]:
    """Clicks on it; what the worker asks of the browser, without the address of the site."""
    found = await reader.worker.evaluate(CLICK, action)
    assert found["left"] == 0, "it stays on the screen"
    return [one.replace(reader.served.url, "") for one in found["asked"]]


async def follow(reader: Reader, asked: str) -> Page:
    """Opens the window that was asked for."""
    page = await reader.page.context.new_page()
    await page.goto(reader.served.url + asked.removeprefix("open "))
    return page


async def test_without_a_page_the_entry_opens_in_a_new_one(reader: Reader) -> None:
    entry = await reader.served.publish(headline="Ceasefire", key=True)
    await told_of(reader, entry)
    await reader.page.goto("about:blank")
    (asked,) = await click(reader)
    assert asked == f"open {PREFIX}/blogs/{SLUG}#entry-{entry.id}"
    page = await follow(reader, asked)
    await expect(page.locator(f"#feed #entry-{entry.id}")).to_be_in_viewport()


async def test_a_page_of_something_else_is_left_alone(reader: Reader) -> None:
    entry = await reader.served.publish(headline="Ceasefire", key=True)
    await told_of(reader, entry)
    before = reader.page.url
    assert await click(reader) == [f"open {PREFIX}/blogs/{SLUG}#entry-{entry.id}"]
    assert reader.page.url == before


async def test_the_page_that_is_open_is_led_there(reader: Reader) -> None:
    entry = await reader.served.publish(headline="Ceasefire", body="Words. " * 300, key=True)
    for _ in range(4):
        await reader.served.publish(body="Words. " * 300)
    await told_of(reader, entry)
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(reader.page.locator(f"#feed #entry-{entry.id}")).not_to_be_in_viewport()
    assert await click(reader) == [f"focus {PREFIX}/blogs/{SLUG}"]
    await expect(reader.page.locator(f"#feed #entry-{entry.id}")).to_be_in_viewport()


async def test_an_entry_that_waits_in_the_open_page_is_shown(reader: Reader) -> None:
    for _ in range(4):
        await reader.served.publish(body="Words. " * 300)
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    await reader.page.evaluate("scrollTo({ top: 1500, behavior: 'instant' })")
    entry = await reader.served.publish(headline="Ceasefire", key=True)
    await expect(reader.page.locator("#pill")).to_have_text("1 new update")
    await reader.push(url=f"{PREFIX}/blogs/{SLUG}#entry-{entry.id}", tag=entry.id, blog="other")
    await reader.shown()
    await reader.page.evaluate("window.same = true")
    await click(reader)
    await expect(reader.page.locator(f"#feed #entry-{entry.id}")).to_be_in_viewport()
    assert await reader.page.evaluate("window.same"), "the page was loaded anew"


async def test_an_entry_that_was_retracted_meanwhile_says_so(reader: Reader) -> None:
    entry = await reader.served.publish(headline="Ceasefire", key=True)
    for _ in range(3):
        await reader.served.publish(body="Words. " * 300)
    await told_of(reader, entry)
    await reader.served.retract(entry)
    reader.served.broker.deliver_all()
    await reader.page.goto("about:blank")
    (asked,) = await click(reader)
    page = await follow(reader, asked)
    gone = page.locator(f"#feed #entry-{entry.id}")
    await expect(gone).to_be_in_viewport()
    await expect(gone).to_contain_text("This entry was removed at")


@pytest.mark.parametrize("retracted", [False, True])
async def test_an_entry_of_an_older_page_is_found_there(reader: Reader, retracted: bool) -> None:
    entry = await reader.served.publish(headline="Ceasefire", key=True)
    for _ in range(45):
        await reader.served.entry()
    await told_of(reader, entry)
    if retracted:
        await reader.served.retract(entry)
    reader.served.broker.deliver_all()
    await reader.page.goto("about:blank")
    (asked,) = await click(reader)
    page = await follow(reader, asked)
    await page.wait_for_url(f"**/blogs/{SLUG}/pages/*#entry-{entry.id}")
    found = page.locator(f"#entry-{entry.id}")
    await expect(found).to_be_in_viewport()
    await expect(found).to_contain_text("was removed" if retracted else "Ceasefire")

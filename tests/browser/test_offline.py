"""The last page opens without a network, says how old it is, and forgets what was withdrawn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.kit import SLUG
from tests.served import DEADLINE, Served, serving

pytestmark = pytest.mark.needs("chromium")

HAS = """async ([url, words]) => {
  const cache = await caches.open("liveblog-pages-1");
  const found = await cache.match(url);
  return (found ? await found.text() : "").includes(words);
}"""


class Site:
    """A server that can go, at the root or below a path."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self.prefix = prefix
        self.served: Served

    async def start(self) -> None:
        """Starts it, with a blog."""
        base = f"http://news.example{self.prefix}" if self.prefix else ""
        served = serving(self._folder, public_url=base)
        self.served = await self._stack.enter_async_context(served)
        await self.served.blog(headline="The war")

    async def go(self) -> None:
        """The server is gone, as the network is in a tunnel."""
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """Of the live page."""
        return f"{self.served.url}{self.prefix}/blogs/{SLUG}"


@pytest.fixture(params=["", "/live"])
async def site(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    made = Site(tmp_path, request.param)
    await made.start()
    yield made
    await made.go()


@pytest.fixture
async def reader(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 390, "height": 700})
    yield await context.new_page()
    await context.close()


async def read(page: Page, site: Site, words: str) -> None:
    """Reads the page; waits until it is live and its copy has these words."""
    await page.goto(site.url)
    await expect(page.locator("#live")).to_have_attribute("data-connection", "live")
    await until(page, HAS, [site.url, words])


async def until(page: Page, script: str, arg: object = None) -> None:
    """Waits until the script says so; ``wait_for_function`` takes a promise for an answer."""
    again = f"""async (arg) => {{
      while (!(await ({script})(arg))) await new Promise((next) => setTimeout(next, 20));
    }}"""
    async with asyncio.timeout(DEADLINE):
        await page.evaluate(again, arg)


async def test_the_last_page_opens_without_a_network(site: Site, reader: Page) -> None:
    await site.served.publish(headline="The last that was heard")
    await read(reader, site, "The last that was heard")
    await site.go()
    await reader.goto(site.url)
    await expect(reader.locator("#feed")).to_contain_text("The last that was heard")
    await expect(reader.locator("#mark")).to_have_text("Reconnecting…")
    await expect(reader.locator("#updated")).to_contain_text("Saved copy, last update")
    await expect(reader.locator("#live")).not_to_have_attribute("data-connection", "live")
    # Its style is there, too.
    font = await reader.locator("h1").evaluate("(it) => getComputedStyle(it).fontWeight")
    assert font == "700"


async def test_the_copy_stands_in_for_a_server_that_cannot(site: Site, reader: Page) -> None:
    await site.served.publish(headline="The last that was heard")
    await read(reader, site, "The last that was heard")
    await reader.context.route("**/blogs/*", lambda route: route.fulfill(status=502, body="Bad"))
    await reader.goto(site.url)
    await expect(reader.locator("#feed")).to_contain_text("The last that was heard")
    await reader.goto(site.url.replace(SLUG, "never-read"))
    await expect(reader.locator("body")).to_have_text("Bad")


async def test_a_page_that_comes_through_the_worker_is_asked_for_once(
    site: Site, reader: Page
) -> None:
    await site.served.publish(headline="The first visit")
    await read(reader, site, "The first visit")
    await site.served.publish(headline="The second")
    asked: list[str] = []
    reader.context.on("request", lambda one: asked.append(one.url) if one.url == site.url else None)
    await read(reader, site, "The second")
    # From the page and from the worker, which asks in its stead.
    assert len(asked) <= 2


async def test_a_copy_has_nothing_that_was_withdrawn(site: Site, reader: Page) -> None:
    entry = await site.served.publish(headline="It must go")
    await read(reader, site, "It must go")
    await site.served.retract(entry)
    site.served.broker.deliver_all()
    await read(reader, site, "This entry was removed")
    await site.go()
    await reader.goto(site.url)
    await expect(reader.locator("#feed")).to_contain_text("This entry was removed")
    await expect(reader.locator("#feed")).not_to_contain_text("It must go")


async def test_a_page_that_was_closed_to_all_has_no_copy(site: Site, reader: Page) -> None:
    await site.served.publish(headline="For everybody once")
    await read(reader, site, "For everybody once")
    await site.served.revise_blog(visibility="private")
    site.served.broker.deliver_all()
    answer = await reader.goto(site.url)
    assert answer is not None
    assert answer.status in (401, 403, 404)
    await until(reader, f"async (arg) => !(await ({HAS})(arg))", [site.url, "<html"])


async def test_few_copies_are_kept(site: Site, reader: Page) -> None:
    for number in range(7):
        slug = f"page-{number}"
        await site.served.blog(slug, headline=slug)
        url = site.url.replace(SLUG, slug)
        await reader.goto(url)
        await until(reader, HAS, [url, slug])
    count = "async () => (await (await caches.open('liveblog-pages-1')).keys()).length"
    await until(reader, f"async () => (await ({count})()) === 5")

"""Bad networks and long stories: 3G, a lost net, five thousand entries; and what it weighs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bench.desk import fill
from tests.browser.content import SLUG as STORY
from tests.browser.reading import HIDE, START, beat, entry, live, long_entry, long_page, open_page
from tests.browser.reading import top as place
from tests.browser.stub import Stub, message
from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")

MANY = 5000
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400 * 1024 / 8,
    "uploadThroughput": 400 * 1024 / 8,
}
KIB = 1024


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A real server with a blog."""
    async with serving(tmp_path, "lane") as running:
        await running.blog(headline="The war")
        yield running


async def follow(browser: Browser, served: Served) -> Page:
    """Opens the live page on a phone; waits until it follows."""
    page = await browser.new_page(viewport={"width": 390, "height": 700})
    await page.goto(f"{served.url}/blogs/{SLUG}")
    await live(page)
    return page


async def test_what_the_page_weighs(served: Served, browser: Browser) -> None:
    """Everything of its first load, in the coding that browsers take over TLS."""
    for number in range(20):
        await served.entry(headline=f"Headline {number}", body="Words. " * 40, key=number % 3 == 0)
    page = await browser.new_page()
    loaded: dict[str, str] = {}
    page.on("request", lambda request: loaded.update({request.url: request.resource_type}))
    await page.goto(f"{served.url}/blogs/{SLUG}", wait_until="networkidle")
    await live(page)
    weight = dict.fromkeys(("document", "script", "stylesheet"), 0)
    for url, kind in loaded.items():
        assert url.startswith((served.url, f"ws://{served.address}")), "of a third party"
        if kind in weight:
            weight[kind] += await size(served, url)
    assert 0 < weight["document"] <= 20 * KIB
    assert 0 < weight["script"] <= 12 * KIB, f"{weight['script']} bytes of script"
    assert 0 < weight["stylesheet"] <= 8 * KIB
    await page.close()


async def size(served: Served, url: str) -> int:
    """Bytes of a body as they come."""
    async with served.http.stream("GET", url, headers={"Accept-Encoding": "br"}) as answer:
        assert answer.headers.get("Content-Encoding") == "br", url
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


async def test_five_thousand_entries(served: Served, browser: Browser) -> None:
    await served.store.write(lambda tx: fill(tx, SLUG, MANY))
    page = await follow(browser, served)
    articles = page.locator("#feed article")
    await expect(articles).to_have_count(20)
    await expect(page.locator("#older")).to_have_attribute("href", f"/blogs/{SLUG}/pages/249")
    before = await articles.nth(9).evaluate("(it) => (it.scrollIntoView(), it.id)")
    top = "(id) => document.getElementById(id).getBoundingClientRect().top"
    stands = await page.evaluate(top, before)
    for _ in range(3):
        await served.publish(headline="The newest of all", body="Words. " * 60)
    await expect(page.get_by_role("button", name="3 new updates")).to_be_visible()
    assert abs(await page.evaluate(top, before) - stands) <= 1
    await page.keyboard.press("n")
    await expect(articles).to_have_count(23)
    await expect(articles.nth(2)).to_be_focused()
    await page.close()


async def test_a_day_in_the_background(page: Page, stub: Stub) -> None:
    """A tab that was left alone for five hundred entries."""
    stub.page = long_page()
    await open_page(page, stub)
    await page.evaluate(HIDE, True)
    many = [stub.entry(long_entry(n), START + n - 7) for n in range(8, 508)]
    stub.send(message("changes", START + 500, **{"from": f"test:{START}"}, changes=many))
    await expect(page.locator("#pill")).to_have_text("500 new updates")
    await page.evaluate(HIDE, False)
    await expect(page.locator("#feed article")).to_have_count(507)
    await expect(page.locator(".since")).to_have_text("500 updates since you left")
    await page.keyboard.press("n")
    await expect(entry(page, 8)).to_be_focused()
    await expect(entry(page, 8)).to_be_in_viewport()


async def test_on_3g(served: Served, browser: Browser) -> None:
    first = await served.entry(headline="It was there", body="Words. " * 40)
    page = await browser.new_page(viewport={"width": 390, "height": 700})
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_3G)
    await page.goto(f"{served.url}/blogs/{SLUG}", wait_until="commit")
    await expect(page.locator(f"#entry-{first.id}")).to_be_visible()
    await live(page)
    second = await served.publish(headline="It came", key=True)
    await expect(page.locator(f"#feed #entry-{second.id}")).to_be_visible()
    await expect(page.locator("#day li")).to_have_text("It came")
    await page.close()


async def test_text_stands_before_any_script_has_come(stub: Stub, page: Page) -> None:
    """The scripts never come: the page is whole, says as of when, and claims nothing."""
    stub.page = long_page()
    await page.route("**/*.js", lambda route: route.abort())
    await page.goto(f"{stub.address}/blogs/{STORY}")
    await expect(page.locator("#feed article")).to_have_count(7)
    await expect(page.locator("#mark")).to_be_hidden()
    await expect(page.locator("#updated")).to_have_text("As of 12:49 EEST, July 23")
    await expect(page.get_by_role("link", name="Reload")).to_be_visible()


async def test_a_net_that_comes_and_goes(served: Served, browser: Browser) -> None:
    """Each loss in turn; nothing is lost, repeated or out of order."""
    page = await follow(browser, served)
    wanted: list[str] = []
    for number in range(4):
        await page.context.set_offline(True)
        await expect(page.locator("#mark")).to_have_text("Reconnecting…")
        wanted.insert(0, (await served.publish(headline=f"While away {number}")).id)
        await page.context.set_offline(False)
        await expect(page.locator(f"#feed #entry-{wanted[0]}")).to_be_visible(timeout=30_000)
        await live(page)
        wanted.insert(0, (await served.publish(headline=f"While here {number}")).id)
        await expect(page.locator(f"#feed #entry-{wanted[0]}")).to_be_visible()
    shown = await page.locator("#feed article").evaluate_all(
        "(all) => all.map((article) => article.dataset.entry)"
    )
    assert shown == wanted
    await page.close()


async def test_it_stays_where_it_was_while_the_net_is_gone(page: Page, stub: Stub) -> None:
    stub.page = long_page()
    await open_page(page, stub)
    await beat(page, stub, START)
    await entry(page, 4).evaluate("(it) => it.scrollIntoView({ behavior: 'instant' })")
    before = await place(page, 4)
    await page.context.set_offline(True)
    await expect(page.locator("#mark")).to_have_text("Reconnecting…")
    assert await place(page, 4) == before
    await page.context.set_offline(False)
    await stub.connected("socket")
    missed = [stub.entry(long_entry(8), START + 1)]
    stub.send(message("changes", START + 1, **{"from": f"test:{START}"}, changes=missed))
    await expect(page.locator("#pill")).to_have_text("1 new update")
    assert await place(page, 4) == before

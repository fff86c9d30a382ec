"""Live pages on other sites: a second origin, and a server behind a path prefix."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")
PREFIX = "/live"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    address = f"http://news.example{PREFIX}"
    async with serving(tmp_path, public_url=address, site_name="The News") as one:
        await one.blog(headline="A headline as long as those of live pages are")
        for number in range(5):
            await one.publish(headline=f"Headline {number}", key=number == 1)
        yield one


@asynccontextmanager
async def partner(html: str, policy: str) -> AsyncIterator[str]:
    """A server of another origin, with one page."""
    body = html.encode()
    head = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Security-Policy: {policy}"]
    head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    answer = "\r\n".join(head).encode() + body

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/story"


@pytest.fixture
async def host(served: Served, browser: Browser) -> AsyncIterator[Page]:
    """A page of somebody else's, with a policy that allows our frames and our script alone."""
    page = await browser.new_page(viewport={"width": 390, "height": 1200})
    ours = f"http://{served.address}"
    html = f"""<!doctype html><title>Partner</title><h1>Partner</h1>
      <script async src="{ours}{PREFIX}/embed/v1.js"></script>
      <live-blog id="page" slug="{SLUG}" title="The news, live"></live-blog>
      <live-blog id="three" slug="{SLUG}" show="latest"></live-blog>"""
    policy = f"default-src 'none'; img-src *; script-src {ours}; frame-src {ours}"
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    async with partner(html, policy) as address:
        await page.goto(address)
        yield page
        await page.close()
    assert said == []


def frame(host: Page, name: str) -> FrameLocator:
    return host.frame_locator(f"#{name} iframe")


async def test_the_page_is_live_on_another_site(served: Served, host: Page) -> None:
    inside = frame(host, "page")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    await served.publish(headline="Fresh from the desk")
    await expect(inside.locator("#feed")).to_contain_text("Fresh from the desk")
    await expect(inside.locator(".foot")).to_have_count(0)
    await expect(host.locator("#page iframe")).to_have_attribute("title", "The news, live")


async def test_the_latest_three_and_never_a_withdrawn_one(served: Served, host: Page) -> None:
    inside = frame(host, "three")
    rows = inside.locator("#latest > li:visible")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("Headline 4")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    before = await inside.locator("#live").bounding_box()
    entry = await served.publish(headline="The newest of them")
    await expect(rows.first).to_contain_text("The newest of them")
    await expect(rows).to_have_count(3)
    await served.retract(entry)
    served.broker.deliver_all()
    await expect(rows.first).to_contain_text("Headline 4")
    await expect(rows).to_have_count(3)
    assert await inside.locator("#live").bounding_box() == before


async def test_the_latest_three_go_on_after_the_way_back(served: Served, host: Page) -> None:
    """A page that is kept for "back" lets go of its wire, and takes it up again."""
    inside = frame(host, "three")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    for name in ("pagehide", "pageshow"):
        event = f"new PageTransitionEvent('{name}', {{ persisted: true }})"
        await inside.locator("#live").evaluate(f"() => dispatchEvent({event})")
    await served.publish(headline="After the way back")
    await expect(inside.locator("#latest > li").first).to_contain_text("After the way back")


async def test_the_latest_three_have_room(host: Page) -> None:
    inside = frame(host, "three")
    await expect(inside.locator("#latest > li")).not_to_have_count(0)
    for width in (320, 390, 1200):
        await host.set_viewport_size({"width": width, "height": 1200})
        fits = "() => document.documentElement.scrollHeight <= innerHeight"
        assert await inside.locator("#live").evaluate(fits), width


async def test_an_attribute_may_change(host: Page) -> None:
    await host.locator("#page").evaluate("(it) => it.setAttribute('height', '300')")
    box = await host.locator("#page iframe").bounding_box()
    assert box is not None
    assert box["height"] == 300
    await host.locator("#page").evaluate("(it) => it.setAttribute('show', 'latest')")
    await expect(frame(host, "page").locator("#latest")).to_be_visible()


async def test_a_link_opens_a_page_of_its_own(served: Served, host: Page) -> None:
    inside = frame(host, "page")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    key = inside.locator("#strip a").first
    await key.click()
    await expect(host).to_have_url(re.compile("/story$"))
    assert len(host.context.pages) == 1
    async with host.context.expect_page() as opened:
        await inside.locator(".embedded-foot a").click()
    assert await opened.value != host


async def test_a_private_page_is_in_nobodys_frame(served: Served) -> None:
    await served.revise_blog(visibility="private")
    answer = await served.http.get(f"{PREFIX}/embed/{SLUG}")
    assert answer.status_code in (401, 403, 404)


async def test_the_script_is_open_to_all_and_kept(served: Served) -> None:
    answer = await served.http.get(f"{PREFIX}/embed/v1.js")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("short", "short"),
        (" two\n words ", "two words"),
        ("word " * 30, "word " * 14 + "word…"),
        ("x" * 200, "x" * 75 + "…"),
    ],
)
async def test_a_line_is_cut_at_a_word(host: Page, served: Served, text: str, cut: str) -> None:
    page = host.frames[-1]
    await page.wait_for_selector("#latest")
    found = await page.evaluate(
        """async (text) => {
          const script = document.querySelector('script[type="module"]').src;
          return (await import(script)).cut(text);
        }""",
        text,
    )
    assert found == cut

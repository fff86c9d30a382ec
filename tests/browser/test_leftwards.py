"""From right to left: a time has its parts in the order in which they are read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")

# Where the parts of "14:03 UTC, 23 July" stand, from the left; the month is the only word.
PARTS = r"""(time) => {
  const texts = document.createTreeWalker(time, NodeFilter.SHOW_TEXT);
  const found = {};
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const parts = { clock: /\d\d:\d\d/, zone: /UTC/, month: /\p{L}{3,}(?<!UTC)/u };
    for (const [name, pattern] of Object.entries(parts)) {
      const match = pattern.exec(node.data);
      if (!match) continue;
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      found[name] = range.getBoundingClientRect().left;
    }
  }
  return Object.keys(found).sort((a, b) => found[a] - found[b]);
}"""
READ = ["month", "clock", "zone"]
"""From the left; the clock with its zone is one thing and runs the other way."""


@pytest.fixture(params=["ar", "he"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, lang=request.param) as one:
        await one.blog(lang=request.param, dir="rtl", time_zone="UTC")
        gone = await one.publish(headline="2")
        await one.publish(headline="1", card=True)
        await one.retract(gone)
        yield one


async def parts(page: Page, selector: str) -> list[str]:
    found: list[str] = await page.locator(selector).first.evaluate(PARTS)
    return found


async def test_times(served: Served, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    for path, places in {
        f"/blogs/{SLUG}": ["#updated time", ".tombstone time"],
        f"/blogs/{SLUG}/pages/1": [".standfirst time"],
        "/": [".card-live time", ".card:not(.card-live) time"],
    }.items():
        await page.goto(served.url + path)
        for place in places:
            assert await parts(page, place) == READ, f"{path} {place}"
    await context.close()


async def test_the_time_that_the_script_says(served: Served, browser: Browser) -> None:
    page = await browser.new_page()
    await page.route("**/live?*", lambda route: route.abort())
    await page.goto(f"{served.url}/blogs/{SLUG}")
    await expect(page.locator("#live")).not_to_have_attribute("data-connection", "none")
    assert await parts(page, "#updated time") == READ
    await page.close()

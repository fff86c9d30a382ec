"""What a page tells machines is data to a browser: nothing runs, the policy does not complain."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import keep
from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")
BASE = "https://news.example/live"
EVIL = """</script ><script>window.broken = 1</script><!-- " '
<img src=x onerror="window.broken = 2"> &"""
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
GRAPHS = """() => Array.from(document.querySelectorAll('script[type="application/ld+json"]'),
  (script) => JSON.parse(script.textContent))"""


async def graph(page: Page, served: Served, path: str) -> Any:
    """The one description in a page, as a browser reads it."""
    await page.goto(f"{served.url}/live{path}")
    (found,) = await page.evaluate(GRAPHS)
    assert await page.evaluate("window.broken") is None
    assert await page.evaluate("window.violations") == []
    return found


async def test_descriptions_are_data(
    browser: Browser, tmp_path: Path, complaints: list[str]
) -> None:
    async with serving(tmp_path, public_url=BASE, site_name=EVIL) as served:
        await served.blog(headline=EVIL, standfirst=EVIL)
        entry = await served.publish(headline=EVIL, body="Words", key=True)
        page = await browser.new_page()
        keep(page, complaints)
        await page.add_init_script(WATCH)
        live = await graph(page, served, f"/blogs/{SLUG}")
        assert (live["@type"], live["headline"]) == ("LiveBlogPosting", EVIL)
        assert (live["description"], live["publisher"]["name"]) == (EVIL, EVIL)
        (update,) = live["liveBlogUpdate"]
        assert (update["headline"], update["url"]) == (EVIL, f"{BASE}{path(entry.id)}")
        alone = await graph(page, served, path(entry.id))
        assert (alone["@type"], alone["headline"]) == ("NewsArticle", EVIL)
        title = await page.get_attribute('meta[property="og:title"]', "content")
        assert title == EVIL
        await page.close()
    assert complaints == []


def path(entry: str) -> str:
    """The page of an entry."""
    return f"/blogs/{SLUG}/entries/{entry}"

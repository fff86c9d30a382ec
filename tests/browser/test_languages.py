"""How the open page counts, in each language that is shipped."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from liveblog.web.pages.languages import language, shipped
from tests.kit import SLUG
from tests.served import serving

pytestmark = pytest.mark.needs("chromium")
COUNTS = (1, 2, 3, 11, 100)


@pytest.mark.parametrize("lang", sorted(shipped()))
async def test_updates_are_counted(lang: str, tmp_path: Path, browser: Browser) -> None:
    """By the browser's own plural rules, and as the server would say it."""
    spoken = language(lang)
    async with serving(tmp_path) as served:
        await served.blog(lang=lang, headline="The war")
        page = await browser.new_page()
        await page.goto(f"{served.url}/blogs/{SLUG}")
        await expect(page.locator("#live")).to_have_attribute("data-connection", "live")
        pill = page.locator("#pill")
        await expect(pill).to_be_hidden()
        await page.locator("#pause").click()
        there = 0
        for count in COUNTS:
            for _ in range(there, count):
                await served.entry()
            served.broker.deliver_all()
            there = count
            wanted = spoken.ngettext("%(num)s new update", "%(num)s new updates", count)
            await expect(pill).to_have_text(wanted % {"num": count})
            await expect(page).to_have_title(f"({count}) The war")
        await page.locator("#pause").click()
        await expect(pill).to_be_hidden()
        await expect(page).to_have_title("The war")
        await page.close()

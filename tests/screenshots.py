"""``python -m tests.screenshots``: takes the pictures of the README anew. Look at them afterwards.

What they show is the demonstration's content, and the same day told in Arabic.
"""

import asyncio
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, async_playwright, expect

from liveblog.actions import OPERATOR, Ask
from liveblog.demo import seed
from liveblog.types import Slug
from liveblog.wire.requests import NewBlog, NewEntry
from tests.served import Served, serving

DOCS = Path(__file__).parent.parent / "docs"
SECOND = re.compile(r"\d\d:\d\d:\d\d")
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

ARABIC = seed.BLOG | {
    "slug": "arabic",
    "lang": "ar",
    "title": "حرب أوكرانيا: آخر المستجدات",
    "headline": "أوكرانيا وروسيا تلتقيان في إسطنبول لجولة ثالثة من المحادثات",
    "standfirst": "أحداث 23 يوليو 2025 كما يرويها عرض تجريبي بكلماته الخاصة.",
    "visibility": "unlisted",
}
ARABIC_KEY = (
    "أوكرانيا وروسيا تعقدان جولة ثالثة من محادثات السلام في إسطنبول",
    "تقارير عن إصابة مسيّرات أوكرانية مركزًا لوجستيًا رئيسيًا في جنوب غرب روسيا",
    "قائد الجيش الأوكراني يقدّر خسائر روسيا في عملية كورسك بثمانين ألفًا",
    "الغارديان: بوتين غير قلق من مهلة الخمسين يومًا ويرى ترامب عاطفيًا سهل التأثر",
    "بيلاروسيا تهدد بنقل مناورات «زاباد 2025» إلى مكان أقرب من حدود الناتو",
)

PICTURES: dict[str, tuple[str, str, Any]] = {
    "screenshot.png": (f"/blogs/{seed.SLUG}", "dark", DESKTOP),
    "screenshot-phone.png": (f"/blogs/{seed.SLUG}", "light", PHONE),
    "screenshot-arabic.png": ("/blogs/arabic", "dark", PHONE),
    "screenshot-front.png": ("/", "light", DESKTOP),
}
"""File: address, colours, size."""


async def publish(served: Served, slug: str, content: seed.Content) -> None:
    """Publish an entry."""
    new = msgspec.convert(content, NewEntry)
    await served.actions.entries.create(Slug(slug), new, Ask(OPERATOR))
    served.broker.deliver_all()


async def fill(served: Served) -> None:
    """The three blogs."""
    for blog in (seed.CARDS_BLOG, seed.BLOG, ARABIC):
        await served.actions.create_blog(msgspec.convert(blog, NewBlog))
    for content in seed.CARDS:
        await publish(served, seed.CARDS_SLUG, content)
    for content in seed.day_entries():
        await publish(served, seed.SLUG, content)
    for content, headline in zip(seed.KEY, ARABIC_KEY, strict=True):
        told = {"headline": headline, "key": True, "published_at": content["published_at"]}
        await publish(served, "arabic", told)


async def take(browser: Browser, served: Served, name: str) -> None:
    """One picture, of a page that is up to date."""
    path, scheme, size = PICTURES[name]
    page = await browser.new_page(
        viewport=size, color_scheme=scheme, reduced_motion="reduce"  # type: ignore[arg-type]
    )  # fmt: skip
    await page.goto(served.url + path, wait_until="networkidle")
    if path != "/":
        # The first heartbeat proves up to which second.
        await expect(page.locator("#updated")).to_have_text(SECOND, timeout=30_000)
        await expect(page.locator("#push")).to_be_visible()
    await page.screenshot(path=DOCS / name)
    await page.close()


async def main() -> None:
    """Take all of them."""
    chromium = os.environ.get("LIVEBLOG_CHROMIUM") or shutil.which("chromium")
    options: dict[str, Any] = {
        "push_contact": "mailto:desk@news.example",
        "push_key": "A" * 42 + "E",
    }
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), **options) as served, async_playwright() as playwright:
            await fill(served)
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            for name in PICTURES:
                await take(browser, served, name)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())

"""Pictures of our own in a reader's browser: which file it takes, what moves, what is withdrawn."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from liveblog.media.disk import Disk
from tests import nodetools
from tests.browser.axe import faults
from tests.browser.conftest import keep
from tests.browser.test_quality import SHIFTS
from tests.kit import SLUG
from tests.pictures import encoded, jpeg
from tests.served import serving
from tests.uploads import Newsroom

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with serving(tmp_path) as served:
        yield await Newsroom.open(served, Disk(tmp_path / "media"))


async def opened(browser: Browser, room: Newsroom, **options: Any) -> Page:
    """The live page."""
    page = await browser.new_page(**options)
    await page.goto(f"{room.served.url}/blogs/{SLUG}")
    return page


async def taken(page: Page) -> str:
    """The name of the file that the picture shows, once it is there."""
    picture = page.locator("figure.media img")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    source: str = await picture.evaluate("img => img.currentSrc")
    assert await picture.evaluate("img => img.naturalWidth") > 0
    return source.rpartition("/")[2]


@pytest.mark.parametrize(
    ("width", "scale", "file"),
    [(390, 1, "640.avif"), (390, 3, "1280.avif"), (1280, 2, "1920.avif")],
)
async def test_a_screen_gets_the_size_it_needs(
    room: Newsroom, browser: Browser, width: int, scale: int, file: str
) -> None:
    await room.entry(await room.ready(jpeg(2400, 1350)))
    viewport = {"width": width, "height": 800}
    page = await opened(browser, room, viewport=viewport, device_scale_factor=scale)
    assert await taken(page) == file
    await page.close()


async def test_what_moves_stands_still_for_whoever_asks(room: Newsroom, browser: Browser) -> None:
    first, *rest = [Image.new("RGB", (900, 600), (60 * n, 0, 0)) for n in range(3)]
    film = encoded(first, "GIF", save_all=True, append_images=rest, duration=200, loop=0)
    await room.entry(await room.ready(film, kind="image/gif"))
    page = await opened(browser, room)
    assert await taken(page) == "640.webp"
    await page.close()
    calm = await opened(browser, room, reduced_motion="reduce")
    assert await taken(calm) in ("640.jpg", "900.jpg")
    await calm.close()


async def test_a_picture_goes_with_its_entry(
    room: Newsroom, browser: Browser, complaints: list[str]
) -> None:
    made = await room.ready(jpeg(1600, 900))
    entry = (await room.entry(made)).json()
    page = await opened(browser, room, viewport={"width": 390, "height": 800})
    keep(page, complaints)
    await taken(page)
    gone = await room.change(entry, "retract", note="Wrong place")
    room.served.broker.deliver_all()
    await expect(page.locator("figure.media")).to_have_count(0)
    answer = await page.evaluate("url => fetch(url).then(a => a.status)", made["url"])
    assert answer == 410
    complaints.clear()  # the browser says that it was 410
    await room.change(gone, "restore")
    room.served.broker.deliver_all()
    assert await taken(page) == "640.avif"
    assert complaints == []
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wrong_with_the_page(
    room: Newsroom, browser: Browser, tmp_path: Path, scheme: Any
) -> None:
    await room.entry(await room.ready(jpeg(1600, 900)))
    await room.entry(await room.ready(jpeg(300, 1800)), card=True)
    page = await browser.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})
    await page.add_init_script(SHIFTS)
    await page.goto(f"{room.served.url}/blogs/{SLUG}")
    for picture in await page.locator("figure.media img").all():
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("complete", True)
    assert sum(await page.evaluate("window.__shifts")) < 0.01
    assert await faults(page) == []
    html = tmp_path / "page.html"
    html.write_text((await room.http.get(f"/blogs/{SLUG}")).text)
    assert nodetools.html_faults([html]) == []
    await page.goto(f"{room.served.url}/")
    card = page.locator(".card-picture img").first
    await expect(card).to_have_js_property("naturalWidth", 300)
    await page.close()

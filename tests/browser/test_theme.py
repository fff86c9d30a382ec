"""A newsroom's own look: colours and type by one style sheet, logo and name by settings."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")

THEME = """/* The Gazette */
@font-face { font-family: Gazette; src: url("data:font/woff2;base64,d09GMg=="); }
:root { --paper: #fff8f0; --red: #00563f; --serif: Gazette, monospace; --logo-size: 48px; }
@media (prefers-color-scheme: dark) { :root { --paper: #001a13; --red: #7fd6b8; } }
.card-title { letter-spacing: 1px; }
"""
LOGO = "/logo.svg"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><path d="M0 0h4v1H0z"/></svg>'

STYLE = """(selector) => {
  const { color, backgroundColor, fontFamily, letterSpacing } =
    getComputedStyle(document.querySelector(selector));
  return { color, backgroundColor, fontFamily, letterSpacing };
}"""
REFUSED = """window.refused = [];
addEventListener("securitypolicyviolation", (event) => window.refused.push(event.blockedURI));
"""


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    sheet = tmp_path / "theme.css"
    sheet.write_text(THEME)
    async with serving(
        tmp_path, site_name="The Gazette", logo=LOGO, theme_css=str(sheet), public_url=""
    ) as one:
        await one.blog(headline="The war")
        await one.publish(headline="Talks begin", key=True, card=True)
        yield one


async def opened(page: Page, served: Served, path: str) -> None:
    """A page, with the logo from the host that it is on."""
    await page.add_init_script(REFUSED)
    picture = {"body": DRAWING, "content_type": "image/svg+xml"}
    await page.route(f"**{LOGO}", lambda route: route.fulfill(**picture))
    await page.goto(f"{served.url}{path}")


@pytest.mark.parametrize(
    ("scheme", "paper", "red"),
    [
        ("light", "rgb(255, 248, 240)", "rgb(0, 86, 63)"),
        ("dark", "rgb(0, 26, 19)", "rgb(127, 214, 184)"),
    ],
)
async def test_colours_and_type(
    served: Served, browser: Browser, scheme: str, paper: str, red: str
) -> None:
    page = await browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    await opened(page, served, f"/blogs/{SLUG}")
    await expect(page.locator("#live")).to_have_attribute("data-connection", "live")
    body = await page.evaluate(STYLE, "body")
    assert (body["backgroundColor"], body["fontFamily"]) == (paper, "Gazette, monospace")
    assert (await page.evaluate(STYLE, "#mark"))["backgroundColor"] == red
    await page.evaluate("document.fonts.load('16px Gazette').catch(() => {})")
    assert await page.evaluate("window.refused") == []
    await page.close()


async def test_name_and_logo_lead_home(served: Served, browser: Browser) -> None:
    page = await browser.new_page()
    for path in (f"/blogs/{SLUG}", f"/blogs/{SLUG}/key", "/"):
        await opened(page, served, path)
        home = page.get_by_role("banner").get_by_role("link", name="The Gazette")
        await expect(home).to_have_attribute("href", "/")
        place = await home.locator("img").bounding_box()
        assert place is not None
        assert (place["height"], place["width"]) == (48, 192)
    assert await page.evaluate("window.refused") == []
    await page.close()


@pytest.mark.parametrize("path", ["/", f"/embed/{SLUG}", f"/embed/{SLUG}?show=latest"])
async def test_it_is_loaded_after_every_sheet_of_ours(
    served: Served, browser: Browser, path: str
) -> None:
    page = await browser.new_page()
    await opened(page, served, path)
    sheets = await page.evaluate("[...document.styleSheets].map((one) => one.href)")
    assert len(sheets) > 1
    assert sheets[-1].endswith("/theme.css")
    if path == "/":
        assert (await page.evaluate(STYLE, ".card-title"))["letterSpacing"] == "1px"
    await page.close()

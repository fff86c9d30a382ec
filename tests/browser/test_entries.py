"""Entries of every kind in a browser: players after consent, sharing, films, sizes."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, BrowserContext, Page, Request, expect

from liveblog.model.entry import Edit, EditKind
from liveblog.queries import RevisionView
from liveblog.types import Revision
from tests import nodetools
from tests.browser.axe import faults
from tests.browser.conftest import keep
from tests.browser.content import NOON, SLUG, entry_view
from tests.browser.kinds import Kinds, id_of, listed, of
from tests.browser.stub import serving

pytestmark = pytest.mark.needs("chromium")

PLAYER = "https://www.youtube-nocookie.com/embed/abc_DEF-123"


@pytest.fixture
async def stub() -> AsyncIterator[Kinds]:
    async with serving(Kinds()) as running:
        assert isinstance(running, Kinds)
        yield running


@pytest.fixture
async def asked() -> list[str]:
    """What was asked of other sites."""
    return []


@pytest.fixture
async def context(browser: Browser, stub: Kinds, asked: list[str]) -> AsyncIterator[BrowserContext]:
    """A phone on which other sites cannot be reached."""
    made = await browser.new_context(viewport={"width": 390, "height": 700})

    def note(request: Request) -> None:
        if not request.url.startswith(stub.address):
            asked.append(request.url)

    await made.route(re.compile("^https:"), lambda route: route.abort())
    made.on("request", note)
    yield made
    await made.close()


@pytest.fixture
async def page(context: BrowserContext, complaints: list[str]) -> AsyncIterator[Page]:
    opened = await context.new_page()
    keep(opened, complaints)
    yield opened
    await opened.close()


async def show(page: Page, stub: Kinds, *names: str) -> None:
    """Opens the live page with these, from top to bottom."""
    stub.show(*(of(name) for name in names))
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    await expect(page.locator("html.has-script")).to_have_count(1)


def opener(page: Page, name: str) -> str:
    return f"#entry-{id_of(name)} .embed-open"


# Players ----------------------------------------------------------------------------------


async def test_others_are_asked_for_nothing_before_a_yes(
    page: Page, stub: Kinds, asked: list[str], complaints: list[str]
) -> None:
    await show(page, stub, "youtube", "post", "elsewhere", "plain")
    await page.locator(f"#entry-{id_of('plain')}").scroll_into_view_if_needed()
    await expect(page.locator(".embed-ask")).to_have_count(2)
    assert asked == []
    below = page.locator(f"#entry-{id_of('post')}")
    before = await below.evaluate("it => it.offsetTop")
    async with page.expect_request(PLAYER):
        await page.click(opener(page, "youtube"))
    frame = page.locator("iframe")
    await expect(frame).to_be_focused()
    await expect(frame).to_have_attribute("title", "YouTube: The hall, live")
    sandbox = (await frame.get_attribute("sandbox") or "").split()
    assert {"allow-scripts", "allow-same-origin"} <= set(sandbox)
    assert not {"allow-top-navigation", "allow-forms", "allow-modals"} & set(sandbox)
    assert await below.evaluate("it => it.offsetTop") == before, "it had its place"
    assert asked == [PLAYER]
    assert not [said for said in complaints if "Policy" in said or "trusted" in said.lower()]


async def test_always_holds_for_one_provider_until_it_is_taken_back(
    page: Page, stub: Kinds, asked: list[str]
) -> None:
    await show(page, stub, "youtube", "post")
    await page.get_by_label("Always show content from YouTube").check()
    await expect(page.locator("iframe")).to_have_count(1)
    await page.reload()
    await expect(page.locator("iframe")).to_have_attribute("src", PLAYER)
    await expect(page.locator(opener(page, "post"))).to_be_visible()
    assert {url.split("/")[2] for url in asked} == {"www.youtube-nocookie.com"}
    await page.get_by_label("Always show content from YouTube").uncheck()
    asked.clear()
    await page.reload()
    await expect(page.locator(opener(page, "youtube"))).to_be_visible()
    assert asked == []


async def test_a_pushed_entry_is_asked_about_and_opened_alike(page: Page, stub: Kinds) -> None:
    await show(page, stub, "plain")
    await stub.connected("socket")
    stub.send(stub.change(of("youtube"), 10))
    await page.click(opener(page, "youtube"))
    await expect(page.locator("iframe")).to_have_count(1)
    # An edit replaces the entry; what the reader opened is open in it.
    edited = replace(of("youtube"), revision=Revision(2), html="<p>From the other hall.</p>")
    stub.send(stub.change(edited, 11, "entry.revised"))
    article = page.locator(f"#entry-{id_of('youtube')}")
    await expect(article).to_contain_text("From the other hall.")
    await expect(article.locator("iframe")).to_have_count(1)


async def test_what_would_push_the_text_waits_until_it_is_below(page: Page, stub: Kinds) -> None:
    long = [entry_view(n, "Words. " * 400) for n in (30, 31)]
    other = replace(of("post"), id=entry_view(29).id)
    stub.show(of("post"), *long, other)
    await page.set_viewport_size({"width": 390, "height": 1600})
    await page.add_init_script("""localStorage.setItem("liveblog:embeds", '["X"]')""")
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    await expect(page.locator("iframe")).to_have_count(1)
    await expect(page.locator(f"#entry-{other.id} iframe")).to_have_count(1)
    await expect(page.locator(opener(page, "post"))).to_be_visible()


async def test_a_frame_of_anybody_else_is_refused(page: Page, stub: Kinds) -> None:
    await show(page, stub, "plain")
    refused = await page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => {
            done(`${event.effectiveDirective} ${event.blockedURI}`);
          });
          const frame = document.createElement("iframe");
          frame.src = "https://evil.example/";
          document.body.append(frame);
        })"""
    )
    assert refused == "frame-src https://evil.example"


async def test_players_cost_nothing_where_there_are_none(page: Page, stub: Kinds) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    await show(page, stub, "plain")
    await stub.connected("socket")
    stub.send(stub.change(of("updated"), 10))
    await expect(page.locator(f"#entry-{id_of('updated')}")).to_be_visible()
    assert "entry.js" in asked
    assert "players.js" not in asked
    stub.send(stub.change(of("youtube"), 11))
    await expect(page.locator(opener(page, "youtube"))).to_be_visible()
    assert asked.count("players.js") == 1


async def test_without_a_script_there_is_a_link(browser: Browser, stub: Kinds) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    stub.show(*listed())
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    card = page.locator(f"#entry-{id_of('youtube')} .embed-card")
    await expect(card).to_have_attribute("href", "https://www.youtube.com/watch?v=abc_DEF-123")
    for control in ("share", "embed-ask"):
        assert await page.locator(f".{control}:visible").count() == 0
    await context.close()


# Sharing ----------------------------------------------------------------------------------


async def test_the_address_is_copied_and_that_is_said(
    context: BrowserContext, page: Page, stub: Kinds
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.add_init_script("delete Navigator.prototype.share")
    await show(page, stub, "quote", "plain")
    await page.locator(f"#entry-{id_of('plain')}").get_by_role("button", name="Share").click()
    await expect(page.locator(".shared[role=status]")).to_have_text("Link copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{stub.address}{of('plain').url}"


async def test_an_article_is_shared_without_its_place(
    context: BrowserContext, page: Page, stub: Kinds
) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.add_init_script("delete Navigator.prototype.share")
    stub.show(of("quote"))
    await page.goto(f"{stub.address}{of('quote').url}#main")
    await page.get_by_role("button", name="Share").click()
    await expect(page.locator(".shared")).to_have_text("Link copied")
    assert await page.evaluate("navigator.clipboard.readText()") == stub.address + of("quote").url


@pytest.mark.parametrize(
    ("ends", "leads"),
    [("", False), ("AbortError", False), ("NotAllowedError", True)],
)
async def test_it_is_shared_by_the_system(page: Page, stub: Kinds, ends: str, leads: bool) -> None:
    await page.add_init_script(
        """navigator.share = async (what) => {
          sessionStorage.shared = JSON.stringify(what);
          if ("ENDS") throw new DOMException("", "ENDS");
        }""".replace("ENDS", ends)
    )
    await show(page, stub, "plain", "quote")
    entry = of("quote")
    await page.locator(f"#entry-{entry.id} .share").click()
    await page.wait_for_function("sessionStorage.shared")
    shared = await page.evaluate("JSON.parse(sessionStorage.shared)")
    assert shared == {"title": entry.headline, "url": f"{stub.address}{entry.url}"}
    if leads:
        await expect(page).to_have_url(f"{stub.address}{entry.url}")
        await expect(page.locator("h1")).to_have_text(entry.headline or "")
    else:
        await page.evaluate("new Promise((done) => setTimeout(done))")
        await expect(page).to_have_url(f"{stub.address}/blogs/{SLUG}")


# Films and pictures -----------------------------------------------------------------------


async def test_captions_are_on_and_nothing_is_loaded_before(page: Page, stub: Kinds) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await show(page, stub, "film")
    film = page.locator("video")
    await film.scroll_into_view_if_needed()
    tracks = await film.evaluate("film => [...film.textTracks].map(t => [t.kind, t.label, t.mode])")
    assert tracks == [
        ["chapters", "English", "disabled"],
        ["captions", "English", "showing"],
        ["subtitles", "українська", "disabled"],
    ]
    transcript = page.get_by_role("link", name="Transcript")
    await expect(transcript).to_have_attribute("href", "/static/test/film.txt")
    assert not [url for url in asked if "film.webm" in url]


@pytest.mark.parametrize("width", [390, 1280])
async def test_pictures_have_their_place_before_they_come(
    browser: Browser, stub: Kinds, width: int
) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 800})
    names = ("upright", "tall", "wide", "small", "unsized", "film", "phone film")
    places = "[...document.querySelectorAll('#feed article')].map((a) => a.offsetHeight)"
    # First the pictures never come, then they do.
    await page.route("**/picture-*", lambda route: route.abort())
    await show(page, stub, *names)
    without = await page.evaluate(places)
    await page.unroute("**/picture-*")
    await show(page, stub, *names)
    for name in names[:5]:
        picture = page.locator(f"#entry-{id_of(name)} img")
        await picture.scroll_into_view_if_needed()
        await page.wait_for_function(
            "i => i.complete && i.naturalWidth", arg=await picture.element_handle()
        )
    assert await page.evaluate(places) == without
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = [
        box["height"]
        for n in names
        if (box := await page.locator(f"#entry-{id_of(n)} :is(img, video)").bounding_box())
    ]
    assert max(heights) <= 800 * 0.85 + 1
    small = await page.locator(f"#entry-{id_of('small')} img").bounding_box()
    assert small is not None
    assert small["width"] == 160, "never larger than it is"
    await page.close()


async def test_a_tall_picture_is_whole_on_its_own_page(page: Page, stub: Kinds) -> None:
    await show(page, stub, "tall")
    await page.get_by_role("link", name="See the whole picture").click()
    await expect(page).to_have_url(f"{stub.address}{of('tall').url}")
    picture = await page.locator("article img").bounding_box()
    assert picture is not None
    assert picture["height"] == pytest.approx(picture["width"] * 5, abs=2)
    await expect(page.get_by_role("link", name="See the whole picture")).to_have_count(0)


# The page of one entry --------------------------------------------------------------------


async def test_an_article_of_its_own(page: Page, stub: Kinds) -> None:
    stub.show(*listed())
    await page.goto(f"{stub.address}{of('corrected').url}")
    await expect(page.locator("h1")).to_have_text(of("corrected").headline or "")
    await expect(page.locator(".dates")).to_have_text(
        "Published 13:52 EEST, July 23, 2025 Updated 18:00 EEST, July 23, 2025"
    )
    await expect(page.get_by_role("link", name="Corrected")).to_have_attribute(
        "href", f"{of('corrected').url}/history"
    )
    live = page.get_by_role("link", name="In the live page")
    await expect(live).to_have_attribute(
        "href", f"/blogs/{SLUG}/pages/3#entry-{id_of('corrected')}"
    )
    await page.get_by_role("link", name="Next update").click()
    await expect(page.locator("h1")).to_have_text("Update of 13:59 EEST, July 23")
    await page.get_by_role("link", name="Previous update").click()
    await expect(page).to_have_url(f"{stub.address}{of('corrected').url}")


@pytest.mark.parametrize("name", ["text", "corrected", "foreign", "tall", "wide", "elsewhere"])
async def test_nothing_is_wider_than_the_screen(page: Page, stub: Kinds, name: str) -> None:
    stub.show(of(name))
    await page.set_viewport_size({"width": 320, "height": 600})
    for path in (f"/blogs/{SLUG}", of(name).url):
        await page.goto(f"{stub.address}{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("lang", ["en", "ar"])
async def test_axe_and_html_validate_find_nothing(
    browser: Browser, stub: Kinds, tmp_path: Path, lang: str
) -> None:
    stub.show(*listed(), lang=lang, dir="rtl" if lang == "ar" else "ltr")
    told: tuple[tuple[EditKind, str], ...] = (
        ("update", "Two people were hurt."),
        ("update", "Withheld."),
        ("typo", "Three people were hurt."),
        ("correction", "Four people were hurt."),
    )
    stub.revisions = tuple(
        RevisionView(Revision(n), NOON, Edit(kind, NOON, text), n == 2, None, None, text)
        for n, (kind, text) in enumerate(told, 1)
    )
    article = of("corrected").url
    paths = [f"/blogs/{SLUG}", article, f"{article}/history", of("film").url, of("youtube").url]
    context = await browser.new_context(
        viewport={"width": 390, "height": 800}, reduced_motion="reduce", bypass_csp=True
    )
    page = await context.new_page()
    found, files = [], []
    for n, path in enumerate(paths):
        answer = await page.goto(f"{stub.address}{path}")
        assert answer is not None
        assert answer.ok
        found += [f"{path}: {fault}" for fault in await faults(page)]
        files.append(tmp_path / f"{n}.html")
        files[-1].write_text(await answer.text())
    await context.close()
    assert not found, "\n".join(found)
    assert nodetools.html_faults(files) == []

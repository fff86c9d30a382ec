"""The composer: what is written, with which words and marks, and how readers will see it."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from liveblog.config import Settings
from liveblog.media import Confined, open_storage
from liveblog.model.entry import Byline
from tests.browser.studio import PASTE, desk, kept, public, saved, sent, text
from tests.kit import SLUG
from tests.pictures import jpeg
from tests.served import DEADLINE, Served, serving
from tests.unit.test_picture_words import tattling
from tests.uploads import PIXELS
from workers.media import Maker

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server where what is published comes out at once."""
    async with serving(tmp_path, undo_seconds=0) as running:
        await running.blog()
        await running.publish(
            headline="Before", tags=("Kherson", "Energy"), bylines=(Byline("Oksana Lys"),)
        )
        yield running


@pytest.fixture
async def editor(served: Served, browser: Browser, complaints: list[str]) -> AsyncIterator[Page]:
    """The desk of an editor whose name is Ada."""
    async with desk(served, browser, complaints) as page:
        yield page
    assert complaints == []


@pytest.fixture
async def photographer(served: Served, browser: Browser) -> AsyncIterator[Page]:
    """An editor who adds pictures; the preview asks for them before the worker has made them."""
    async with desk(served, browser, []) as page:
        yield page


def headline(page: Page) -> Any:
    """Where the headline is written."""
    return page.get_by_role("textbox", name="Headline")


def pressed(page: Page, name: str) -> Any:
    """A mark that is set."""
    return page.get_by_role("button", name=name, exact=True, pressed=True)


async def published(page: Page, served: Served) -> dict[str, Any]:
    """Publish what is written; the entry as readers get it."""
    known = {entry["id"] for entry in await public(served)}
    await page.keyboard.press("Control+Enter")
    async with asyncio.timeout(DEADLINE):
        while True:
            newest = (await public(served))[0]
            if newest["id"] not in known:
                return newest
            await asyncio.sleep(0.05)


# Commands ---------------------------------------------------------------------------------


async def test_the_menu_is_a_listbox_that_the_field_speaks_of(editor: Page) -> None:
    menu = editor.get_by_role("listbox", name="Suggestions")
    await expect(menu).to_be_hidden()
    await editor.keyboard.type("It began. /")
    await expect(menu.get_by_role("option")).to_have_count(6)
    await expect(menu.get_by_role("option", selected=True)).to_have_count(0)
    field = text(editor)
    await expect(field).to_have_attribute("aria-autocomplete", "list")
    assert await field.get_attribute("aria-controls") == await menu.get_attribute("id")
    await editor.keyboard.press("ArrowDown")
    chosen = menu.get_by_role("option", selected=True)
    await expect(chosen).to_have_text(re.compile(r"^/key\s+Key development$"))
    assert await field.get_attribute("aria-activedescendant") == await chosen.get_attribute("id")
    await editor.keyboard.press("ArrowUp")
    await expect(menu.get_by_role("option", selected=True)).to_contain_text("/summary")
    await expect(editor.get_by_role("status").filter(has_text="6 suggestions.")).to_be_attached()
    await editor.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(field).to_be_focused()
    await expect(field).to_have_value("It began. /")
    assert await field.get_attribute("aria-activedescendant") is None


@pytest.mark.parametrize("key", ["Enter", "Tab", " "])
async def test_a_command_is_taken_and_leaves_no_trace(editor: Page, key: str) -> None:
    await editor.keyboard.type("Hold the page. /pin")
    await editor.keyboard.press(key)
    await expect(text(editor)).to_have_value("Hold the page. ")
    await expect(text(editor)).to_be_focused()
    await expect(pressed(editor, "Pin")).to_be_visible()


async def test_every_command_does_what_it_says(served: Served, editor: Page) -> None:
    for command in ("/key", "/pin", "/breaking", "/summary"):
        await editor.keyboard.type(f"{command} ")
    for name in ("Key", "Pin", "Breaking", "Summary"):
        await expect(pressed(editor, name)).to_be_visible()
    await headline(editor).fill("So far")
    await text(editor).fill("- One\n- Two")
    entry = await published(editor, served)
    flags = {name: entry[name] for name in ("kind", "key", "pinned", "breaking")}
    assert flags == {"kind": "summary", "key": True, "pinned": True, "breaking": True}
    await expect(pressed(editor, "Key")).to_be_hidden()


async def test_a_key_entry_is_proposed_its_first_sentence_as_headline(editor: Page) -> None:
    await editor.keyboard.type("**The bridge** at Antonivka was hit. Traffic stands. /key ")
    await expect(headline(editor)).to_have_value("The bridge at Antonivka was hit")
    await headline(editor).fill("My own")
    await editor.get_by_role("button", name="Key", exact=True).click()
    await editor.get_by_role("button", name="Key", exact=True).click()
    await expect(headline(editor)).to_have_value("My own")


async def test_a_key_entry_without_any_words_asks_for_a_headline(editor: Page) -> None:
    await editor.get_by_role("button", name="Key", exact=True).click()
    await text(editor).fill("Said later.")
    await editor.keyboard.press("Control+Enter")
    await expect(headline(editor)).to_be_focused()
    await expect(headline(editor)).to_have_accessible_description(
        "A key development needs a headline."
    )


async def test_addresses_and_fractions_open_no_menu(editor: Page) -> None:
    menu = editor.get_by_role("listbox", name="Suggestions")
    for words in ("and/or", "ada@news.example", "24/7 ", "# Heading", "C#"):
        await text(editor).fill("")
        await text(editor).press_sequentially(words)
        await expect(menu).to_be_hidden()


async def test_tags_and_bylines_in_the_middle_of_a_sentence(served: Served, editor: Page) -> None:
    await editor.keyboard.type("#khe")
    await expect(editor.get_by_role("option", name="Kherson")).to_be_visible()
    await editor.keyboard.press("Enter")
    await editor.keyboard.type("#Power")
    await editor.keyboard.press("Enter")
    await editor.keyboard.type("@lys")
    await editor.keyboard.press("Tab")
    await editor.keyboard.type("Lights are out.")
    entry = await published(editor, served)
    assert entry["tags"] == ["Kherson", "Power"]
    assert [one["name"] for one in entry["bylines"]] == ["Oksana Lys"]
    assert entry["body"] == "Lights are out."


# Bylines and tags in their fields ---------------------------------------------------------


async def test_what_is_known_may_come_while_somebody_types(editor: Page) -> None:
    go = asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await editor.route("**/entries?limit=50", hold)
    await editor.reload()
    await expect(text(editor)).to_be_focused()
    await editor.keyboard.type("#khe")
    await expect(editor.get_by_role("option", name="khe New tag")).to_be_visible()
    go.set()
    await expect(editor.get_by_role("option", name="Kherson")).to_be_visible()


async def test_the_fields_are_comboboxes(editor: Page) -> None:
    field = editor.get_by_role("combobox", name="Bylines")
    await field.focus()
    await expect(field).to_have_attribute("aria-expanded", "false")
    await editor.keyboard.press("ArrowDown")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await editor.keyboard.press("ArrowDown")
    await editor.keyboard.press("Enter")
    await expect(editor.get_by_role("group", name="Bylines")).to_contain_text("Oksana Lys")
    await expect(field).to_be_focused()
    await editor.keyboard.type("Jo Ray")
    await editor.keyboard.press("Tab")
    remove = editor.get_by_role("button", name="Take byline Jo Ray out")
    await expect(remove).to_be_visible()
    await remove.click()
    await expect(remove).to_be_hidden()
    await expect(field).to_be_focused()


async def test_nobody_signs_silently(served: Served, editor: Page) -> None:
    """An entry has no byline unless somebody gave one; the next has the one used last."""
    await editor.keyboard.type("First.")
    assert (await published(editor, served))["bylines"] == []
    await editor.get_by_role("combobox", name="Bylines").fill("Jo Ray")
    await text(editor).fill("Second.")
    assert [one["name"] for one in (await published(editor, served))["bylines"]] == ["Jo Ray"]
    await editor.reload()
    await expect(editor.get_by_role("group", name="Bylines")).to_contain_text("Jo Ray")
    await text(editor).fill("Third.")
    assert [one["name"] for one in (await published(editor, served))["bylines"]] == ["Jo Ray"]


async def test_who_is_on_duty_is_suggested_first(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(served, browser, complaints) as page:
        found = await page.request.get(f"{served.url}/api/v1/blogs/{SLUG}/desk")
        revision = (await found.json())["revision"]
        answer = await page.request.patch(
            f"{served.url}/api/v1/blogs/{SLUG}/desk",
            data={"duty": [{"name": "Zoe Duty"}]},
            headers={"If-Match": f'"r{revision}"', "Sec-Fetch-Site": "same-origin"},
        )
        assert answer.ok, await answer.text()
        await page.reload()
        await expect(text(page)).to_be_focused()
        await page.wait_for_load_state("networkidle")
        await page.get_by_role("combobox", name="Bylines").press("ArrowDown")
        await expect(page.get_by_role("option").first).to_have_text("Zoe Duty")


# Quotes ---------------------------------------------------------------------


async def test_a_quote_has_its_words_and_who_said_them(served: Served, editor: Page) -> None:
    await editor.keyboard.type("/quote ")
    await expect(editor.get_by_label("The words, without quotation marks")).to_be_focused()
    await editor.keyboard.type("We go on.")
    await editor.keyboard.press("Control+Enter")
    await expect(editor.get_by_label("Who said it")).to_be_focused()
    await expect(editor.get_by_label("Who said it")).to_have_accessible_description(
        "Say who is quoted."
    )
    await editor.keyboard.type("The mayor")
    await editor.get_by_label("Source", exact=True).fill("Council")
    await editor.get_by_label("Address of the source").fill("https://council.example/")
    entry = await published(editor, served)
    assert entry["kind"] == "quote"
    assert entry["quote"]["text"] == "We go on."
    assert entry["quote"]["source"] == {"title": "Council", "url": "https://council.example/"}


# Pictures ---------------------------------------------------------------------------------


def file(name: str, content: bytes) -> Any:
    """A file for a field."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


async def arrived(page: Page, count: int) -> None:
    """Wait until so many pictures have arrived."""
    await expect(page.get_by_role("group", name=re.compile(r"^Picture \d"))).to_have_count(count)
    await expect(page.get_by_text("is on its way…")).to_have_count(0)


async def test_pictures_are_said_by_the_editor_and_never_guessed(
    served: Served, photographer: Page, tmp_path: Path
) -> None:
    files = [file("IMG_1234.jpg", tattling()), file("second.jpg", jpeg(300, 200))]
    await headline(photographer).fill("A headline")
    await photographer.locator("#pictures").set_input_files(files)
    await arrived(photographer, 2)
    first = photographer.get_by_role("group", name="Picture 1")
    await expect(first.get_by_label("What picture 1 shows")).to_have_value("")
    await expect(first.get_by_label("Caption", exact=True)).to_have_value("A table in Київ")
    await expect(first.get_by_label("Caption", exact=True)).to_have_accessible_description(
        re.compile("^Proposed, from the file.")
    )
    await expect(first.get_by_label("Credit", exact=True)).not_to_have_value("")
    await photographer.keyboard.press("Control+Enter")
    await expect(first.get_by_label("What picture 1 shows")).to_be_focused()
    await expect(first.get_by_label("What picture 1 shows")).to_have_accessible_description(
        "Say what picture 1 shows, or mark it as decorative."
    )
    await photographer.keyboard.type("A table with four chairs")
    await first.get_by_label("Caption", exact=True).fill("The table")
    await expect(first.get_by_label("Caption", exact=True)).to_have_accessible_description("")
    second = photographer.get_by_role("group", name="Picture 2")
    await second.get_by_label("Decorative").check()
    await expect(second.get_by_label("What picture 2 shows")).to_be_disabled()
    await saved(photographer)
    await photographer.keyboard.press("Control+Enter")
    await expect(sent(photographer).get_by_text("On its way: A headline")).to_be_visible()
    assert (await public(served))[0]["headline"] == "Before", "it waits for the pictures"
    maker = Maker(open_storage(Settings(data_dir=tmp_path)), Confined(), PIXELS)
    while await maker(served.actions, served.actions.door.clock()):
        pass
    await expect(sent(photographer).get_by_text("Published: A headline")).to_be_visible()
    entry = (await public(served))[0]
    said = [(m["alt"], m.get("caption")) for m in entry["media"]]
    assert said == [("A table with four chairs", "The table"), ("", None)]
    assert all(m["renditions"] for m in entry["media"])


async def test_pictures_are_pasted_and_dropped(photographer: Page) -> None:
    picture = base64.b64encode(jpeg(60, 40)).decode()
    await photographer.evaluate(PASTE, ["", [["a.jpg", picture], ["b.jpg", picture]]])
    await arrived(photographer, 2)
    drop = """(base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "c.jpg", { type: "image/jpeg" }));
      const made = { dataTransfer, bubbles: true, cancelable: true };
      document.querySelector("#headline").dispatchEvent(new DragEvent("drop", made));
    }"""
    await photographer.evaluate(drop, picture)
    await arrived(photographer, 3)
    await photographer.get_by_role("button", name="Take picture 2 out").click()
    await expect(photographer.get_by_role("group", name=re.compile("^Picture"))).to_have_count(2)


async def test_what_is_no_picture_is_said(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(served, browser, complaints) as page:
        await page.locator("#pictures").set_input_files(file("a.jpg", b"no picture at all"))
        group = page.get_by_role("group", name="Picture 1")
        await expect(group.get_by_role("alert")).not_to_be_empty()
        await expect(group.get_by_role("button", name="Try again")).to_be_visible()
        text_file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"text"}
        await page.locator("#pictures").set_input_files(text_file)  # type: ignore[arg-type]
        await expect(page.get_by_text("Only pictures can be added here.")).to_be_visible()


async def test_a_picture_waits_for_the_network_and_arrives_once(photographer: Page) -> None:
    tried: list[str] = []

    async def lose(route: Route) -> None:
        tried.append(route.request.headers["idempotency-key"])
        if len(tried) == 1:
            await route.fetch()
            return await route.abort()
        await route.continue_()

    await photographer.route("**/media?name=*", lose)
    await photographer.locator("#pictures").set_input_files(file("a.jpg", jpeg(60, 40)))
    await arrived(photographer, 1)
    assert len(tried) == 2
    assert len(set(tried)) == 1
    library = await photographer.request.get(
        f"{photographer.url.split('/studio')[0]}/api/v1/blogs/{SLUG}/media"
    )
    assert len((await library.json())["media"]) == 1


# The preview ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_preview_is_what_readers_get(
    served: Served, browser: Browser, complaints: list[str], scheme: Any
) -> None:
    async with desk(served, browser, complaints, color_scheme=scheme) as page:
        await headline(page).fill("A bridge")
        await text(page).fill("**Hit** at [noon](https://n.example/).\n\n- one\n- two")
        frame = page.frame_locator("iframe[title=Preview]")
        await expect(frame.locator(".body strong")).to_have_text("Hit")
        shown = await frame.locator(".body").inner_html()
        width = await frame.locator("html").evaluate("(html) => html.clientWidth")
        looks = """(node) => {
          const style = getComputedStyle(node);
          return [style.fontFamily, style.fontSize, style.color, style.lineHeight];
        }"""
        before = [await frame.locator(at).evaluate(looks) for at in (".entry-headline", ".body p")]
        entry = await published(page, served)
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(f"{served.url}/blogs/{SLUG}")
        there = page.locator(f"#entry-{entry['id']}")
        assert await there.locator(".body").inner_html() == shown
        after = [await there.locator(at).evaluate(looks) for at in (".entry-headline", ".body p")]
        assert after == before


async def test_nothing_runs_in_the_preview_and_nothing_of_the_desk_is_in_it(editor: Page) -> None:
    await text(editor).fill("<img src=x onerror=alert(1)> <script>alert(1)</script> words")
    frame = editor.frame_locator("iframe[title=Preview]")
    await expect(frame.locator(".body")).to_contain_text("words")
    assert await editor.locator("iframe").get_attribute("sandbox") == "allow-same-origin"
    sheets = "(body) => [...body.ownerDocument.styleSheets].map(({ href }) => href)"
    (sheet,) = await frame.locator("body").evaluate(sheets)
    assert sheet.endswith("/page.css")


async def test_the_preview_says_when_it_is_not_up_to_date(served: Served, browser: Browser) -> None:
    async with desk(served, browser, []) as page:
        await page.keyboard.type("Words.")
        frame = page.frame_locator("iframe[title=Preview]")
        await expect(frame.locator(".body")).to_have_text("Words.")
        await page.context.set_offline(True)
        await page.keyboard.type(" More.")
        await expect(page.get_by_text("Not up to date: there is no connection.")).to_be_visible()
        await page.context.set_offline(False)
        await expect(frame.locator(".body")).to_have_text("Words. More.")
        assert await kept(page)

"""Coming in: sign-in, an invitation, the list of blogs, and what somebody without a role sees."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from liveblog.types import Slug
from tests import people
from tests.browser.axe import faults
from tests.browser.conftest import keep
from tests.browser.studio import desk, text
from tests.kit import SLUG
from tests.people import PASSWORD, person
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, site_name="The News") as running:
        await running.blog()
        await running.blog("sport", title="Cup final")
        yield running


@pytest.fixture
async def visitor(browser: Browser) -> AsyncIterator[Page]:
    """Somebody who is not signed in."""
    context = await browser.new_context()
    page = await context.new_page()
    keep(page, [])
    yield page
    await context.close()


async def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in, by keyboard."""
    await expect(page.get_by_label("E-mail address")).to_be_focused()
    await page.keyboard.type(email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")


async def test_signing_in_leads_to_the_blogs_one_works_on(served: Served, visitor: Page) -> None:
    await person(served.actions, "editor", SLUG, email="ada@n.example", password=PASSWORD)
    await visitor.goto(f"{served.url}/studio")
    await expect(visitor.get_by_role("heading", name="The News")).to_be_visible()
    assert await faults(visitor) == []
    await enter(visitor, "ada@n.example", "not the right one")
    await expect(visitor.get_by_role("alert")).not_to_be_empty()
    await expect(visitor.get_by_label("Password")).to_be_focused()
    assert await faults(visitor) == []
    await visitor.keyboard.type(PASSWORD)
    await visitor.keyboard.press("Enter")
    blogs = visitor.get_by_role("main").get_by_role("link")
    await expect(blogs).to_have_text(["War"])
    assert await faults(visitor) == []
    await expect(visitor.get_by_role("button", name="New live blog")).to_be_hidden()
    await blogs.click()
    await expect(text(visitor)).to_be_focused()
    await visitor.get_by_role("button", name="Sign out").click()
    await expect(visitor.get_by_label("E-mail address")).to_be_focused()
    await visitor.reload()
    await expect(visitor.get_by_label("E-mail address")).to_be_visible()


async def test_a_blog_one_has_no_role_on_is_closed(served: Served, visitor: Page) -> None:
    await person(served.actions, "editor", SLUG, email="ada@n.example", password=PASSWORD)
    await visitor.goto(f"{served.url}/studio/sport")
    await enter(visitor, "ada@n.example")
    told = visitor.get_by_role("alert")
    await expect(told).to_have_text("There is no such live blog, or you have no role on it.")
    await visitor.get_by_role("link", name="The News").click()
    await expect(visitor.get_by_role("main").get_by_role("link")).to_have_text(["War"])


async def test_a_chief_makes_a_blog(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    chief = await person(served.actions, "chief")
    context = await browser.new_context(timezone_id="Europe/Kyiv")
    await people.enter(context, served.url, await people.session(served.actions, chief))
    page = await context.new_page()
    keep(page, complaints)
    await page.goto(f"{served.url}/studio")
    await expect(page.get_by_role("main").get_by_role("link")).to_have_text(["Cup final", "War"])
    await page.get_by_role("button", name="New live blog").click()
    await expect(page.get_by_label("Title")).to_be_focused()
    await page.keyboard.type("Élection: the night")
    address = page.get_by_label("Address")
    await expect(address).to_have_value("election-the-night")
    await address.fill("night")
    await page.get_by_label("Title").press("End")
    await page.keyboard.type("!")
    await expect(address).to_have_value("night")  # What somebody wrote stays.
    await page.keyboard.press("Backspace")
    await address.fill("election-the-night")
    assert await faults(page) == []
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{served.url}/studio/election-the-night")
    await expect(text(page)).to_be_focused()
    blog = await served.store.inner.read(lambda tx: tx.blog(Slug("election-the-night")))
    assert blog is not None
    assert (blog.title, blog.visibility) == ("Élection: the night", "draft")
    assert blog.time_zone == "Europe/Kyiv"
    assert complaints == []
    await context.close()


async def test_an_invitation_lets_in_once(
    served: Served, browser: Browser, visitor: Page, complaints: list[str]
) -> None:
    async with people.signed_in(served, "chief") as chief:
        asked = {"email": "new@n.example", "role": "contributor", "blog": SLUG}
        answer = await chief.post("/api/v1/invitations", json=asked)
        url = answer.raise_for_status().json()["url"]
    await visitor.goto(url if url.startswith("http") else served.url + url)
    await expect(visitor.get_by_role("heading", name="Join the desk")).to_be_visible()
    assert "#" not in visitor.url, "what lets in stays in no history"
    await expect(visitor.get_by_label("Your name")).to_be_focused()
    await expect(visitor.locator("form")).to_contain_text(
        "new@n.example is asked in as contributor of War"
    )
    assert await faults(visitor) == []
    await visitor.keyboard.type("Newcomer")
    await visitor.get_by_label("Password").fill("long enough to hold")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_role("main").get_by_role("link")).to_have_text(["War"])
    await expect(visitor.locator(".who")).to_contain_text("Newcomer")
    other = await (await browser.new_context()).new_page()
    await other.goto(url if url.startswith("http") else served.url + url)
    await expect(other.get_by_role("alert")).not_to_be_empty()
    await expect(other.get_by_role("button", name="Try again")).to_be_visible()
    await expect(other.get_by_label("Password")).to_have_count(0)
    await other.context.close()


async def test_a_link_for_a_new_password_asks_for_nothing_else(
    served: Served, visitor: Page
) -> None:
    await person(served.actions, "editor", SLUG, email="ada@n.example", password=PASSWORD)
    made = await served.actions.invitations.renew("ada@n.example")
    await visitor.goto(f"{served.url}/studio/join#{made.token}")
    await expect(visitor.get_by_role("heading", name="Choose a password")).to_be_visible()
    await expect(visitor.locator("form")).to_contain_text("ada@n.example")
    await expect(visitor.get_by_label("Password")).to_be_focused()
    await expect(visitor.get_by_label("Your name")).to_have_count(0)
    assert await faults(visitor) == []
    await visitor.keyboard.type("long enough to hold")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_role("main").get_by_role("link")).to_have_text(["War"])


async def test_who_works_here_already_takes_an_invitation_with_their_password(
    served: Served, visitor: Page
) -> None:
    await person(served.actions, "editor", "sport", email="ada@n.example", password=PASSWORD)
    async with people.signed_in(served, "chief", SLUG) as head:
        url = (await people.invite(head, email="ada@n.example"))["url"]
    await visitor.goto(served.url + url)
    await expect(visitor.get_by_label("Your name")).to_be_focused()
    await visitor.keyboard.type("Ada")
    await visitor.get_by_label("Password").fill("not the one she has")
    await visitor.keyboard.press("Enter")
    await expect(visitor.get_by_role("alert")).to_contain_text("works here already")
    await visitor.get_by_label("Password").fill(PASSWORD)
    await visitor.keyboard.press("Enter")
    blogs = visitor.get_by_role("main").get_by_role("link")
    await expect(blogs).to_have_text(["Cup final", "War"])


async def test_below_a_path_everything_is_found(tmp_path: Path, browser: Browser) -> None:
    """Behind a proxy, at an address with a path."""
    async with serving(tmp_path, public_url="http://127.0.0.1/live") as served:
        await served.blog()
        who = await person(served.actions, "editor", SLUG)
        context = await browser.new_context()
        await people.enter(context, served.url, await people.session(served.actions, who))
        page = await context.new_page()
        await page.goto(f"{served.url}/live/studio/{SLUG}")
        await expect(text(page)).to_be_focused()
        assert await page.get_by_role("link", name="Desk").first.get_attribute("href")
        await context.close()


async def test_the_desk_of_a_right_to_left_blog(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    await served.revise_blog(lang="ar", dir="rtl")
    async with desk(served, browser, complaints) as page:
        await expect(text(page)).to_have_attribute("dir", "rtl")
        await expect(text(page)).to_have_attribute("lang", "ar")
        await page.keyboard.type("أصيب الجسر. توقفت الحركة. /key ")
        headline = page.get_by_role("textbox", name="Headline")
        await expect(headline).to_have_value("أصيب الجسر")
        frame = page.frame_locator("iframe[title=Preview]")
        await expect(frame.locator("html")).to_have_attribute("dir", "rtl")
        assert await faults(page) == []
    assert complaints == []

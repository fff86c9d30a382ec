"""The people of a blog at the desk: their roles, and how others are asked in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import people
from tests.browser.axe import faults
from tests.browser.newsroom import Newsroom, newsroom
from tests.kit import SLUG
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


async def test_a_chief_gives_roles_and_takes_them(room: Newsroom) -> None:
    ben = await people.person(room.served.actions, "contributor", SLUG, name="Ben")
    ada = await room.colleague("Ada", "chief", place="people")
    row = ada.page.locator(f'[data-person="{ben.id}"]')
    await row.get_by_label("Role of Ben").select_option(label="Editor")
    await expect(ada.says("Ben is Editor now.")).to_be_visible()
    secret = await people.session(room.served.actions, ben)
    async with people.Someone(room.served.url, ben, secret) as client:
        session = (await client.get("/api/v1/session")).json()
        assert session["blogs"] == {SLUG: "editor"}
        await row.get_by_role("button", name="Take off: Ben").click()
        await ada.page.get_by_role("dialog").get_by_role("button", name="Take off").click()
        await expect(row).to_be_hidden()
        session = (await client.get("/api/v1/session")).json()
        assert session["blogs"] == {}


async def test_somebody_is_invited_by_a_link(room: Newsroom) -> None:
    ada = await room.colleague("Ada", "chief", place="people")
    form = ada.page.get_by_role("form", name="Invite somebody")
    await form.get_by_label("E-mail").fill("nobody")
    await form.get_by_role("button", name="Make a link").click()
    await expect(form.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("E-mail").fill("new@news.example")
    await form.get_by_label("Role").select_option("editor")
    await form.get_by_role("button", name="Make a link").click()
    link = ada.page.get_by_label("Send this link to new@news.example.")
    await expect(link).to_be_focused()
    assert (await link.input_value()).startswith(f"{room.served.url}/studio/join#")


async def test_an_invitation_is_listed_and_withdrawn_by_keyboard(room: Newsroom) -> None:
    ada = await room.colleague("Ada", "chief", place="people")
    form = ada.page.get_by_role("form", name="Invite somebody")
    await form.get_by_label("E-mail").fill("new@news.example")
    await form.get_by_label("Role").select_option("editor")
    await ada.page.keyboard.press("Enter")
    link = ada.page.get_by_label("Send this link to new@news.example.")
    await expect(link).to_be_focused()
    token = (await link.input_value()).partition("#")[2]
    invited = ada.page.get_by_role("list", name="Invited").get_by_role("listitem")
    await expect(invited).to_contain_text("new@news.example")
    await expect(invited).to_contain_text("Editor, by Ada, until")
    assert await faults(ada.page) == []
    ben = await room.colleague("Ben", "chief", place="people")
    await expect(ben.page.get_by_role("list", name="Invited")).to_contain_text("by Ada")
    await invited.get_by_role("button").focus()
    await ada.page.keyboard.press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Withdraw the invitation of new@news.example?")
    await expect(dialog).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(invited.get_by_role("button")).to_be_focused()
    await ada.page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Withdraw").press("Enter")
    await expect(ada.says("The invitation of new@news.example is withdrawn.")).to_be_visible()
    await expect(invited).to_have_count(0)
    await expect(link).to_have_count(0)
    await expect(ada.page.get_by_role("heading", name="People")).to_be_focused()
    shown = await room.served.http.post(
        "/api/v1/invitations/show", json={"token": token}, headers=people.OURS
    )
    assert shown.status_code == 404
    assert ada.complaints == []


async def test_a_contributor_sees_and_changes_their_own_and_submits_it(room: Newsroom) -> None:
    cleo = await room.colleague("Cleo", "contributor", place="drafts")
    others = await room.entry(body="Of somebody else", state="draft")
    own = await room.entry(await room.principal(cleo), body="Her own", state="draft")
    row = cleo.row(own)
    await expect(row).to_be_visible()
    await expect(cleo.row(others)).to_have_count(0)
    await expect(row.get_by_role("button", name="Publish")).to_have_count(0)
    form = await cleo.edit(own)
    await form.get_by_label("Text", exact=True).fill("Her own, better.")
    await expect(form.get_by_text("What kind of change is it?")).to_have_count(0)
    await form.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Her own, better.")
    await row.get_by_role("button", name="Submit").click()
    await expect(row).to_be_hidden()
    await cleo.open("submitted")
    await expect(row).to_be_visible()
    assert (await room.now(own)).state == "submitted"


async def test_it_is_for_chiefs(room: Newsroom) -> None:
    ben = await room.colleague("Ben", "editor")
    rail = ben.page.get_by_role("navigation", name="Desk")
    await expect(rail.get_by_role("link", name="Page")).to_be_visible()
    await expect(rail.get_by_role("link", name="People")).to_have_count(0)
    await ben.open("people")
    region = ben.page.get_by_role("region", name="People")
    await expect(region).to_contain_text("The chiefs of a blog say")
    await expect(ben.page.get_by_role("form", name="Invite somebody")).to_have_count(0)

"""Push messages in a browser: asked for by a click alone, quiet where they are not needed, and
replaced when what they say is corrected or withdrawn. The browser's push service is the test's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.browser.pushing import GIVEN, PREFIX, Reader, pushing, reader_in
from tests.browser.test_embed import partner
from tests.browser.test_reading_networks import KIB, size
from tests.kit import SLUG
from tests.served import Served

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with pushing(tmp_path) as one:
        await one.publish(headline="Talks begin", key=True)
        yield one


@pytest.fixture
async def reader(served: Served, browser: Chromium) -> AsyncIterator[Reader]:
    context = await browser.new_context(
        viewport={"width": 390, "height": 700}, permissions=["notifications"]
    )
    yield await reader_in(context, served)
    await context.close()


async def test_nobody_is_asked_before_they_ask(reader: Reader) -> None:
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.page.evaluate("window.asked") == 0
    assert await reader.kept() == 0
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await expect(reader.page.locator("#push-said")).to_contain_text("You will be told")
    assert await reader.page.evaluate("window.asked") == 1
    assert await reader.kept() == 1


async def test_it_is_for_one_blog_and_ended_by_the_same_button(reader: Reader) -> None:
    await reader.served.blog("other")
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.open("other")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.kept() == 0
    assert await reader.page.evaluate("sessionStorage.getItem('given')") is None


async def test_a_subscription_for_another_key_of_ours_is_replaced(reader: Reader) -> None:
    await reader.page.goto(f"{reader.served.url}{PREFIX}/")
    await reader.page.evaluate("sessionStorage.setItem('given', 'an old key')")
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")


async def test_an_address_that_changed_is_told_to_every_blog(reader: Reader) -> None:
    """One browser has one address for all blogs of a site."""
    await reader.served.blog("other")
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    (before,) = await reader.subscriptions()
    await reader.page.evaluate("sessionStorage.setItem('given', 'an old key')")
    await reader.open("other")
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.page.wait_for_function(
        "async (at) => { const words = await (await caches.match(at)).json();"
        " return words.endpoint.endsWith('-moved'); }",
        arg=f"{reader.served.url}{PREFIX}/api/v1/blogs/{SLUG}/push",
    )
    (after,) = await reader.subscriptions()
    assert after.id == before.id, "what it was told stays known"
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")


async def test_it_is_not_said_to_be_on_when_the_address_is_another(reader: Reader) -> None:
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    (before,) = await reader.subscriptions()
    await reader.page.evaluate("sessionStorage.setItem('moved', '-elsewhere')")
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    (after,) = await reader.subscriptions()
    assert (after.id, after.endpoint) == (before.id, f"{GIVEN.endpoint}-elsewhere")


async def test_a_message_is_the_place_to_end_them(reader: Reader) -> None:
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    (one,) = await reader.subscriptions()
    stop = f"{PREFIX}/api/v1/blogs/{SLUG}/push/{one.id}"
    end = f"() => end('{SLUG}', '{stop}').then(() => 'ended', () => 'not ended')"
    await reader.page.context.route("**/push/*", lambda route: route.fulfill(status=503))
    assert await reader.worker.evaluate(end) == "not ended"
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.page.context.unroute("**/push/*")
    assert await reader.worker.evaluate(end) == "ended"
    assert await reader.subscriptions() == []
    await reader.open()
    await expect(reader.button).to_have_attribute("aria-pressed", "false")


async def test_who_said_no_is_told_why_nothing_comes(served: Served, browser: Chromium) -> None:
    context = await browser.new_context()
    reader = await reader_in(context, served)
    await reader.open()
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("blocked in your browser")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    assert await reader.kept() == 0
    await context.close()


async def test_what_did_not_work_is_said(reader: Reader) -> None:
    await reader.open()
    await reader.page.context.route("**/api/**/push", lambda route: route.abort())
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("did not work")
    await expect(reader.button).to_have_attribute("aria-pressed", "false")
    await expect(reader.button).to_be_enabled()


async def test_without_a_network_that_is_said(reader: Reader) -> None:
    await reader.open()
    await reader.page.context.set_offline(True)
    await reader.button.click()
    await expect(reader.page.locator("#push-said")).to_contain_text("did not work")


async def test_a_message_is_shown_in_its_language(reader: Reader) -> None:
    await reader.open()
    await reader.leave()
    await reader.push(lang="ar", dir="rtl")
    (one,) = await reader.shown()
    assert one == {
        "title": "Ceasefire",
        "body": "From noon.",
        "tag": "e1",
        "silent": False,
        "lang": "ar",
        "dir": "rtl",
    }


async def test_it_is_quiet_where_the_reader_sees_it_happen(reader: Reader) -> None:
    await reader.served.blog("other")
    await reader.open()
    await reader.push(tag="quiet")
    await reader.push(tag="told", blog="other")
    assert [one["tag"] for one in await reader.shown()] == ["told"]


async def test_a_correction_takes_the_place_of_what_was_said(reader: Reader) -> None:
    await reader.open()
    await reader.leave()
    await reader.push()
    await reader.shown()
    await reader.push(tag="e2")
    await reader.shown(2)
    await reader.push(kind="changed", title="No ceasefire")
    both = {one["tag"]: one for one in await reader.shown(3)}
    assert (both["e1"]["title"], both["e1"]["silent"]) == ("No ceasefire", True)
    assert (both["e2"]["title"], both["e2"]["silent"]) == ("Ceasefire", False)


async def test_what_was_withdrawn_is_said_no_more_also_to_who_is_looking(reader: Reader) -> None:
    await reader.open()
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    await reader.leave()
    await reader.push()
    await reader.shown()
    await reader.open()
    await reader.push(kind="removed", title="The war", body="")
    (one,) = await reader.shown(2)
    assert one["title"] == "The war"
    assert one["body"] == "An update that you were told of was removed."
    assert one["silent"] is True


async def test_nobody_is_asked_in_a_frame_on_another_site(reader: Reader, served: Served) -> None:
    frame = f'<iframe src="{served.url}{PREFIX}/embed/{SLUG}"></iframe>'
    async with partner(frame, "default-src *") as address:
        await reader.page.goto(address)
    inside = reader.page.frame_locator("iframe")
    await expect(inside.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(inside.locator("#push")).to_be_hidden()


async def test_what_asks_is_loaded_when_somebody_asks(reader: Reader) -> None:
    """The live page's scripts have a budget, also where push is on."""
    loaded: list[str] = []
    reader.page.on(
        "request",
        lambda one: loaded.append(one.url) if one.resource_type == "script" else None,
    )
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    assert any(url.endswith("/push.js") for url in loaded)
    assert sum([await size(reader.served, url) for url in loaded]) <= 12 * KIB
    await reader.button.click()
    await expect(reader.button).to_have_attribute("aria-pressed", "true")
    assert loaded[-1].endswith("/subscribe.js")


async def test_nothing_moves_when_the_button_appears(reader: Reader) -> None:
    place = "document.getElementById('headline').getBoundingClientRect().top"
    context = reader.page.context
    await context.route("**/push.js", lambda route: route.abort())
    await reader.page.goto(f"{reader.served.url}{PREFIX}/blogs/{SLUG}")
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(reader.button).to_be_hidden()
    before = await reader.page.evaluate(place)
    await context.unroute("**/push.js")
    await reader.open()
    await expect(reader.page.locator("#live")).to_have_attribute("data-connection", "live")
    assert await reader.page.evaluate(place) == before

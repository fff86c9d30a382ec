"""What is told of key developments, to whom, and what became of it when it changes."""

import asyncio
from datetime import timedelta

import pytest

from liveblog.actions import Ask
from liveblog.errors import Conflict, NotFound
from liveblog.types import Slug
from liveblog.wire.links import Links
from liveblog.wire.requests import EditNote, NewBlog, PatchBlog
from tests.integration.push.desk import BASE, NOON, Desk
from tests.kit import EDITOR, SLUG
from tests.push import HANG, Browser
from workers.push import Pusher


async def test_a_key_development_reaches_every_browser_once(desk: Desk) -> None:
    first = await desk.subscribe("/1")
    await desk.subscribe("/2")
    entry = await desk.publish(breaking=True)
    came = await desk.work()
    assert sorted(one.path for one in came) == ["/1", "/2"]
    one = next(one for one in came if one.path == "/1")
    assert one.read(desk.browsers["/1"]) == {
        "kind": "new",
        "tag": entry.id,
        "blog": SLUG,
        "title": "Ceasefire agreed",
        "body": "From noon.",
        "url": f"/live/blogs/{SLUG}#entry-{entry.id}",
        "lang": "uk",
        "dir": "ltr",
        "at": "2026-05-01T12:00:00Z",
        "stop": f"/live/api/v1/blogs/{SLUG}/push/{first.id}",
        "breaking": True,
    }
    assert one.headers["ttl"] == "14400"
    assert one.headers["topic"] == entry.id
    assert one.headers["urgency"] == "high"
    assert one.headers["content-encoding"] == "aes128gcm"
    assert one.headers["authorization"].startswith("vapid t=")
    assert b"Ceasefire" not in one.body
    assert await desk.work(3600) == []


async def test_what_is_no_key_development_is_not_told_nor_kept(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish(key=False)
    assert (await desk.store.read(lambda tx: tx.backlog("push"))).waiting == 0
    await desk.revise(entry, body="Longer.")
    assert await desk.work() == []


async def test_nothing_is_written_where_nobody_is_subscribed(desk: Desk) -> None:
    await desk.publish()
    assert (await desk.store.read(lambda tx: tx.backlog("push"))).waiting == 0


async def test_an_entry_that_becomes_a_key_development_is_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish(key=False)
    await desk.revise(entry, key=True)
    assert [one["kind"] for one in await desk.said()] == ["new"]


async def test_what_was_published_long_ago_is_no_news(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish(published_at=NOON - timedelta(hours=2))
    assert await desk.work() == []


async def test_a_correction_takes_the_place_of_what_was_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.subscribe("/2")  # who was told nothing needs no correction
    note = EditNote("correction", "Not yet agreed.")
    entry = await desk.revise(entry, headline="Ceasefire discussed", edit=note)
    (said,) = await desk.said(60)
    assert (said["kind"], said["tag"], said["title"]) == (
        "changed",
        entry.id,
        "Ceasefire discussed",
    )


async def test_a_change_that_says_nothing_new_is_not_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.revise(entry, pinned=True)
    assert await desk.work(60) == []


async def test_a_retraction_replaces_what_was_told_and_repeats_none_of_it(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    entry = await desk.retract(entry)
    (came,) = await desk.work(60)
    said = came.read(desk.browsers["/1"])
    assert (said["kind"], said["tag"], said["title"]) == ("removed", entry.id, "The war")
    assert "body" not in said
    assert came.headers["topic"] == entry.id
    ask = Ask(EDITOR, match=entry.revision)
    await desk.actions.entries.restore(SLUG, entry.id, ask)
    assert [one["kind"] for one in await desk.said(60)] == ["changed"]


async def test_what_is_withdrawn_before_it_is_told_is_never_told(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    entry = await desk.publish()
    await desk.work()
    await desk.retract(entry)
    assert await desk.work(3600) == []


async def test_each_attempt_says_what_stands_then(desk: Desk) -> None:
    await desk.subscribe()
    desk.service.answers["/1"] = [503]
    entry = await desk.publish()
    await desk.work()
    await desk.revise(entry, headline="Ceasefire signed")
    assert [(one["kind"], one["title"]) for one in await desk.said(60)] == [
        ("new", "Ceasefire signed")
    ]


async def test_a_correction_that_is_taken_back_before_it_is_told_is_never_told(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    desk.service.answers["/1"] = [503]
    changed = await desk.revise(entry, headline="Ceasefire signed")
    assert len(await desk.work(60)) == 1
    await desk.revise(changed, headline="Ceasefire agreed")
    assert await desk.work(3600) == []


async def test_a_change_during_the_sending_is_told_too(desk: Desk) -> None:
    """The service holds the first answer back; meanwhile the entry is corrected."""
    await desk.subscribe()
    entry = await desk.publish()
    pusher = Pusher(desk.services, Links(BASE), jitter=lambda: 1.0)
    desk.service.held = asyncio.Event()
    sending = asyncio.create_task(pusher(desk.actions, desk.now))
    await desk.service.until(1)
    await desk.revise(entry, headline="Ceasefire signed")
    desk.now += timedelta(seconds=1)
    assert await pusher(desk.actions, desk.now) == 1, "the change; its notice is claimed"
    desk.service.held.set()
    await sending
    assert [one["title"] for one in await desk.said()] == ["Ceasefire agreed", "Ceasefire signed"]


async def test_a_correction_that_is_taken_back_while_it_is_sent_is_taken_back(desk: Desk) -> None:
    await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    entry = await desk.revise(entry, headline="Ceasefire signed")
    pusher = Pusher(desk.services, Links(BASE), jitter=lambda: 1.0)
    desk.service.held = asyncio.Event()
    desk.now += timedelta(seconds=1)
    sending = asyncio.create_task(pusher(desk.actions, desk.now))
    await desk.service.until(2)
    await desk.revise(entry, headline="Ceasefire agreed")
    desk.now += timedelta(seconds=1)
    assert await pusher(desk.actions, desk.now) == 1, "the change; its notice is claimed"
    desk.service.held.set()
    await sending
    assert [one["title"] for one in await desk.said()] == ["Ceasefire signed", "Ceasefire agreed"]


async def test_what_may_have_been_told_is_withdrawn_too(desk: Desk) -> None:
    """The service took the message and its answer never came."""
    desk.services = desk.connect(timeout=1)
    await desk.subscribe()
    desk.service.answers["/1"] = [HANG]
    entry = await desk.publish()
    assert [one["kind"] for one in await desk.said()] == ["new"]
    await desk.retract(entry)
    assert [one["kind"] for one in await desk.said(60)] == ["removed"]


async def test_what_may_have_been_told_is_news_until_it_is_told_for_sure(desk: Desk) -> None:
    desk.services = desk.connect(timeout=1)
    await desk.subscribe()
    desk.service.answers["/1"] = [HANG]
    entry = await desk.publish()
    assert [one["kind"] for one in await desk.said()] == ["new"]
    assert [one["kind"] for one in await desk.said(5)] == ["new"]
    desk.service.answers["/1"] = [HANG]
    changed = await desk.revise(entry, headline="Ceasefire signed")
    assert [one["kind"] for one in await desk.said(60)] == ["changed"]
    await desk.revise(changed, headline="Ceasefire agreed")
    assert [(one["kind"], one["title"]) for one in await desk.said(60)] == [
        ("changed", "Ceasefire agreed")
    ], "although it was told last"
    assert await desk.work(3600) == []


async def test_a_long_text_fits_into_one_record(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish(headline="é🏳️‍🌈" * 60, body="漢字" * 3000)
    (said,) = await desk.said()
    assert said["body"].endswith("…")


async def test_a_blog_that_is_closed_to_all_tells_nobody(desk: Desk) -> None:
    await desk.subscribe()
    await desk.publish()
    blog = await desk.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    ask = Ask(EDITOR, match=blog.revision)
    await desk.actions.blogs.revise(SLUG, PatchBlog(visibility="private"), ask)
    assert await desk.work() == []
    with pytest.raises(NotFound):
        await desk.subscribe("/2")


async def test_other_blogs_are_none_of_their_business(desk: Desk) -> None:
    other = Slug("other")
    new = NewBlog(slug=other, title="Other", visibility="unlisted")
    await desk.actions.blogs.create(new, Ask(EDITOR))
    await desk.subscribe("/1", other)
    await desk.subscribe("/2")
    await desk.publish()
    assert [one.path for one in await desk.work()] == ["/2"]


async def test_subscribing_again_changes_nothing_but_the_keys(desk: Desk) -> None:
    first = await desk.subscribe()
    desk.browsers["/1"] = Browser(desk.service.url + "/1", 9)
    assert (await desk.subscribe()).id == first.id
    await desk.publish()
    assert len(await desk.said()) == 1, "for the new key, and once"


async def test_a_browser_with_another_address_hears_what_became_of_what_it_was_told(
    desk: Desk,
) -> None:
    first = await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    other = Slug("other")
    new = NewBlog(slug=other, title="Other", visibility="unlisted")
    await desk.actions.blogs.create(new, Ask(EDITOR))
    assert (await desk.subscribe("/2", other, replaces=first.id)).id != first.id
    assert (await desk.subscribe("/2", replaces=first.id)).id == first.id
    await desk.retract(entry)
    assert [(one.path, one.headers["topic"]) for one in await desk.work()] == [("/2", entry.id)]


async def test_a_blog_takes_no_more_than_so_many(desk: Desk) -> None:
    ids = [(await desk.subscribe(f"/{n}")).id for n in range(5)]
    with pytest.raises(Conflict):
        await desk.subscribe("/5")
    assert (await desk.subscribe("/4")).id == ids[4], "who is in stays in"
    await desk.readers.unsubscribe(SLUG, ids[0])
    await desk.subscribe("/5")


async def test_who_leaves_hears_nothing_more(desk: Desk) -> None:
    one = await desk.subscribe()
    entry = await desk.publish()
    await desk.work()
    await desk.readers.unsubscribe(SLUG, one.id)
    await desk.readers.unsubscribe(SLUG, one.id)
    await desk.retract(entry)
    assert await desk.work() == []

"""The desk's WebSocket: who is here, what was touched, how many read; and what it refuses."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from liveblog.actions import Ask
from liveblog.broker.redis import RedisBroker
from liveblog.fanout import desks as fanout_desks
from liveblog.model.blog import Blog
from liveblog.model.entry import Entry
from liveblog.model.people import Membership, Person, Role
from liveblog.model.permissions import Principal
from liveblog.store.contract import Tx
from liveblog.types import Slug
from liveblog.web import desk_live as web_desk
from liveblog.wire.desk_live import EmbedHint, MediaHint, desk_channel, encode_desk
from liveblog.wire.requests import NewEntry, PatchBlog, PatchDesk, PatchEntry
from tests import people
from tests.desk import AtDesk, at_desk
from tests.kit import SLUG
from tests.readers import reading
from tests.served import Served, Way, eventually, serving
from tests.valkey import ValkeyProcess

WAYS: list[Way] = ["lane", "asgi"]


@pytest.fixture(params=WAYS)
async def served(
    request: pytest.FixtureRequest, tmp_path: Path, valkey: ValkeyProcess
) -> AsyncIterator[Served]:
    """A server with a blog, over a real Valkey."""
    broker = RedisBroker(valkey.url, probe_interval=0.1, deaf_after=1.0)
    async with serving(tmp_path, request.param, broker=broker) as one:
        await one.blog()
        yield one


async def person(served: Served, name: str, scope: str = "write") -> tuple[str, Principal]:
    """A token, and who it stands for."""
    token = await served.token(scope, name=name)  # type: ignore[arg-type]
    who = await served.actions.tokens.principal(token)
    assert who is not None
    return token, who


async def draft(served: Served, who: Principal) -> Entry:
    """A draft of somebody's."""
    new = NewEntry(body="Not for readers yet", state="draft")
    outcome = await served.actions.entries.create(SLUG, new, Ask(who))
    assert isinstance(outcome.value, Entry)
    return outcome.value


async def publish(served: Served, entry: Entry, who: Principal) -> Entry:
    """Publish a draft."""
    ask = Ask(who, match=entry.revision)
    outcome = await served.actions.entries.revise(
        SLUG, entry.id, PatchEntry(state="published"), ask
    )
    assert isinstance(outcome.value, Entry)
    return outcome.value


def told_of(desk: AtDesk, entry: Entry) -> list[tuple[str, int]]:
    """What a desk was told of an entry."""
    return [(t["state"], t["revision"]) for t in desk.all("touched") if t["entry"] == entry.id]


async def test_it_says_hello_and_who_is_here(served: Served) -> None:
    token, who = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        hello = desk.told[0]
        assert hello["type"] == "hello"
        assert (hello["protocol"], hello["blog"], hello["beat_seconds"]) == (1, SLUG, 10)
        assert hello["you"] == {"id": who.id, "name": "Ana"}
        await desk.until(lambda: desk.people == {"Ana": None})
        assert desk.last("readers") in ({}, {"count": 0})


async def test_two_people_see_each_other_and_two_tabs_are_one_person(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben")
    entry = await draft(served, ana)
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        await a.says(entry.id)
        await b.until(lambda: b.people == {"Ana": entry.id, "Ben": None})
        async with at_desk(served.address, one) as again:
            await again.until(lambda: again.people == {"Ana": entry.id, "Ben": None})
        await b.says(entry.id)
        await a.until(lambda: a.people == {"Ana": entry.id, "Ben": entry.id})
        await a.socket.close()
        await b.until(lambda: b.people == {"Ben": entry.id})


async def test_a_contributor_hears_nothing_of_anothers_draft(served: Served) -> None:
    (one, ana), (two, ben) = await person(served, "Ana"), await person(served, "Ben", "submit")
    secret, own = await draft(served, ana), await draft(served, ben)
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        await a.says(secret.id)
        await a.until(lambda: a.people.get("Ana") == secret.id)
        ask = Ask(ana, match=secret.revision)
        await served.actions.entries.revise(SLUG, secret.id, PatchEntry(body="More"), ask)
        await b.says(secret.id)
        await b.says(own.id)
        await a.until(lambda: told_of(a, secret) == [("draft", 2)])
        await a.until(lambda: a.people == {"Ana": secret.id, "Ben": own.id})
        assert b.people["Ana"] is None
        after = await served.actions.entries.revise(
            SLUG, own.id, PatchEntry(body="More"), Ask(ben, match=own.revision)
        )
        assert isinstance(after.value, Entry)
        await b.until(lambda: told_of(b, own) == [("draft", 2)])
        assert secret.id not in str(b.told)


async def test_what_becomes_public_is_told_to_everybody(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben", "submit")
    entry = await draft(served, ana)
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        await a.says(entry.id)
        await a.until(lambda: a.people.get("Ana") == entry.id)
        await publish(served, entry, ana)
        await b.until(lambda: told_of(b, entry) == [("published", 2)])
        assert b.last("touched")["by"] == {"id": ana.id, "name": "Ana"}
        await b.until(lambda: b.people == {"Ana": entry.id, "Ben": None})


async def test_every_entry_of_a_write_is_touched_and_the_scheduler_is_nobody(
    served: Served,
) -> None:
    token, ana = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        first = await served.entry(pinned=True)
        second = await served.entry(pinned=True)
        await desk.until(lambda: told_of(desk, second))
        assert told_of(desk, first) == [("published", 1), ("published", 2)], "it was unpinned"
        third = await draft(served, ana)
        now = served.actions.door.clock()
        patch = PatchEntry(state="scheduled", publish_at=now)
        await served.actions.entries.revise(SLUG, third.id, patch, Ask(ana, match=1))
        assert await served.actions.publish_due(served.actions.door.clock()) == 1
        await desk.until(lambda: ("published", 3) in told_of(desk, third))
        assert desk.last("touched")["by"] is None


async def test_it_is_told_how_many_there_are_of_each(served: Served) -> None:
    """A contributor only of their own."""
    (one, ana), (two, ben) = await person(served, "Ana"), await person(served, "Ben", "submit")
    await draft(served, ben)
    none = dict.fromkeys(("draft", "submitted", "scheduled", "published", "retracted"), 0)
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        await a.until(lambda: a.last("counts") == none | {"draft": 1})
        await b.until(lambda: b.last("counts") == none | {"draft": 1})
        entry = await draft(served, ana)
        await a.until(lambda: a.last("counts") == none | {"draft": 2})
        await publish(served, entry, ana)
        await a.until(lambda: a.last("counts") == none | {"draft": 1, "published": 1})
        assert b.all("counts") == [none | {"draft": 1}]


async def test_readers_are_counted_and_media_told(served: Served) -> None:
    token, _ = await person(served, "Ana", "submit")
    async with AsyncExitStack() as stack, at_desk(served.address, token) as desk:
        for transport in ("ws", "sse", "poll"):
            reader = await stack.enter_async_context(reading(served, transport))
            await reader.start()
            await reader.until_live()
        await desk.until(lambda: desk.last("readers") == {"count": 3})
        blog = await served.store.inner.read(lambda tx: tx.blog(Slug(SLUG)))
        assert blog is not None
        served.broker.publish(desk_channel(blog.id), encode_desk(MediaHint("7", "ready")))
        await desk.until(lambda: desk.last("media") == {"id": "7", "state": "ready"})
        await stack.aclose()
        await desk.until(lambda: desk.last("readers") == {"count": 0})


async def test_a_hand_over_note_is_told(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben", "submit")
    async with at_desk(served.address, one), at_desk(served.address, two) as b:
        patch = PatchDesk(hand_over="Watch the port.")
        view = await served.actions.desk.revise(Slug(SLUG), patch, Ask(ana, match=1))
        await b.until(lambda: b.all("desk"))
        who = {"id": ana.id, "name": "Ana"}
        assert b.all("desk") == [{"revision": view.revision, "by": who}]
        await served.actions.desk.revise(Slug(SLUG), patch, Ask(ana, match=view.revision))
        entry = await draft(served, ana)
        await publish(served, entry, ana)
        await b.until(lambda: told_of(b, entry))
        assert len(b.all("desk")) == 1, "nothing was changed"


async def test_a_change_of_the_blog_itself_is_told(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben", "submit")
    async with at_desk(served.address, one), at_desk(served.address, two) as b:
        patch = PatchBlog(headline="Second round")
        blog = await served.store.inner.read(lambda tx: tx.blog(Slug(SLUG)))
        assert blog is not None
        ask = Ask(ana, match=blog.revision)
        outcome = await served.actions.blogs.revise(Slug(SLUG), patch, ask)
        assert isinstance(outcome.value, Blog)
        await b.until(lambda: b.all("blog"))
        now = outcome.value.revision
        assert b.all("blog") == [{"revision": now, "by": {"id": ana.id, "name": "Ana"}}]
        await served.actions.blogs.revise(Slug(SLUG), patch, Ask(ana, match=now))
        entry = await draft(served, ana)
        await publish(served, entry, ana)
        await b.until(lambda: told_of(b, entry))
        assert len(b.all("blog")) == 1, "nothing was changed"


async def test_only_who_asked_hears_of_a_card(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben")
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        blog = await served.store.inner.read(lambda tx: tx.blog(Slug(SLUG)))
        assert blog is not None
        for hint in (EmbedHint("https://a.example/", "ready", ana.id), MediaHint("7", "ready")):
            served.broker.publish(desk_channel(blog.id), encode_desk(hint))
        await b.until(lambda: b.all("media"))
        await a.until(lambda: a.all("media"))
        assert a.all("embed") == [{"url": "https://a.example/", "state": "ready"}]
        assert b.all("embed") == []


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        "[]",
        '{"type":"working"}',
        '{"type":"working","entry":7}',
        '{"type":"working","entry":null,"more":1}',
        '{"type":"shouting","entry":null}',
        "no JSON",
        b"\x00",
    ],
)
async def test_anything_else_ends_it(served: Served, said: str | bytes) -> None:
    token, _ = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        await desk.socket.send(said)
        await desk.until(lambda: desk.closed == 4500)


async def test_too_many_messages_end_it(served: Served) -> None:
    token, _ = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        for _ in range(web_desk.SAID_AT_ONCE):
            await desk.says(None)
        await desk.until(lambda: desk.people == {"Ana": None})
        assert desk.closed is None
        for _ in range(web_desk.SAID_AT_ONCE):
            await desk.says(None)
        await desk.until(lambda: desk.closed == 4500)


async def test_a_long_message_ends_it(served: Served) -> None:
    token, _ = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        await desk.says("x" * 20_000)
        await desk.until(lambda: desk.closed in (1009, 4500))


async def test_an_entry_of_another_blog_counts_as_nothing(served: Served) -> None:
    token, ana = await person(served, "Ana")
    await served.blog("other")
    elsewhere = await served.entry(Slug("other"))
    async with at_desk(served.address, token) as desk:
        entry = await draft(served, ana)
        await desk.says(entry.id)
        await desk.until(lambda: desk.people == {"Ana": entry.id})
        await desk.says(elsewhere.id)
        await desk.until(lambda: desk.people == {"Ana": None})


async def refused(served: Served, token: str = "", slug: str = SLUG, **options: Any) -> int:
    """The status that answers the handshake."""
    with pytest.raises(InvalidStatus) as told:
        async with at_desk(served.address, token, slug, **options):
            pass
    return told.value.response.status_code


async def test_who_may_not_be_there_is_refused(served: Served) -> None:
    await served.blog("other")
    reader, _ = await person(served, "Reader", "read")
    elsewhere = await served.token("write", "other")
    assert await refused(served, "wrong") == 401
    assert await refused(served, reader) == 403
    assert await refused(served, elsewhere) == 403
    token, _ = await person(served, "Ana")
    assert await refused(served, token, "nowhere") == 404
    assert await refused(served, token, "NO") == 404


async def test_so_many_desks_are_open(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout_desks, "MAX_EACH", 2)
    monkeypatch.setattr(fanout_desks, "MAX_DESKS", 3)
    (one, _), (two, _) = await person(served, "Ana"), await person(served, "Ben")
    async with AsyncExitStack() as stack:
        for token in (one, one):
            await stack.enter_async_context(at_desk(served.address, token))
        assert await refused(served, one) == 429
        await stack.enter_async_context(at_desk(served.address, two))
        assert await refused(served, two) == 503
    await eventually(lambda: served.app.state.desks._each.total() == 0)
    async with at_desk(served.address, one):
        pass


async def test_a_revoked_token_ends_its_desk(served: Served) -> None:
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben")
    async with at_desk(served.address, one) as a, at_desk(served.address, two) as b:
        await b.until(lambda: b.people == {"Ana": None, "Ben": None})
        await served.actions.revoke_token(ana.id)
        await a.until(lambda: a.closed == 4501)
        await b.until(lambda: b.people == {"Ben": None})
        assert b.closed is None


async def test_a_person_is_there_by_their_session(served: Served) -> None:
    """And only from a page of ours; as what they are now, to the end."""
    token, who = await person(served, "Ben")
    entry = await draft(served, who)
    ada = await people.person(served.actions, "contributor", SLUG, name="Ada")
    secret = await people.session(served.actions, ada)
    for origin in ("https://elsewhere.example", None):
        assert await refused(served, secret=secret, origin=origin) == 401
    async with (
        at_desk(served.address, secret=secret) as a,
        at_desk(served.address, token) as b,
    ):
        assert a.told[0]["you"] == {"id": ada.id, "name": "Ada"}
        await b.says(entry.id)
        await b.until(lambda: b.people == {"Ada": None, "Ben": entry.id})
        await a.until(lambda: a.people == {"Ada": None, "Ben": None})
        await role(served, ada, "editor")
        await a.until(lambda: a.people == {"Ada": None, "Ben": entry.id})
        await role(served, ada, None)
        await a.until(lambda: a.closed == 4501)
        await b.until(lambda: b.people == {"Ben": entry.id})
    assert await refused(served, secret=secret) == 403


async def role(served: Served, who: Person, name: Role | None) -> None:
    """Give somebody another role on the blog, or none."""

    def work(tx: Tx) -> None:
        blog = tx.blog(Slug(SLUG))
        assert blog is not None
        if name is None:
            tx.drop_membership(blog.id, who.id)
        else:
            tx.save_membership(Membership(blog.id, who.id, name))

    await served.store.inner.write(work)


async def test_a_process_that_ends_says_when_to_come_back(served: Served) -> None:
    token, _ = await person(served, "Ana")
    async with at_desk(served.address, token) as desk:
        await served.app.state.drain()
        await desk.until(lambda: desk.closed == 4009)
        assert desk.last("reconnect")["reason"] == "draining"
        assert await refused(served, token) == 503


async def test_a_desk_that_takes_nothing_is_cut(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_desk, "UNSENT_MESSAGES", 8)
    token, _ = await person(served, "Ana")
    async with at_desk(
        served.address, token, max_queue=1, compression=None, close_timeout=0.1
    ) as desk:
        desks = served.app.state.desks
        (topic,) = desks._topics.values()
        desk.socket.transport.pause_reading()
        filler = encode_desk(MediaHint("x" * 60_000, "ready"))
        channel = desk_channel(topic.blog_id)
        async with asyncio.timeout(30):
            while topic.desks:
                desks.on_message(channel, filler)
                await asyncio.sleep(0)
        await eventually(lambda: not desks._topics, "nothing is left of it")


async def test_nobody_is_told_who_is_here_while_no_probe_is_heard(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        await served.blog()
        (one, _), (two, _) = await person(served, "Ana"), await person(served, "Ben")
        desks = served.app.state.desks
        async with at_desk(served.address, one) as desk:
            await desk.until(lambda: desk.people == {"Ana": None})
            served.broker.heard_at = float("-inf")
            async with at_desk(served.address, two):
                heard, flying = len(desk.all("presence")), len(served.broker.flying)
                desks.beat(time.monotonic() + 3600)
                # The answer to a ping comes after whatever was sent before it.
                await (await desk.socket.ping())
                assert len(desk.all("presence")) == heard
                assert len(served.broker.flying) == flying
                served.broker.heard_at = float("inf")
                desks.beat(time.monotonic())
                await desk.until(lambda: desk.people == {"Ana": None, "Ben": None})


async def test_a_message_server_that_was_away_is_told(
    served: Served, valkey: ValkeyProcess
) -> None:
    """Nothing is said while hints cannot come, and afterwards that some were missed."""
    (one, ana), (two, _) = await person(served, "Ana"), await person(served, "Ben")
    async with at_desk(served.address, one) as desk:
        await desk.until(lambda: desk.people == {"Ana": None})
        valkey.kill()
        await eventually(lambda: not served.broker.stats.connected)
        before = len(desk.told)
        lost = await draft(served, ana)
        valkey.start()
        await desk.until(lambda: desk.all("missed"))
        assert not told_of(desk, lost)
        assert [m["type"] for m in desk.told[before:]].count("missed") == 1
        async with at_desk(served.address, two) as other:
            await other.until(lambda: other.people == {"Ana": None, "Ben": None})
        heard = await draft(served, ana)
        await desk.until(lambda: told_of(desk, heard))

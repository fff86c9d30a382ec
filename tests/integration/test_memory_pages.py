"""The live page, the snapshot and the feeds from memory, on a real server."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import feedparser
import httpx2
import pytest

from liveblog.errors import StoreBusy
from liveblog.types import Slug
from liveblog.web.pages.render import Pages
from tests.kit import SLUG, FlightBroker
from tests.served import Served, eventually, serving

PAGE = f"/blogs/{SLUG}"
SNAPSHOT = f"/api/v1/blogs/{SLUG}/snapshot"
FEEDS = [f"{PAGE}/feed.{kind}" for kind in ("atom", "rss", "json")]
ALL = [PAGE, SNAPSHOT, f"{SNAPSHOT}?view=page", *FEEDS]


@pytest.fixture(params=["live", "asgi"])
async def served(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """A server with one public blog of three entries, whose topic is open, and which looks at the
    store only when told: our own, and one that knows nothing but ASGI."""
    async with serving(tmp_path, request.param) as running:
        await running.blog()
        for number in range(3):
            await running.entry(body=f"Remark {number}. " + "It rains in the harbour. " * 60)
        running.broker.flying.clear()
        await running.look_no_more()
        # On a busy machine a document may not wait until its topic is open, and is not kept.
        while running.hub.at_hand(Slug(SLUG)) is None:
            await get(running, SNAPSHOT)
        running.store.set_seam(None)
        yield running


async def get(served: Served, path: str, **headers: str) -> httpx2.Response:
    """What a reader gets."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.http.get(path, headers=given)


async def texts(served: Served) -> dict[str, str]:
    """Every document that is kept."""
    return {path: (await get(served, path)).raise_for_status().text for path in ALL}


def remembered(served: Served, path: str) -> str | None:
    """What memory would give to a reader at this very moment; nothing else can run meanwhile."""
    address, _, query = path.partition("?")
    reply = served.app.state.kept.at_once(address, query.encode(), [])
    return None if reply is None else reply.body.decode()


# Made once -------------------------------------------------------------------------------


async def test_fifty_who_ask_at_once_cost_one_reading_and_one_rendering(served: Served) -> None:
    (await get(served, SNAPSHOT)).raise_for_status()  # the topic is open
    asking = served.server.server_state.tasks

    async def seam(when: str, number: int) -> None:
        """The first reading lasts until all have asked."""
        if (when, number) == ("before", 1):
            await eventually(lambda: len(asking) == 50)

    served.store.set_seam(seam)
    made = []
    live = Pages.live

    def counted(self: Pages, *args: Any) -> str:
        made.append(self)
        return live(self, *args)

    with patch.object(Pages, "live", counted):
        limits = httpx2.Limits(max_connections=50)
        async with httpx2.AsyncClient(base_url=served.url, limits=limits) as http:
            answers = await asyncio.gather(*(http.get(PAGE) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (served.store.reads, len(made)) == (1, 1)


async def test_while_nothing_changes_the_store_is_not_asked(served: Served) -> None:
    first = await texts(served)
    served.store.set_seam(None)
    assert [await texts(served) for _ in range(3)] == [first] * 3
    assert served.store.reads == 0


async def test_a_change_is_made_once_more(served: Served) -> None:
    await texts(served)
    await served.publish(body="Something new")
    served.store.set_seam(None)
    for path in ALL:
        for _ in range(3):
            assert "Something new" in (await get(served, path)).text
    assert served.store.reads == len(ALL)


# Withdrawn words -------------------------------------------------------------------------


async def test_from_the_step_that_applies_it_no_answer_has_withdrawn_words(served: Served) -> None:
    entry = await served.publish(headline="Secret plan", body="Secret words", key=True, tags=("s",))
    assert all("Secret" in text for text in (await texts(served)).values())
    await served.retract(entry)
    assert all("Secret" in (remembered(served, path) or "") for path in ALL), "not applied yet"
    served.broker.deliver_all()
    assert [remembered(served, path) for path in ALL] == [None] * len(ALL)
    found = await texts(served)
    assert not any("Secret" in text for text in found.values())
    atom = found[FEEDS[0]]
    assert f'ref="urn:liveblog:entry:{entry.id}"' in atom
    for path in FEEDS[:2]:
        assert feedparser.parse(found[path].encode()).bozo is False


async def test_a_reading_that_a_retraction_overtakes_is_not_given_out(served: Served) -> None:
    entry = await served.publish(body="Secret words")

    async def seam(when: str, number: int) -> None:
        if (when, number) == ("after", 1):
            await served.retract(entry)
            served.broker.deliver_all()

    await get(served, SNAPSHOT)  # the topic is open
    served.store.set_seam(seam)
    answer = await get(served, PAGE)
    assert served.store.reads > 1
    assert "Secret" not in answer.raise_for_status().text


async def test_a_reading_may_be_ahead_of_the_hint(served: Served) -> None:
    await get(served, SNAPSHOT)
    await served.entry(body="Ahead of its hint")
    served.store.set_seam(None)
    for _ in range(2):
        assert "Ahead of its hint" in (await get(served, PAGE)).text
    served.broker.deliver_all()
    assert "Ahead of its hint" in (await get(served, PAGE)).text
    assert served.store.reads == 1


async def test_who_writes_through_this_process_reads_it_at_once(served: Served) -> None:
    await texts(served)
    token = await served.token("write")
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/blogs/{SLUG}/entries"
    made = await served.http.post(path, json={"body": "Mine"}, headers=headers)
    assert made.status_code == 201
    assert served.broker.flying, "its hint has not come back"
    assert all("Mine" in text for text in (await texts(served)).values())


# When memory is not to be used -----------------------------------------------------------


async def test_a_process_that_is_cut_off_answers_nothing_from_memory(served: Served) -> None:
    entry = await served.publish(body="Secret words")
    await texts(served)
    served.broker.heard_at = served.hub.asked_at = time.monotonic() - 11
    assert [remembered(served, path) for path in ALL] == [None] * len(ALL)
    await served.retract(entry)
    served.broker.flying.clear()
    assert not any("Secret" in text for text in (await texts(served)).values())
    assert (await get(served, PAGE)).headers["vary"] == "Accept-Encoding, Origin"
    served.store.set_seam(down)
    assert {(await get(served, path)).status_code for path in ALL} == {503}


async def down(when: str, number: int) -> None:
    """A store that does not answer."""

    raise StoreBusy()


async def test_a_private_blog_is_never_kept(served: Served) -> None:
    await served.blog("inside", visibility="private")
    token = await served.token("read", "inside")
    paths = [path.replace(SLUG, "inside") for path in ALL]
    for _ in range(2):
        served.store.set_seam(None)
        for path in paths:
            assert (await get(served, path)).status_code == 401
            answer = await get(served, path, authorization=f"Bearer {token}")
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["vary"] == "Authorization, Cookie, Origin"
            assert remembered(served, path) is None
        assert served.store.reads >= 2 * len(paths)


async def test_a_wrong_token_is_refused_also_where_none_is_needed(served: Served) -> None:
    await texts(served)
    for path in ALL:
        assert (await get(served, path, authorization="Bearer wrong")).status_code == 401


async def test_a_blog_that_is_hidden_while_it_is_kept_is_gone(served: Served) -> None:
    await texts(served)
    await served.revise_blog(visibility="draft")
    served.broker.deliver_all()
    for path in ALL:
        assert remembered(served, path) is None
        assert (await get(served, path)).status_code == 404
    await served.revise_blog(visibility="unlisted")
    served.broker.deliver_all()
    found = await texts(served)
    assert 'content="noindex"' in found[PAGE]
    assert (await get(served, FEEDS[0])).headers["x-robots-tag"] == "noindex"


async def test_another_history_is_another_page(served: Served) -> None:
    before = await get(served, PAGE)
    await served.actions.blogs.renew_epoch(SLUG)
    served.look()
    await eventually(lambda: remembered(served, PAGE) is None)
    after = await get(served, PAGE, if_none_match=before.headers["etag"])
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


async def test_a_renewed_epoch_nobody_told_of_is_found_by_the_reading(served: Served) -> None:
    before = await get(served, SNAPSHOT)
    await served.actions.blogs.renew_epoch(SLUG)
    page = await get(served, PAGE)
    epoch = before.headers["liveblog-cursor"].partition(":")[0]
    assert (page.status_code, epoch in page.headers["etag"]) == (200, False)
    assert remembered(served, PAGE) is not None


async def test_a_closed_topic_takes_its_pages_along(served: Served) -> None:
    await texts(served)
    served.tune(linger=-1)
    await served.hub.close_idle()
    assert served.app.state.kept._shelves == {}
    served.tune(linger=60)
    assert "Remark 1" in (await get(served, PAGE)).text


# What is sent ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("memory", [True, False])
async def test_what_is_sent_says_what_it_is(served: Served, path: str, memory: bool) -> None:
    """From memory and from the endpoint alike."""
    if memory:
        await get(served, path)
    plain = await get(served, path, accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["vary"] == "Accept-Encoding, Origin"
    tag = plain.headers["etag"]
    for coding in ("gzip", "br"):
        answer = await get(served, path, accept_encoding=coding)
        assert answer.headers["content-encoding"] == coding
        assert answer.content == plain.content, "as the client decodes it"
        assert int(answer.headers["content-length"]) < len(plain.content)
        assert answer.headers["etag"] == tag
        head = await served.http.head(path, headers={"accept-encoding": coding})
        assert head.content == b""
        names = ("content-length", "content-type", "content-encoding", "etag", "vary")
        assert [head.headers.get(n) for n in names] == [answer.headers.get(n) for n in names]
    again = await get(served, path, if_none_match=tag, accept_encoding="br")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["vary"] == plain.headers["vary"]
    assert (await get(served, path, if_none_match='W/"x"')).status_code == 200
    kinds = {PAGE: "text/html; charset=utf-8", FEEDS[0]: "application/atom+xml; charset=utf-8"}
    assert plain.headers["content-type"] == kinds.get(path, plain.headers["content-type"])


async def test_pages_of_other_origins_may_read_it(served: Served) -> None:
    for _ in range(2):
        answer = await get(served, SNAPSHOT, origin="https://a.example")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Accept-Encoding, Origin"


async def test_the_page_from_memory_keeps_its_policies(served: Served) -> None:
    first = await get(served, PAGE)
    second = await get(served, PAGE)
    names = ("content-security-policy", "x-content-type-options", "referrer-policy", "vary")
    assert all(name in first.headers for name in names)
    assert dict(first.headers) | {"date": ""} == dict(second.headers) | {"date": ""}


async def test_a_page_names_its_feeds(served: Served) -> None:
    page = (await get(served, PAGE)).text
    for path in FEEDS:
        assert f'href="{path}"' in page
        assert (await get(served, path)).status_code == 200
    assert (await get(served, f"{PAGE}/feed.xml")).status_code == 404


async def test_addresses_come_from_the_public_one_only(tmp_path: Path) -> None:
    url = "https://news.example/live"
    async with serving(tmp_path, public_url=url) as served:
        await served.blog()
        await served.publish(body="Remark")
        for path in (*FEEDS, *("/live" + path for path in FEEDS)):
            for _ in range(2):
                text = (await get(served, path, host="evil.example")).text
                assert f"{url}/blogs/{SLUG}/entries/" in text
                assert "evil" not in text
        assert f'href="{url}/blogs/{SLUG}/feed.atom"' in (await get(served, PAGE)).text


async def test_a_broker_that_is_away_costs_a_moment_and_no_page(tmp_path: Path) -> None:
    class Away(FlightBroker):
        async def subscribe(self, channel: str, timeout: float = 1.0) -> bool:
            if channel.startswith("blog:"):
                await asyncio.Event().wait()
            return False

    async with serving(tmp_path, broker=Away()) as served:
        await served.blog()
        await served.entry(body="Remark")
        assert "Remark" in (await get(served, PAGE)).text
        assert served.hub.topics == []

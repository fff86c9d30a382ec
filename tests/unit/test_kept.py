"""When an answer from memory may be given, in which coding, and when not."""

import asyncio
import gzip
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liveblog.web.kept as module
from liveblog.actions import OPERATOR, Ask
from liveblog.errors import NotFound, Unavailable
from liveblog.fanout.hub import Open
from liveblog.fanout.topic import Topic
from liveblog.fanout.window import Bounds, Window
from liveblog.model.permissions import Principal
from liveblog.model.position import Position
from liveblog.types import BlogId, Epoch, Seq, Slug
from liveblog.web.answer import Answer, Asked, Document, asked_of
from liveblog.web.coding import CODINGS, preferred
from liveblog.web.headers import caching
from liveblog.web.kept import Kept, address_of
from liveblog.wire.requests import NewBlog
from tests.browser.content import SLUG, blog_view
from tests.kit import SLUG as WORLD_SLUG
from tests.kit import World

NOW, OTHER = Epoch("now1"), Epoch("other1")
PLAIN = Asked(b"", None, False, False, False)
WORDS = b"<p>words</p>" * 200


def document(seq: int, epoch: Epoch = NOW, body: bytes = WORDS) -> Document:
    """A page as it was read."""
    headers = {"Content-Type": "text/html", "ETag": f'W/"{epoch}:{seq}"', **caching("public")}
    return Document(Position(epoch, Seq(seq)), headers, lambda: body)


class House:
    """A hub with one topic, and a store that is read when the test says so."""

    def __init__(self, head: int = 5) -> None:
        window = Window(NOW, Seq(head), Seq(0), [], Bounds())
        self.topic: Topic | None = Topic(
            BlogId("b"), blog_view(), window, "/snapshot", lambda v, b: "", lambda t, s: None
        )
        self.kept = Kept(self)
        self.reads = 0
        self.reading = asyncio.Event()
        self.healed = 0
        self.stored = document(head)
        self.gate = asyncio.Event()
        self.gate.set()
        self.refused: Exception | None = None

    @property
    def topics(self) -> list[Open]:
        return []

    def at_hand(self, slug: Slug) -> Topic | None:
        return self.topic

    def using(self, slug: Slug, who: Principal | None) -> AbstractAsyncContextManager[Open]:
        self.healed += self.topic is not None
        raise Unavailable()

    def head(self, seq: int, epoch: Epoch = NOW) -> None:
        """The topic moves."""
        assert self.topic is not None
        self.topic.window = Window(epoch, Seq(seq), Seq(0), [], Bounds())

    async def read(self, slug: Slug, who: Principal | None) -> Document:
        """Read what is stored."""
        self.reads += 1
        self.reading.set()
        found = self.stored
        await self.gate.wait()
        if self.refused is not None:
            raise self.refused
        return found

    async def ask(self, slug: Slug = SLUG) -> bytes:
        """The tag of the answer."""
        reply = await self.kept.reply("page", slug, PLAIN, self.read)
        return dict(reply.headers)[b"etag"]

    def ready(self) -> bool:
        """Whether memory would answer now."""
        return self.kept.ready("page", SLUG) is not None


async def test_it_is_made_once_and_given_while_nothing_changes() -> None:
    house = House()
    assert not house.ready()
    assert {await house.ask() for _ in range(3)} == {b'W/"now1:5"'}
    assert (house.reads, house.ready()) == (1, True)


async def test_it_is_not_given_below_the_head_or_of_another_epoch() -> None:
    house = House()
    await house.ask()
    house.head(6)
    assert not house.ready()
    house.head(5, OTHER)
    assert not house.ready()
    house.head(5)
    assert house.ready()


async def test_one_that_is_ahead_of_the_topic_is_given() -> None:
    house = House(head=5)
    house.stored = document(7)
    assert await house.ask() == b'W/"now1:7"'
    for head in (6, 7):
        house.head(head)
        assert house.ready()
    house.head(8)
    assert not house.ready()


async def test_without_a_topic_each_asker_is_read_for_and_nothing_is_kept() -> None:
    house = House()
    await house.ask()
    topic, house.topic = house.topic, None
    assert not house.ready()
    house.stored = document(9)
    assert [await house.ask(), await house.ask()] == [b'W/"now1:9"'] * 2
    assert house.reads == 3
    house.topic = topic
    assert await house.ask() == b'W/"now1:5"', "what was kept before is still right"


async def test_all_who_ask_meanwhile_get_one_reading() -> None:
    house = House()
    house.gate.clear()
    asking = [asyncio.create_task(house.ask()) for _ in range(20)]
    await house.reading.wait()
    asking += [asyncio.create_task(house.ask()) for _ in range(20)]
    house.gate.set()
    assert set(await asyncio.gather(*asking)) == {b'W/"now1:5"'}
    assert house.reads == 1


async def test_what_changed_while_it_was_read_is_read_again() -> None:
    house = House()
    house.gate.clear()
    asking = asyncio.create_task(house.ask())
    await house.reading.wait()
    house.stored = document(6)
    house.head(6)
    house.gate.set()
    assert await asking == b'W/"now1:6"'
    assert (house.reads, house.healed) == (2, 1)


async def test_what_this_process_wrote_is_seen_before_the_hint() -> None:
    house = House()
    await house.ask()
    house.stored = document(6)
    house.kept.wrote(SLUG)
    assert not house.ready()
    assert await house.ask() == b'W/"now1:6"'


async def test_what_was_read_before_a_write_is_not_kept_after_it() -> None:
    house = House()
    house.gate.clear()
    asking = asyncio.create_task(house.ask())
    await house.reading.wait()
    house.stored = document(6)
    house.kept.wrote(SLUG)
    house.gate.set()
    assert await asking == b'W/"now1:6"'


async def test_a_blog_that_changes_all_the_time_is_answered_all_the_same() -> None:
    house = House()

    async def read(slug: Slug, who: Principal | None) -> Document:
        house.reads += 1
        house.head(100 + house.reads)
        return document(99 + house.reads)

    reply = await house.kept.reply("page", SLUG, PLAIN, read)
    assert (reply.status, house.reads) == (200, module.TRIES + 1)


async def test_a_refusal_is_everybodys_and_is_not_kept() -> None:
    house = House()
    house.refused = NotFound()
    found = await asyncio.gather(*(house.ask() for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, NotFound) for one in found)
    assert house.reads == 1
    house.refused = None
    assert await house.ask() == b'W/"now1:5"'


async def test_a_closed_topic_takes_its_answers_along() -> None:
    house = House()
    await house.ask()
    house.kept.forget(SLUG)
    assert not house.ready()


async def test_the_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    monkeypatch.setattr(module, "KEPT_BYTES", 7 * len(WORDS))
    slugs = [Slug(f"blog-{n}") for n in range(3)]
    for slug in slugs:
        await house.ask(slug)
    kept = [house.kept.ready("page", slug) is not None for slug in slugs]
    assert kept == [False, True, True]
    monkeypatch.setattr(module, "KEPT_BYTES", 1)
    await house.ask(slugs[0])
    kept = [house.kept.ready("page", slug) is not None for slug in slugs]
    assert kept == [True, False, False], "the newest stays"


async def test_a_page_opens_a_topic_but_not_any_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World.open(tmp_path, processes=1)
    try:
        hub = world.processes[0].hub
        new = NewBlog(slug=WORLD_SLUG, title="War", visibility="public")
        await world.processes[0].actions.blogs.create(new, Ask(OPERATOR))

        async def read(slug: Slug, who: Principal | None) -> Document:
            shot = await world.queries.snapshot(slug, who)
            epoch = Epoch(shot.cursor.partition(":")[0])
            return document(shot.seq, epoch)

        kept = Kept(hub)
        monkeypatch.setattr(module, "MOST_TOPICS", 0)
        await kept.reply("page", WORLD_SLUG, PLAIN, read)
        assert (hub.topics, kept.ready("page", WORLD_SLUG)) == ([], None)
        monkeypatch.setattr(module, "MOST_TOPICS", 1)
        await kept.reply("page", WORLD_SLUG, PLAIN, read)
        assert len(hub.topics) == 1
        assert kept.ready("page", WORLD_SLUG) is not None
    finally:
        await world.close()


# Codings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "first"),
    [
        (b"", "identity"),
        (b"gzip, deflate, br, zstd", "br"),
        (b"gzip, deflate", "gzip"),
        (b"GZIP", "gzip"),
        (b"x-gzip", "gzip"),
        (b"br;q=0.5, gzip;q=0.8", "gzip"),
        (b"br; q=0.8 , gzip ; q=0.8", "br"),
        (b"gzip;q=0, br;q=0", "identity"),
        (b"identity;q=1, gzip;q=0.5", "identity"),
        (b"*", "br"),
        (b"*;q=0.1", "br"),
        (b"br;q=0, *", "gzip"),
        (b"*;q=0, gzip", "gzip"),
        (b"identity;q=0, gzip;q=0.001", "gzip"),
        (b"zstd", "identity"),
        (b"*;q=0", "identity"),
        (b"gzip;q=nonsense", "identity"),
        (b"gzip;q=nan", "identity"),
        (b",,;", "identity"),
        (b"gzip;q=0.00001", "gzip"),
    ],
)
def test_the_best_coding_for_a_client(accept: bytes, first: str) -> None:
    assert preferred(accept)[0] == first


def test_plain_is_refused_when_it_is_named_or_all_else_is() -> None:
    assert "identity" in preferred(b"gzip")
    assert preferred(b"gzip, identity;q=0") == ("gzip",)
    assert preferred(b"gzip, *;q=0") == ("gzip",)


@given(st.binary(max_size=40))
def test_any_value_gives_a_coding_we_have(accept: bytes) -> None:
    assert set(preferred(accept)) <= set(CODINGS)
    assert preferred(accept)


def test_every_coding_holds_the_same_words() -> None:
    answer = Answer(document(1))
    decoders = {b"br": brotli.decompress, b"gzip": gzip.decompress, b"": bytes}
    for coding, decode in decoders.items():
        status, raw, body = answer.reply(coding, None)
        headers = dict(raw)
        assert (status, decode(body)) == (200, WORDS)
        assert headers.get(b"content-encoding", b"") == coding
        assert headers[b"content-length"] == str(len(body)).encode()
        assert headers[b"vary"] == b"Accept-Encoding, Origin"
        assert answer.reply(coding, None).body is body, "it is made once"
        if coding:
            assert len(body) < len(WORDS)


def test_a_small_body_stays_plain_unless_that_is_refused() -> None:
    answer = Answer(document(1, body=b"small"))
    assert answer.reply(b"gzip, br", None).body == b"small"
    assert gzip.decompress(answer.reply(b"gzip, identity;q=0", None).body) == b"small"


def test_who_has_it_gets_no_body() -> None:
    answer = Answer(document(1))
    for tags in (b'W/"now1:1"', b'"now1:1"', b'"a", W/"now1:1"', b"*"):
        status, raw, body = answer.reply(b"br", tags)
        headers = dict(raw)
        assert (status, body) == (304, b"")
        assert headers[b"etag"] == b'W/"now1:1"'
        assert headers[b"vary"] == b"Accept-Encoding, Origin"
        assert not {b"content-length", b"content-encoding", b"content-type"} & headers.keys()
    assert answer.reply(b"br", b'W/"now1:11"').status == 200


# Requests --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/blogs/x", b"", ("page", "x")),
        ("/blogs/x", b"utm=1", ("page", "x")),
        ("/blogs/x", b"order=oldest", ("page.oldest", "x")),
        ("/blogs/x", b"utm=1&order=oldest", ("page.oldest", "x")),
        ("/blogs/x", b"order=oldest2", ("page", "x")),
        ("/blogs/x/feed.atom", b"", ("feed.atom", "x")),
        ("/api/v1/blogs/x/snapshot", b"", ("snapshot", "x")),
        ("/api/v1/blogs/x/snapshot", b"view=page", ("snapshot.page", "x")),
        ("/api/v1/blogs/x/snapshot", b"view=nonsense", None),
        ("/blogs/x/", b"", None),
        ("/blogs/x/feed.atom/", b"", None),
        ("/blogs/x/pages/1", b"", None),
        ("/api/v1/blogs/x/snapshot/y", b"", None),
        ("/api/v1/blogs/x", b"", None),
        ("/", b"", None),
    ],
)
def test_which_document_has_an_address(
    path: str, query: bytes, found: tuple[str, str] | None
) -> None:
    assert address_of(path, query) == found


async def test_who_shows_a_token_or_an_origin_is_not_answered_at_once() -> None:
    house = House()
    await house.ask()
    path = f"/blogs/{SLUG}"
    assert house.kept.at_once(path, b"", []) is not None
    for name in (b"authorization", b"origin"):
        assert house.kept.at_once(path, b"", [(name, b"x")]) is None


def test_headers_that_come_twice_are_one_list() -> None:
    pairs = [(b"accept-encoding", b"gzip;q=0"), (b"accept-encoding", b"br")]
    assert preferred(asked_of(pairs).accept) == ("br", "identity")
    assert asked_of([(b"if-none-match", b'"a"'), (b"if-none-match", b'"b"')]).tags == b'"a","b"'
    assert asked_of([]).tags is None

"""Embed cards, from the question to the entry: what is asked of whom, and what is refused."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from liveblog.actions import Actions
from liveblog.actions import embeds as embed_actions
from liveblog.embeds import Fetcher, Providers
from liveblog.errors import StoreBusy
from liveblog.guard import is_public
from liveblog.media import Confined
from liveblog.media.disk import Disk
from liveblog.model.blog import Blog
from liveblog.model.embed import ATTEMPTS, EmbedCard
from liveblog.model.quota import Quota
from liveblog.store.contract import Tx
from liveblog.types import Slug
from tests.card_site import Answer, Site, card, site
from tests.kit import SLUG
from tests.pictures import jpeg
from tests.served import serving
from tests.uploads import LIBRARY, Newsroom
from workers import embeds

Data = dict[str, Any]

PAGE = "https://www.site.example/video/1"
EMBEDS = f"/api/v1/blogs/{SLUG}/embeds"
PIXELS = 50_000_000
QUOTA = Quota()


class Room(Newsroom):
    """A newsroom that makes cards of the pages of one site."""

    site: Site
    cards: embeds.Maker
    fetchers: list[Fetcher]
    now: datetime

    def with_fetcher(self, *, quota: Quota = QUOTA, **options: Any) -> None:
        """Make the worker anew, with these bounds."""
        given: Data = {"allowed": lambda address: address == "127.0.0.1", "timeout": 10.0}
        fetcher = Fetcher(trust=self.site.trust, ports=(self.site.port,), **given | options)
        self.fetchers.append(fetcher)
        providers = Providers([self.site.provider])
        self.cards = embeds.Maker(fetcher, providers, self.storage, Confined(), PIXELS, quota)

    async def ask(self, url: str = PAGE, **headers: str) -> httpx2.Response:
        """Ask for a card."""
        return await self.http.post(EMBEDS, json={"url": url}, headers=self.headers | headers)

    async def card(self, url: str = PAGE) -> Data:
        """The card as it stands."""
        answer = await self.ask(url)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        found: Data = answer.json()
        return found

    async def make(self, after: float = 0.0) -> int:
        """One step of the worker, so many seconds later."""
        self.now += timedelta(seconds=after)
        return await self.cards(self.served.actions, self.now)

    async def made(self, *answers: Answer, url: str = PAGE) -> Data:
        """What becomes of a card when the site answers so."""
        self.site.answers["/oembed"] = list(answers)
        assert (await self.card(url))["state"] == "pending"
        assert await self.make() == 1
        return await self.card(url)


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    async with site() as one:
        monkeypatch.setattr("liveblog.app.providers_of", lambda _: Providers([one.provider]))
        made: Room
        monkeypatch.setattr("liveblog.app.utc_now", lambda: made.now)
        async with serving(tmp_path) as served:
            opened = await Room.open(served, Disk(tmp_path / "media"))
            assert isinstance(opened, Room)
            made = opened
            made.site, made.fetchers, made.now = one, [], datetime.now(UTC)
            made.served.actions.door.clock = lambda: made.now
            made.with_fetcher()
            yield made
            for fetcher in made.fetchers:
                await fetcher.close()


async def test_a_card_is_pending_then_ready_and_asked_for_once(room: Room) -> None:
    room.site.answers["/oembed"] = [card(title="A <b>title</b>", author_name="Ana", html="<p>x")]
    first = await room.card(f"{PAGE}#here")
    assert first == {
        "url": PAGE,
        "state": "pending",
        "provider": "Site",
        "title": None,
        "author": None,
        "thumbnail": None,
        "reason": None,
    }
    assert await room.make() == 1
    ready = first | {"state": "ready", "title": "A title", "author": "Ana"}
    assert await room.card() == ready
    assert await room.card(PAGE.replace("https", "http")) == ready
    assert await room.make(60) == 0
    assert room.site.pages() == [PAGE]
    head = room.site.heads[0]
    assert (head["accept-encoding"], head["user-agent"]) == ("identity", "Liveblog")
    assert "cookie" not in head


async def test_its_picture_counts_for_whoever_asked(room: Room) -> None:
    room.site.answers["/1.jpg"] = [Answer(jpeg(640, 360), kind="image/jpeg")]
    answer = card(title="A title", thumbnail_url=f"{room.site.url}/1.jpg")
    await room.made(answer)
    [day] = await room.store.read(lambda tx: tx.uploads_on(room.now.date()))
    who = (await room.store.read(lambda tx: tx.tokens()))[0]
    assert (day.by, day.uploads, day.bytes) == (who.id, 1, len(jpeg(640, 360)))
    room.with_fetcher(quota=Quota(day_uploads=1))
    other = await room.made(answer, url=PAGE + "2")
    assert (other["state"], other["thumbnail"]) == ("ready", None), "a card without a picture"


async def test_its_picture_is_kept_here_and_an_entry_shows_it(room: Room) -> None:
    room.site.answers["/1.jpg"] = [Answer(jpeg(640, 360), kind="image/jpeg")]
    waits = await room.made(card(title="A title", thumbnail_url=f"{room.site.url}/1.jpg"))
    assert (waits["state"], waits["title"], waits["thumbnail"]) == ("pending", "A title", None)
    assert await room.make(1) == 1
    assert (await room.card())["state"] == "pending", "its renditions are not made"
    assert await room.work(room.now) == 1
    assert await room.make(1) == 1
    ready = await room.card()
    assert ready["state"] == "ready"
    library = (await room.http.get(LIBRARY, headers=room.headers)).json()
    assert [(m["url"], m["name"]) for m in library["media"]] == [
        (ready["thumbnail"], "Site: A title")
    ]
    fields = ("url", "provider", "title", "author", "thumbnail")
    embed = {name: ready[name] for name in fields}
    entry = await room.entry(kind="embed", media=[], embed=embed)
    assert entry.status_code == 201, entry.text
    assert entry.json()["embed"]["thumbnail"] == ready["thumbnail"]
    assert (await room.http.get(ready["thumbnail"])).status_code == 200
    assert room.site.asked[1:] == ["/1.jpg"], "it was fetched once"


@pytest.mark.parametrize(
    ("picture", "answer"),
    [
        ("/gone.jpg", Answer(status=404)),
        ("/page", Answer(b"<html>", kind="text/html")),
        ("/lie.jpg", Answer(b"<svg onload=alert(1)>", kind="image/jpeg")),
        ("/huge.jpg", Answer(b"\xff" * 5_300_000, kind="image/jpeg")),
        ("/away.jpg", Answer(status=302, extra="Location: https://127.0.0.2/1.jpg\r\n")),
    ],
)
async def test_without_a_picture_that_can_be_kept_it_is_ready(
    room: Room, picture: str, answer: Answer
) -> None:
    room.site.answers[picture] = [answer]
    ready = await room.made(card(title="A title", thumbnail_url=room.site.url + picture))
    assert (ready["state"], ready["thumbnail"]) == ("ready", None)
    assert picture in room.site.asked


async def test_a_picture_within_our_own_network_is_not_fetched(room: Room) -> None:
    for host in ("127.0.0.2", "[::1]", "localhost.", "169.254.169.254"):
        thumbnail = f"https://{host}:{room.site.port}/1.jpg"
        url = f"{PAGE}{len(room.site.asked)}"
        ready = await room.made(card(title="A", thumbnail_url=thumbnail), url=url)
        assert (ready["state"], ready["thumbnail"]) == ("ready", None)
    assert {one.partition("?")[0] for one in room.site.asked} == {"/oembed"}


async def test_a_picture_that_nobody_makes_is_waited_for_a_minute(room: Room) -> None:
    room.site.answers["/1.jpg"] = [Answer(jpeg(640, 360), kind="image/jpeg")]
    await room.made(card(title="A", thumbnail_url=f"{room.site.url}/1.jpg"))
    assert await room.make(30) == 1
    assert (await room.card())["state"] == "pending"
    assert await room.make(31) == 1
    ready = await room.card()
    assert (ready["state"], ready["title"], ready["thumbnail"]) == ("ready", "A", None)


async def test_a_picture_that_was_thrown_away_is_shown_no_more(room: Room) -> None:
    room.site.answers["/1.jpg"] = [Answer(jpeg(640, 360), kind="image/jpeg")]
    await room.made(card(title="A", thumbnail_url=f"{room.site.url}/1.jpg"))
    await room.work(room.now)
    await room.make(1)
    library = (await room.http.get(LIBRARY, headers=room.headers)).json()
    name = library["media"][0]["id"]
    assert (await room.card())["thumbnail"] is not None
    await room.http.delete(f"{LIBRARY}/{name}", headers=room.headers)
    assert (await room.card())["thumbnail"] is None


# What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "goal",
    [
        "https://127.0.0.1/admin",
        "http://127.0.0.1/admin",
        "https://other.example/x",
        "http://localhost/x",
        "file:///etc/passwd",
        "//other.example/x",
        "https://[",
        "https://localhost:1/x",
    ],
)
async def test_a_redirect_elsewhere_is_not_followed(room: Room, goal: str) -> None:
    refused = await room.made(Answer(status=302, extra=f"Location: {goal}\r\n"))
    assert refused["state"] == "refused"
    assert "Site gives no card of this page" in refused["reason"]
    assert len(room.site.asked) == 1


async def test_another_host_is_not_asked_though_it_would_answer(room: Room) -> None:
    room.site.answers["/admin"] = [card(title="Stolen")]
    goal = f"https://127.0.0.1:{room.site.port}/admin"
    refused = await room.made(Answer(status=302, extra=f"Location: {goal}\r\n"))
    assert refused["reason"] == "Site gives no card of this page: it leads to another host."
    assert len(room.site.asked) == 1


async def test_a_redirect_on_the_same_host_is_followed_twice(room: Room) -> None:
    for number in (1, 2):
        extra = f"Location: /step{number + 1}\r\n"
        room.site.answers[f"/step{number}"] = [Answer(status=301, extra=extra)]
    room.site.answers["/step2"] = [card(title="A title")]
    moved = Answer(status=302, extra="Location: /step1\r\n")
    assert (await room.made(moved))["title"] == "A title"
    room.site.answers["/step2"] = [moved]
    refused = await room.made(moved, url=f"{PAGE}2")
    assert "leads from one address to the next" in refused["reason"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=404), "it answered 404"),
        (Answer(status=401), "it answered 401"),
        (Answer(b"x" * 300_000), "its answer is too long"),
        (Answer(b"[" * 300_000, hang=True), "its answer is too long"),
        (Answer(b"<html>", kind="text/html; charset=utf-8"), "its answer is text/html"),
        (Answer(b"{}", kind=""), "its answer is of no kind"),
        (Answer(b"no JSON"), "the answer is no JSON"),
        (Answer(b'{"type":"page"}'), "the answer is not in oEmbed"),
        (card(), "says nothing of this page"),
        (
            Answer(gzip.compress(b" " * 10**7), extra="Content-Encoding: gzip\r\n"),
            "its answer is compressed",
        ),
    ],
)
async def test_an_answer_that_is_none_refuses_the_card(
    room: Room, answer: Answer, why: str
) -> None:
    refused = await room.made(answer)
    assert (refused["state"], refused["title"]) == ("refused", None)
    assert why in refused["reason"]
    assert await room.make(3600) == 0


async def test_a_site_that_is_slow_or_away_is_asked_again(room: Room) -> None:
    room.with_fetcher(timeout=0.3)
    room.site.answers["/oembed"] = [
        Answer(b'{"type":', hang=True),
        Answer(status=503),
        card(title="A title"),
    ]
    await room.card()
    for after in (0, 1):
        assert await room.make(after) == 1
        assert (await room.card())["state"] == "pending"
    room.with_fetcher()
    assert await room.make(4) == 1
    assert (await room.card())["title"] == "A title"


async def test_a_site_that_never_answers_is_given_up(room: Room) -> None:
    room.site.answers["/oembed"] = [Answer(status=500)]
    await room.card()
    for _ in range(ATTEMPTS):
        assert await room.make(16) == 1
    refused = await room.card()
    assert (refused["state"], refused["reason"]) == (
        "refused",
        "Site gives no card of this page: it answered 500.",
    )
    room.site.answers["/oembed"] = [card(title="Back")]
    room.now += timedelta(minutes=3)
    assert (await room.card())["state"] == "pending", "it is asked for anew"
    await room.make()
    assert (await room.card())["title"] == "Back"


async def test_what_goes_wrong_here_is_given_up_too(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*_: object) -> bytes:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(Fetcher, "get", wrong)
    await room.card()
    for _ in range(ATTEMPTS):
        assert await room.make(16) == 1
    assert (await room.card())["state"] == "refused"


async def test_a_name_that_means_a_private_address_is_not_connected_to(room: Room) -> None:
    """As DNS answers for ``localhost``, and could for any site's name."""
    room.with_fetcher(allowed=is_public)
    room.site.answers["/oembed"] = [card(title="A title")]
    await room.card()
    for _ in range(ATTEMPTS):
        await room.make(16)
    refused = await room.card()
    assert refused["state"] == "refused"
    assert "localhost is no public address" in refused["reason"]
    assert room.site.asked == []


@pytest.mark.parametrize(
    "url", ["https://news.example/story", "https://site.example.evil.example/video/1"]
)
async def test_a_page_of_no_listed_site_is_refused_at_once(room: Room, url: str) -> None:
    refused = await room.card(url)
    assert refused["state"] == "refused"
    assert refused["reason"] == "Cards are made of pages of Site; set a link in the text."
    assert await room.make() == 0


async def test_what_is_no_address_is_said_so(room: Room) -> None:
    for url in ("javascript:alert(1)", "https://a@site.example/video/1", ""):
        answer = await room.ask(url)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"] == "url"
    more = await room.http.post(EMBEDS, json={"url": PAGE, "more": 1}, headers=room.headers)
    assert more.status_code == 422


async def test_only_who_may_write_there_asks(room: Room) -> None:
    await room.served.blog("other")
    asked = {"": 401, "read": 403, "submit": 200}
    for scope, status in asked.items():
        token = await room.served.token(scope) if scope else ""  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await room.http.post(EMBEDS, json={"url": PAGE}, headers=headers)
        assert answer.status_code == status, scope
    elsewhere = await room.served.token("write", "other")
    assert (await room.ask(Authorization=f"Bearer {elsewhere}")).status_code == 403


async def test_so_many_are_pending_at_a_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_actions, "PENDING", 2)
    room.site.answers["/oembed"] = [card(title="A")]
    for number in range(2):
        await room.card(f"{PAGE}{number}")
    assert (await room.ask(f"{PAGE}2")).status_code == 429
    assert (await room.card(f"{PAGE}1"))["state"] == "pending", "one that is there is told"
    assert await room.make() == 2
    assert (await room.ask(f"{PAGE}2")).status_code == 200


# The worker -------------------------------------------------------------------------------


async def test_the_card_of_a_worker_that_died_is_anothers(room: Room) -> None:
    room.site.answers["/oembed"] = [card(title="A title")]
    await room.card()
    store = room.store
    until = room.now + embeds.CLAIM
    claimed = await store.write(lambda tx: tx.claim_embed_cards(room.now, until, 8))
    assert len(claimed) == 1
    assert await room.make(59) == 0
    assert await room.make(2) == 1
    assert (await room.card())["title"] == "A title"
    late = await store.write(lambda tx: embeds.settle(tx, claimed[0], claimed[0]))
    assert not late, "what the first one still had to say does not count"
    assert (await room.card())["state"] == "ready"


async def test_a_store_that_is_busy_for_one_card_hinders_no_other(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = [PAGE, PAGE + "2", PAGE + "3"]
    room.site.answers["/oembed"] = [card(title="A title")]
    for url in urls:
        await room.card(url)

    settle, made = embeds.settle, room.cards._made
    loop, failed, go = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def busy(tx: Tx, claimed: EmbedCard, after: EmbedCard) -> bool:
        if claimed.url == urls[0]:
            loop.call_soon_threadsafe(failed.set)
            raise StoreBusy
        return settle(tx, claimed, after)

    async def slowly(actions: Actions, asked: EmbedCard, blog: Blog) -> EmbedCard:
        if asked.url != urls[0]:
            await go.wait()
        return await made(actions, asked, blog)

    with monkeypatch.context() as patch:
        patch.setattr(embeds, "settle", busy)
        patch.setattr(room.cards, "_made", slowly)
        step = asyncio.create_task(room.make())
        await failed.wait()
        done, _ = await asyncio.wait([step], timeout=0.1)
        assert not done, "it sees the others to their end"
        go.set()
        with pytest.raises(StoreBusy):
            await step
    assert [(await room.card(url))["state"] for url in urls] == ["pending", "ready", "ready"]
    assert await room.make(61) == 1, "it is due again when its claim ends"
    assert (await room.card())["state"] == "ready"


async def test_a_site_that_was_taken_off_the_list_is_not_asked(room: Room) -> None:
    await room.card()
    room.cards = embeds.Maker(Fetcher(), Providers([]), room.storage, Confined(), PIXELS, QUOTA)
    await room.make()
    assert (await room.card())["reason"] == "Site is not asked any more."


async def test_old_cards_are_forgotten(room: Room) -> None:
    await room.made(card(title="A title"))
    await room.card(f"{PAGE}2")
    assert await embeds.purge(room.served.actions, room.now) == 0
    assert await embeds.purge(room.served.actions, room.now + timedelta(days=31)) == 1
    blog = await room.store.read(lambda tx: tx.blog(Slug(SLUG)))
    assert blog is not None
    pending = await room.store.read(lambda tx: tx.count_pending_cards(blog.id))
    assert pending == 1, "what waits is kept"


async def test_without_sites_none_is_made(tmp_path: Path) -> None:
    async with serving(tmp_path, embed_providers=()) as served:
        await served.blog()
        headers = {"Authorization": f"Bearer {await served.token('write')}"}
        url = {"url": "https://youtu.be/dQw4w9WgXcQ"}
        answer = await served.http.post(EMBEDS, json=url, headers=headers)
        assert answer.json()["reason"] == "No cards are made here; set a link in the text."

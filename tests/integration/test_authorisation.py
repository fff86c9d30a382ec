"""The authorisation table: who asks × what for × in which blog, cell by cell.

Each row is an address. What it answers to each group of askers (tests/authorisation.py) follows
from what it needs, and is written down below for every visibility; ``ok`` is what it answers to
those who may. A write that may be done is asked for in a way that is refused one step later (no
If-Match, a field that is wrong), so that no cell changes another.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from liveblog.web.rate import Rate
from tests.authorisation import (
    EVERYBODY,
    GROUPS,
    HOUSE,
    MARK,
    VISIBILITIES,
    Made,
    World,
    headers_of,
)
from tests.push import Browser
from tests.served import Served
from tests.unit.test_docs import addresses

ZERO = "0" * 26
PUBLIC = "http://live.example"
PUSH = {"push_contact": "mailto:a@b.example", "push_key": "Q" * 43, "push_hosts": ("push.example",)}
BLOG = "/api/v1/blogs/{slug}"
ENTRY = BLOG + "/entries/{id}"

#            N    Z    O    R    S    W    A
NEEDS = {
    "read": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "401  403  403  ok   ok   ok   ok",
        "draft": "404  404  404  404  ok   ok   ok",
    },
    "submit": {
        "open": "401  403  403  403  ok   ok   ok",
        "private": "401  403  403  403  ok   ok   ok",
        "draft": "401  404  404  404  ok   ok   ok",
    },
    "write": {
        "open": "401  403  403  403  403  ok   ok",
        "private": "401  403  403  403  403  ok   ok",
        "draft": "401  404  404  404  403  ok   ok",
    },
    # An editor's entry, at the desk: who may only submit sees their own there.
    "edit": {
        "open": "401  403  403  403  404  ok   ok",
        "private": "401  403  403  403  404  ok   ok",
        "draft": "401  404  404  404  404  ok   ok",
    },
    "admin": {
        "open": "401  403  403  403  403  403  ok",
        "private": "401  403  403  403  403  403  ok",
        "draft": "401  404  404  404  403  403  ok",
    },
    # What looks at nobody: it is there for everybody or for nobody.
    "open": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "404  404  404  404  404  404  404",
        "draft": "404  404  404  404  404  404  404",
    },
    "shown": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "401  401  401  401  401  401  401",
        "draft": "404  404  404  404  404  404  404",
    },
    "nothing": {
        "open": "ok   ok   ok   ok   ok   ok   ok",
        "private": "ok   ok   ok   ok   ok   ok   ok",
        "draft": "ok   ok   ok   ok   ok   ok   ok",
    },
}
"""What each need is answered, by visibility (public and unlisted are alike: open)."""


class Row(NamedTuple):
    """An address, and what it needs.

    :param ok: what those who may are answered: a status, and what stands in the answer.
    :param type: the Content-Type of the request.
    :param strict: whoever may write nowhere is refused (403) before the blog is looked for.
    """

    method: str
    path: str
    needs: str
    ok: str = "200"
    body: Any = None
    strict: bool = False
    type: str = ""

    @property
    def address(self) -> str:
        """As docs/protocol.md writes it."""
        return f"{self.method} {self.path.partition('?')[0]}"


def write(method: str, path: str, needs: str, ok: str, body: Any = None) -> Row:
    """A row of a write in JSON."""
    return Row(method, path, needs, ok, {} if body is None else body, strict=True)


NO_MATCH = "428"
KEYS = Browser("https://push.example/1").keys

ROWS = [
    Row("GET", BLOG, "read"),
    Row("GET", BLOG + "/entries", "read"),
    Row("GET", ENTRY, "read"),
    Row("GET", ENTRY + "/revisions", "read"),
    Row("GET", BLOG + "/days/{date}", "read"),
    Row("GET", BLOG + "/snapshot", "read"),
    Row("GET", BLOG + "/changes?after=abcde:0", "read"),
    Row("GET", BLOG + "/stream", "read"),
    Row("WS", BLOG + "/live", "read"),
    Row("GET", "/blogs/{slug}", "read"),
    Row("GET", "/blogs/{slug}/pages/{n}", "read"),
    Row("GET", "/blogs/{slug}/days/{date}", "read"),
    Row("GET", "/blogs/{slug}/key", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/page", "read", "302"),
    Row("GET", "/blogs/{slug}/entries/{id}/history", "read"),
    Row("GET", "/blogs/{slug}/feed.atom", "read"),
    Row("GET", "/blogs/{slug}/feed.rss", "read"),
    Row("GET", "/blogs/{slug}/feed.json", "read"),
    Row("GET", "/embed/{slug}", "read"),
    Row("GET", "/oembed?url=" + PUBLIC + "/blogs/{slug}", "shown"),
    Row(
        "PUT",
        BLOG + "/push",
        "open",
        body={
            "endpoint": "https://push.example/1",
            "keys": {"p256dh": KEYS.p256dh, "auth": KEYS.auth},
        },
    ),
    Row("DELETE", BLOG + "/push/{zero}", "nothing", "204"),
    write("PATCH", BLOG, "write", NO_MATCH),
    write("POST", BLOG + "/entries", "write", "422 body"),
    write("PATCH", ENTRY, "write", NO_MATCH),
    write("DELETE", ENTRY, "write", NO_MATCH),
    write("POST", ENTRY + "/retract", "write", NO_MATCH),
    write("POST", ENTRY + "/restore", "write", NO_MATCH),
    write("PATCH", ENTRY + "/revisions/{n}", "write", "404 no such revision"),
    write("PATCH", BLOG + "/days/{date}", "write", NO_MATCH),
    Row("GET", BLOG + "/desk", "submit"),
    write("PATCH", BLOG + "/desk", "write", NO_MATCH),
    Row("GET", BLOG + "/desk/entries", "submit"),
    Row("GET", BLOG + "/desk/entries/{id}", "edit"),
    Row("GET", BLOG + "/desk/entries/{id}/revisions", "edit"),
    write(
        "POST",
        BLOG + "/desk/bulk",
        "submit",
        "200 There is no entry of this id.",
        {"action": "retract", "entries": [{"id": ZERO, "revision": 1}]},
    ),
    write("POST", BLOG + "/desk/preview", "submit", "200", {"body": "x"}),
    write("POST", BLOG + "/embeds", "submit", "200 refused", {"url": "https://nowhere.example/"}),
    Row("WS", BLOG + "/desk/live", "submit"),
    Row("GET", BLOG + "/media", "submit"),
    Row("POST", BLOG + "/media", "submit", "415", type="text/plain"),
    Row("GET", BLOG + "/media/{zero}", "submit", "404 no medium"),
    Row("DELETE", BLOG + "/media/{zero}", "submit", "404 no medium"),
    Row("GET", BLOG + "/members", "admin"),
    write("PUT", BLOG + "/members/{zero}", "admin", "404 nobody of this id", {"role": "chief"}),
    write("DELETE", BLOG + "/members/{zero}", "admin", "404 Nobody of this id"),
]
MORE = [
    # The same address where it needs something else.
    write("POST", BLOG + "/entries", "submit", "422 body", {"state": "draft"}),
    write("POST", BLOG + "/entries", "write", "422 body", {"state": "scheduled"}),
    Row("GET", BLOG + "/entries?key=true&day={date}", "read"),
    Row("GET", BLOG + "/snapshot?view=page", "read"),
    Row("GET", "/blogs/{slug}?order=oldest", "read"),
    Row("GET", "/embed/{slug}?show=latest", "read"),
]
ELSEWHERE = {
    # For the whole house, or nobody's in particular: in other tests of this file, or theirs.
    "GET /api/v1/blogs": "test_the_list_of_blogs",
    "POST /api/v1/blogs": "test_what_belongs_to_the_house",
    "GET /api/v1/people": "test_what_belongs_to_the_house",
    "PATCH /api/v1/people/{person_id}": "test_what_belongs_to_the_house",
    "POST /api/v1/invitations": "test_what_belongs_to_the_house",
    "GET /media/{id}/{file}": "tests/integration/test_media_serving.py",
    "GET /sitemaps/{slug}/{n}.xml": "test_nothing_of_it_is_told",
    "POST /api/v1/session": "tests/integration/test_session.py",
    "GET /api/v1/session": "tests/integration/test_session.py",
    "DELETE /api/v1/session": "tests/integration/test_session.py",
    "GET /api/v1/sign-in": "for everybody",
    "POST /api/v1/invitations/show": "tests/integration/test_people.py",
    "POST /api/v1/invitations/accept": "tests/integration/test_people.py",
    "GET /studio/sign-in/oidc": "tests/integration/test_single_sign_on.py",
    "GET /studio/sign-in/oidc/back": "tests/integration/test_single_sign_on.py",
    **dict.fromkeys(
        (
            *("GET /", "GET /api/v1/feed", "GET /robots.txt", "GET /sitemap.xml"),
            *("GET /sitemap-news.xml", "GET /embed/v1.js", "GET /sw.js", "GET /healthz"),
            *("GET /readyz", "GET /static/{build}/{name}", "GET /studio", "GET /studio/join"),
            "GET /studio/{slug}",
        ),
        "for everybody; what stands in it: test_nothing_of_it_is_told",
    ),
}
"""Where every other address is looked at."""


@pytest.fixture(autouse=True)
def no_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody here comes from one address."""
    monkeypatch.setattr(Rate, "ask", lambda *_: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The world, made once."""
    return Made(tmp_path_factory.mktemp("authorisation"))


class Asking:
    """Asks for an address as everybody, in every blog."""

    def __init__(self, served: Served, world: World, row: Row) -> None:
        self._served = served
        self._world = world
        self.row = row

    def address(self, slug: str, entry: str = "") -> str:
        """The address in a blog; one that is not there has an entry of the draft one."""
        ids = self._world.entries.get(slug) or self._world.entries["draft"]
        return self.row.path.format(
            slug=slug,
            id=entry or ids["editor"]["published"],
            date=self._world.day,
            n=1 if "/pages/" in self.row.path else 99,
            zero=ZERO,
        )

    async def ask(self, who: str, slug: str, entry: str = "") -> tuple[int, str]:
        """Status and text of the answer."""
        shown = headers_of(self._world, who, slug if slug in VISIBILITIES else "draft")
        address = self.address(slug, entry)
        if self.row.method == "WS":
            return await self._join(address, shown | {"Origin": PUBLIC})
        told = shown | ({"Content-Type": self.row.type} if self.row.type else {})
        body = {} if self.row.body is None else {"json": self.row.body}
        request = self._served.http.build_request(self.row.method, address, headers=told, **body)
        answer = await self._served.http.send(request, stream=True)
        text = ""
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            text = (await answer.aread()).decode()
        await answer.aclose()
        return answer.status_code, text

    async def _join(self, address: str, shown: dict[str, str]) -> tuple[int, str]:
        try:
            url = f"ws://{self._served.address}{address}"
            async with connect(url, additional_headers=shown):
                return 200, ""
        except InvalidStatus as refused:
            return refused.response.status_code, (refused.response.body or b"").decode()


def expected(row: Row, group: str, visibility: str) -> str:
    """The cell."""
    kind = "open" if visibility in ("public", "unlisted") else visibility
    cell = NEEDS[row.needs][kind].split()[list(GROUPS).index(group)]
    if row.strict and group in "ZR" and cell != "ok":
        return "403"
    return row.ok if cell == "ok" else cell


@pytest.mark.parametrize("row", [*ROWS, *MORE], ids=lambda row: f"{row.address} {row.needs}")
async def test_every_cell(made: Made, tmp_path: Path, row: Row) -> None:
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC, **PUSH) as served:
        asking = Asking(served, made.world, row)
        for visibility in VISIBILITIES:
            for group, names in GROUPS.items():
                status, _, words = expected(row, group, visibility).partition(" ")
                for who in names:
                    got, text = await asking.ask(who, visibility)
                    if str(got) != status or words not in text:
                        wrong.append((who, visibility, f"{status} {words}", got, text[:200]))
    assert wrong == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.address)
async def test_a_draft_blog_is_for_outsiders_as_if_it_were_not_there(
    made: Made, tmp_path: Path, row: Row
) -> None:
    """The same status and the same words as for a name that no blog has."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC, **PUSH) as served:
        asking = Asking(served, made.world, row)
        for who in (name for group in "NZOR" for name in GROUPS[group]):
            draft, nothing = await asking.ask(who, "draft"), await asking.ask(who, "nothere")
            if draft != (nothing[0], nothing[1].replace("nothere", "draft")):
                wrong.append((who, draft, nothing))
        for who in EVERYBODY:
            status, text = await asking.ask(who, "nothere")
            if status not in (401, 403, 404) and row.needs != "nothing":
                wrong.append((who, status, text))
    assert wrong == []


# The house -------------------------------------------------------------------------------

TAKEN = {"slug": "public", "title": "T"}
UNKNOWN = {"email": "disabled", "role": "editor", "blog": None}
OF_THE_HOUSE = [
    (write("POST", "/api/v1/blogs", "admin", "409", TAKEN), HOUSE),
    (write("PATCH", f"/api/v1/people/{ZERO}", "admin", "404 nobody of this id"), HOUSE),
    (write("POST", "/api/v1/invitations", "admin", "409 disabled", UNKNOWN), HOUSE),
    (
        Row("GET", "/api/v1/people", "admin"),
        (*GROUPS["A"], "token elsewhere", "chief elsewhere"),
    ),
]


@pytest.mark.parametrize(("row", "allowed"), OF_THE_HOUSE, ids=lambda one: str(one)[:60])
async def test_what_belongs_to_the_house(
    made: Made, tmp_path: Path, row: Row, allowed: tuple[str, ...]
) -> None:
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        gone = made.world.people["disabled"]
        person = await served.store.inner.read(lambda tx: tx.person(gone))
        assert person is not None
        if row.body is UNKNOWN:
            row = row._replace(body=UNKNOWN | {"email": person.email})
        for who in EVERYBODY:
            cell = row.ok if who in allowed else "401" if who in GROUPS["N"] else "403"
            status, _, words = cell.partition(" ")
            got, text = await Asking(served, made.world, row).ask(who, "public")
            if str(got) != status or words not in text or (got >= 400 and "@" in text):
                wrong.append((who, cell, got, text))
    assert wrong == []


async def test_the_list_of_blogs(made: Made, tmp_path: Path) -> None:
    """Everybody sees what is public, and what they belong to."""
    own = {"contributor", "editor", "chief"}
    everything = {"token submit", "token write", *HOUSE, "house contributor", "house editor"}
    async with made.serving(tmp_path) as served:
        for who in EVERYBODY:
            row = Row("GET", "/api/v1/blogs", "read")
            _, text = await Asking(served, made.world, row).ask(who, "public")
            slugs = set(re.findall(r'"slug":"(\w+)"', text))
            allowed = {"public", "elsewhere"}
            if who in own | everything:
                allowed |= set(VISIBILITIES)
            assert slugs == allowed, who


# What is not public ----------------------------------------------------------------------

UNSEEN = ("draft", "submitted", "scheduled", "embargoed", "dropped")
PUBLIC_ONLY = [
    Row("GET", "/blogs/{slug}/entries/{id}", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/page", "read"),
    Row("GET", "/blogs/{slug}/entries/{id}/history", "read"),
]
SEEN_BY_OWNERS = [
    Row("GET", ENTRY, "read"),
    Row("GET", ENTRY + "/revisions", "read"),
    Row("GET", BLOG + "/desk/entries/{id}", "submit"),
    Row("GET", BLOG + "/desk/entries/{id}/revisions", "submit"),
    write("PATCH", ENTRY, "submit", NO_MATCH),
    write("DELETE", ENTRY, "submit", NO_MATCH),
    write("POST", ENTRY + "/retract", "submit", NO_MATCH),
    write("POST", ENTRY + "/restore", "submit", NO_MATCH),
    write("PATCH", ENTRY + "/revisions/{n}", "write", "404"),
    write("POST", BLOG + "/desk/bulk", "submit", "200", "bulk"),
]


@pytest.mark.parametrize("row", [*PUBLIC_ONLY, *SEEN_BY_OWNERS], ids=lambda row: row.address)
@pytest.mark.parametrize("slug", ["public", "draft"])
async def test_an_entry_that_is_not_public_is_as_if_it_were_not_there(
    made: Made, tmp_path: Path, row: Row, slug: str
) -> None:
    """For whoever is not its owner, and no editor: the same status and words as for an id that
    no entry has. For those it is there."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        for who in EVERYBODY:
            nothing = await _ask_for(served, made.world, row, who, slug, ZERO)
            for owner, ids in made.world.entries[slug].items():
                for name in UNSEEN:
                    got = await _ask_for(served, made.world, row, who, slug, ids[name])
                    there = got != (nothing[0], nothing[1].replace(ZERO, ids[name]))
                    if there != told(row, who, owner):
                        wrong.append((who, owner, name, got, nothing))
    assert wrong == []


def told(row: Row, who: str, owner: str) -> bool:
    """Whether it is there for them: for editors, and for its owner, who withholds nothing."""
    if row in PUBLIC_ONLY:
        return False
    if any(who in GROUPS[group] for group in "WA"):
        return True
    return who == owner and not row.path.endswith("/revisions/{n}")


async def _ask_for(
    served: Served, world: World, row: Row, who: str, slug: str, entry: str
) -> tuple[int, str]:
    if row.body == "bulk":
        body = {"action": "tag", "tag": "x", "entries": [{"id": entry, "revision": 99}]}
        row = row._replace(body=body)
    return await Asking(served, world, row).ask(who, slug, entry)


async def test_an_owner_who_is_no_editor_changes_only_drafts_and_submissions(
    made: Made, tmp_path: Path
) -> None:
    row = write("PATCH", ENTRY, "submit", NO_MATCH)
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        asking, ids = Asking(served, made.world, row), made.world.entries["public"]["contributor"]
        found = {name: (await asking.ask("contributor", "public", ids[name]))[0] for name in ids}
    own = dict.fromkeys(ids, 403) | {"draft": 428, "submitted": 428}
    assert found == own


DESK = [
    *("", "?limit=2", "?key=true", "?kind=text", f"?q={MARK}", "?author={author}"),
    *(f"?state={state}" for state in ("draft", "submitted", "scheduled", "published", "retracted")),
]


@pytest.mark.parametrize("slug", VISIBILITIES)
async def test_at_the_desk_a_contributor_sees_their_own_and_an_editor_everything(
    made: Made, tmp_path: Path, slug: str
) -> None:
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        for who, owners in (
            ("contributor", {"contributor"}),
            ("token submit", set()),
            ("house contributor", set()),
            ("editor", {"contributor", "editor"}),
            ("house chief", {"contributor", "editor"}),
        ):
            author, texts = made.world.people["editor"], ""
            for query in DESK:
                row = Row("GET", f"{BLOG}/desk/entries{query.format(author=author)}", "submit")
                status, text = await Asking(served, made.world, row).ask(who, slug)
                assert status == 200, query
                texts += text
            entries = made.world.entries[slug].items()
            seen = {owner for owner, ids in entries if any(one in texts for one in ids.values())}
            assert seen == owners, who
            _, desk = await Asking(served, made.world, Row("GET", BLOG + "/desk", "submit")).ask(
                who, slug
            )
            counts = json.loads(desk)["counts"]
            each = {"draft": 1, "submitted": 1, "scheduled": 2, "published": 1, "retracted": 2}
            assert counts == {state: n * len(owners) for state, n in each.items()}, who


READS = [row for row in ROWS if row.method == "GET" and row.needs in ("read", "shown", "open")]
HOME = [
    *("/", "/api/v1/feed", "/api/v1/feed?view=page", "/api/v1/blogs", "/robots.txt"),
    *("/sitemap.xml", "/sitemap-news.xml", "/studio", "/studio/{slug}", "/sitemaps/{slug}/1.xml"),
]


@pytest.mark.parametrize("row", [*READS, *MORE[3:], *(Row("GET", one, "read") for one in HOME)],
                         ids=lambda row: row.path)  # fmt: skip
async def test_nothing_of_it_is_told(made: Made, tmp_path: Path, row: Row) -> None:
    """No word of what is not public in anything that readers get: lists, counts, feeds, pages,
    sitemaps, history, changes, streams. Not to those who may write either, who read the same."""
    wrong: list[object] = []
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        asking = Asking(served, made.world, row)
        for slug in VISIBILITIES:
            for who in ("nobody", "token read", "contributor", "editor", "house chief"):
                status, text = await asking.ask(who, slug)
                if MARK in text or ("Blog draft" in text and who in ("nobody", "token read")):
                    wrong.append((who, slug, status, text[:300]))
    assert wrong == []


@pytest.mark.parametrize("view", ["data", "page"])
async def test_nothing_of_it_is_replayed(made: Made, tmp_path: Path, view: str) -> None:
    """To somebody who follows from the very beginning, by any way in."""
    async with made.serving(tmp_path) as served:
        blog = (await served.http.get("/api/v1/blogs/public")).json()
        after = f"{blog['cursor'].partition(':')[0]}:0"
        address = f"/api/v1/blogs/public/{{}}?after={after}&view={view}"
        polled = (await served.http.get(address.format("changes"))).text
        texts = {"poll": polled, "live": "", "stream": ""}
        end = f'"seq":{blog["seq"]},"changes"'
        async with connect(f"ws://{served.address}{address.format('live')}") as socket:
            while end not in texts["live"]:
                texts["live"] += str(await socket.recv())
        async with served.http.stream("GET", address.format("stream")) as answer:
            async for line in answer.aiter_lines():
                texts["stream"] += line
                if end in line:
                    break
    for way, text in texts.items():
        for ids in made.world.entries["public"].values():
            there = {name for name, entry in ids.items() if entry in text}
            assert there == {"published", "retracted"}, way
        assert MARK not in text, way


async def test_what_is_not_public_changes_nothing_that_readers_get(
    made: Made, tmp_path: Path
) -> None:
    """Not a byte: no count, no cursor, no tag, no time."""
    rows = [row for row in [*READS, *MORE[3:]] if not row.path.endswith("/stream")]
    rows += [Row("GET", one, "read") for one in HOME]
    async with made.serving(tmp_path, public_url=PUBLIC) as served:
        everything = [Asking(served, made.world, row) for row in rows]
        before = [await one.ask("nobody", "public") for one in everything]
        editor = headers_of(made.world, "editor", "public")
        later = (datetime.now(ZoneInfo("UTC")) + timedelta(days=1)).isoformat()
        for more in (
            {"state": "draft"},
            {"state": "submitted"},
            {"publish_at": later},
            {"publish_at": later, "embargo": True},
        ):
            body = {"headline": MARK, "body": MARK, "key": True, "card": True, **more}
            address = "/api/v1/blogs/public/entries"
            made_one = await served.http.post(address, json=body, headers=editor)
            assert made_one.status_code == 201, made_one.text
        served.broker.deliver_all()
        after = [await one.ask("nobody", "public") for one in everything]
    for row, one, other in zip(rows, before, after, strict=True):
        assert one == other, row.path


def test_every_address_is_in_the_table() -> None:
    def plain(address: str) -> str:
        return re.sub(r"\{\w+\}", "{}", address)

    known = {plain(row.address) for row in ROWS} | {plain(one) for one in ELSEWHERE}
    assert known == {plain(one) for one in addresses()}

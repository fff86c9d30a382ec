"""Bad input: what each wire answers to it, in one table."""

from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from liveblog.types import Slug
from tests.kit import SLUG
from tests.readers import reading
from tests.served import Served, serving

B = f"/api/v1/blogs/{SLUG}"
E = B + "/entries"
ONE = E + "/{entry}"
DRAFT = "/api/v1/blogs/secret"
PRIVATE = "/api/v1/blogs/inner"
OK = "https://ok.example"


class Bad(NamedTuple):
    """A request and its answer. ``problem``: the name in ``type``; ``at``: the field's path."""

    title: str
    method: str
    path: str
    status: int
    problem: str
    at: str | None = None
    body: Any = None
    token: str | None = "write"
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    wants: tuple[str, ...] = ()
    """Headers the answer must have."""


def entry(title: str, at: str, **body: Any) -> Bad:
    """An entry with one wrong field."""
    return Bad(title, "POST", E, 422, "invalid", at, body)


R1 = {"If-Match": '"r1"'}
QUOTE = {"text": "t", "speaker": "s"}
PICTURE = {"type": "image/png", "url": "/a.png"}
SCRIPT = PICTURE | {"url": "javascript:a()"}
ABROAD = PICTURE | {"poster": "//host/a.png"}
DATA = {"title": "t", "url": "data:,"}
X = {"body": "x"}

HTTP = [
    entry("unknown field", "nope", body="x", nope=1),
    entry("unknown nested field", "quote.foo", kind="quote", quote=QUOTE | {"foo": 1}),
    entry("missing nested field", "quote.speaker", kind="quote", quote={"text": "t"}),
    entry("wrong type", "body", body=5),
    entry("wrong nested type", "media[0].width", body="x", media=[PICTURE | {"width": "wide"}]),
    entry("unknown kind", "kind", body="x", kind="poem"),
    entry("body too long", "body", body="x" * 50_001),
    entry("headline too long", "headline", headline="x" * 301),
    entry("too many tags", "tags", body="x", tags=["t"] * 21),
    entry("script in media", "media[0].url", body="x", media=[SCRIPT]),
    entry("another host as a path", "media[0].poster", body="x", media=[ABROAD]),
    entry("script in a source", "sources[0].url", body="x", sources=[DATA]),
    entry("script in an embed", "embed.url", kind="embed", embed={"url": "vbscript:a"}),
    entry("key without headline", "headline", body="x", key=True),
    entry("nothing to say", "body"),
    entry("quote without quote", "quote", kind="quote", body="x"),
    entry("naive time", "published_at", body="x", published_at="2025-07-23T10:00:00"),
    entry("no time", "published_at", body="x", published_at="yesterday"),
    entry("future published_at", "published_at", body="x", published_at="2150-01-01T00:00:00Z"),
    entry("time out of range", "publish_at", body="x", publish_at="2999-01-01T00:00:00Z"),
    entry("scheduled for no time", "publish_at", body="x", state="scheduled"),
    entry("state of its own", "state", body="x", state="retracted"),
    Bad("no object", "POST", E, 422, "invalid", "", []),
    Bad("no JSON", "POST", E, 400, "bad-request", body=b"{"),
    Bad("not UTF-8", "POST", E, 400, "bad-request", body=b'{"body": "\xff"}'),
    Bad("body of 2 MiB", "POST", E, 413, "too-large", body={"body": "x" * 2**21}),
    Bad("unknown slug", "POST", "/api/v1/blogs/no/entries", 404, "not-found", body=X),
    Bad("key too long", "POST", E, 400, "bad-request", body=X,
        headers={"Idempotency-Key": "k" * 256}),
    Bad("key empty", "POST", E, 400, "bad-request", body=X,
        headers={"Idempotency-Key": ""}),
    Bad("key of another request", "POST", E, 422, "idempotency-key-reused", body={"body": "other"},
        headers={"Idempotency-Key": "used"}),
    # Who
    Bad("no token", "POST", E, 401, "not-authenticated", body=X, token=None,
        wants=("www-authenticate",)),
    Bad("unknown token", "POST", E, 401, "not-authenticated", body=X, token="?"),
    Bad("no bearer", "POST", E, 401, "not-authenticated", body=X, token=None,
        headers={"Authorization": "Basic eDp4"}),
    Bad("read scope writes", "POST", E, 403, "not-allowed", body=X, token="read"),
    Bad("submit scope publishes", "POST", E, 403, "not-allowed", body=X, token="submit"),
    Bad("submit scope edits another's", "PATCH", ONE, 403, "not-allowed", body={"body": "y"},
        token="submit", headers=R1),
    Bad("token of another blog", "POST", E, 403, "not-allowed", body=X, token="other"),
    Bad("write scope makes a blog", "POST", "/api/v1/blogs", 403, "not-allowed",
        body={"slug": "new", "title": "N"}),
    Bad("write scope shows a blog", "PATCH", B, 403, "not-allowed",
        body={"visibility": "draft"}, headers=R1),
    Bad("wrong token reads", "GET", B, 401, "not-authenticated", token="?"),
    Bad("draft blog", "GET", DRAFT, 404, "not-found", token=None),
    Bad("draft blog's entries", "GET", DRAFT + "/entries", 404, "not-found", token=None),
    Bad("draft blog's snapshot", "GET", DRAFT + "/snapshot", 404, "not-found", token=None),
    Bad("private blog, nobody", "GET", PRIVATE + "/snapshot", 401, "not-authenticated", token=None),
    Bad("private blog, another's token", "GET", PRIVATE, 403, "not-allowed", token="other"),
    # Versions
    Bad("no If-Match", "PATCH", ONE, 428, "match-required", body={"body": "y"}),
    Bad("no If-Match to retract", "POST", ONE + "/retract", 428, "match-required", body={}),
    Bad("no If-Match to delete", "DELETE", ONE, 428, "match-required"),
    Bad("no If-Match on the blog", "PATCH", B, 428, "match-required", body={"title": "y"}),
    Bad("If-Match: *", "PATCH", ONE, 400, "bad-request", body={"body": "y"},
        headers={"If-Match": "*"}),
    Bad("If-Match of another version", "PATCH", ONE, 412, "moved", body={"body": "y"},
        headers={"If-Match": '"r7"'}, wants=("etag",)),
    Bad("correction without note", "PATCH", ONE, 422, "invalid", "edit.note",
        {"body": "y", "edit": {"kind": "correction"}}, headers=R1),
    Bad("unknown kind of edit", "PATCH", ONE, 422, "invalid", "edit.kind",
        {"body": "y", "edit": {"kind": "big"}}, headers=R1),
    Bad("published to draft", "PATCH", ONE, 409, "conflict", body={"state": "draft"}, headers=R1),
    Bad("restore what is there", "POST", ONE + "/restore", 409, "conflict", headers=R1),
    Bad("withhold what stands", "PATCH", ONE + "/revisions/1", 409, "conflict", body={}),
    Bad("withhold what is not", "PATCH", ONE + "/revisions/9", 404, "not-found", body={}),
    # Blogs and days
    Bad("slug taken", "POST", "/api/v1/blogs", 409, "conflict", token="admin",
        body={"slug": SLUG, "title": "T"}),
    Bad("slug of another alphabet", "POST", "/api/v1/blogs", 422, "invalid", "slug", token="admin",
        body={"slug": "Ä b", "title": "T"}),
    Bad("slug of a page of the desk", "POST", "/api/v1/blogs", 422, "invalid", "slug",
        {"slug": "join", "title": "T"}, "admin"),
    Bad("no title", "POST", "/api/v1/blogs", 422, "invalid", "title", {"slug": "t"}, "admin"),
    Bad("no such zone", "PATCH", B, 422, "invalid", "time_zone", {"time_zone": "Mars/One"},
        headers=R1),
    Bad("no such date", "GET", B + "/days/2025-02-30", 404, "not-found", token=None),
    Bad("day without roll-up", "GET", B + "/days/2025-02-20", 404, "not-found", token=None),
    Bad("no such day to change", "PATCH", B + "/days/2025-02-20", 404, "not-found",
        body={"title": "x"}, headers=R1),
    # Reading
    Bad("unknown entry", "GET", E + "/nope", 404, "not-found", token=None),
    Bad("endless entry id", "GET", E + "/" + "x" * 65, 404, "not-found", token=None),
    Bad("limit=0", "GET", E + "?limit=0", 422, "invalid", "limit", token=None),
    Bad("limit=101", "GET", E + "?limit=101", 422, "invalid", "limit", token=None),
    Bad("limit=x", "GET", E + "?limit=x", 422, "invalid", "limit", token=None),
    Bad("key=maybe", "GET", E + "?key=maybe", 422, "invalid", "key", token=None),
    Bad("day=today", "GET", E + "?day=today", 422, "invalid", "day", token=None),
    Bad("before malformed", "GET", E + "?before=nope", 400, "bad-request", token=None),
    Bad("before too large", "GET", E + "?before=" + "f" * 40 + ".x", 400, "bad-request"),
    Bad("view unknown", "GET", B + "/snapshot?view=x", 400, "bad-request", token=None),
    Bad("poll without cursor", "GET", B + "/changes", 400, "bad-request", token=None),
    Bad("poll too long", "GET", B + "/changes?after=abcd:0&wait=31", 422, "invalid", "wait"),
    Bad("wrong method", "PUT", B, 405, "method-not-allowed", token=None, wants=("allow",)),
    Bad("unknown address", "GET", "/api/v1/nope", 404, "not-found", token=None),
]  # fmt: skip


class Join(NamedTuple):
    """A stream that is asked for, and what each wire says: a number is the HTTP status, a text
    a ``reset`` with this reason, or "overload": come back later."""

    title: str
    ws: int | str
    sse: int | str
    poll: int | str | None
    slug: str = SLUG
    after: str | None = "{cursor}"
    token: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    query: str = ""


STREAMS = [
    Join("malformed cursor", 400, 400, 400, after="nope"),
    Join("cursor with a sign", 400, 400, 400, after="abcd:-1"),
    Join("endless cursor", 400, 400, 400, after="abcd:" + "9" * 40),
    Join(
        "cursor of another epoch",
        "epoch_changed",
        "epoch_changed",
        "epoch_changed",
        after="otherepoch:1",
    ),
    Join("cursor ahead of the head", "ahead", "ahead", "ahead", after="{epoch}:99"),
    Join("unknown slug", 404, 404, 404, slug="nope"),
    Join("draft blog", 404, 404, 404, slug="secret"),
    Join("private, no token", 401, 401, 401, slug="inner"),
    Join("private, another's token", 403, 403, 403, slug="inner", token="other"),
    Join("unknown token", 401, 401, 401, token="?"),
    Join("token in the address", 401, 401, 401, slug="inner", query="&token={read}"),
    Join("unknown view", 400, 400, 400, query="&view=x"),
    Join("origin that may not", 403, 403, None, headers={"Origin": "https://evil.example"}),
    Join("origin of a sandbox", 403, 403, None, headers={"Origin": "null"}),
]


async def test_bad_input(tmp_path: Path) -> None:
    async with serving(tmp_path, allowed_origins=(OK,)) as served:
        names = await prepare(served)
        before = await served.snapshot()
        wrong = [w for bad in HTTP if (w := await ask(served, bad, names))]
        for join in STREAMS:
            for wire in ("ws", "sse", "poll"):
                expected = getattr(join, wire)
                if expected is None:
                    continue
                met = await WIRES[wire](served, join, names)
                if met != expected:
                    wrong.append(f"{join.title} on {wire}: {met}, not {expected}")
        assert wrong == []
        assert await served.snapshot() == before, "a refused request changed something"


async def test_too_many_from_one_address(tmp_path: Path) -> None:
    async with serving(tmp_path, max_readers_per_address=1) as served:
        names = await prepare(served)
        join = Join("too many", 429, "overload", None)
        async with reading(served, "ws") as reader:
            await reader.start()
            await reader.until_live()
            assert await on_ws(served, join, names) == 429
            assert await on_sse(served, join, names) == "overload"
    async with serving(tmp_path, max_readers=1) as served:
        async with reading(served, "ws") as reader:
            await reader.start()
            await reader.until_live()
            assert await on_ws(served, join, names) == 503
            assert await on_sse(served, join, names) == "overload"


async def prepare(served: Served) -> dict[str, str]:
    """Blogs, tokens, an entry and a used key; what the rows call them."""
    await served.blog()
    await served.blog("secret", visibility="draft")
    await served.blog("inner", visibility="private")
    await served.blog("elsewhere")
    for slug in (SLUG, "secret", "inner"):
        made = await served.publish(slug=Slug(slug))
        if slug == SLUG:
            entry_id = made.id
    names: dict[str, str] = {
        "read": await served.token("read"),
        "submit": await served.token("submit"),
        "write": await served.token("write"),
        "admin": await served.token("admin"),
        "other": await served.token("write", "elsewhere"),
        "?": "lb_nobody_nothing",
        "entry": entry_id,
    }
    headers = {"Authorization": f"Bearer {names['write']}", "Idempotency-Key": "used"}
    answer = await served.http.post(E, json={"body": "first"}, headers=headers)
    assert answer.status_code == 201
    names["cursor"] = answer.headers["liveblog-cursor"]
    names["epoch"] = names["cursor"].partition(":")[0]
    return names


async def ask(served: Served, bad: Bad, names: dict[str, str]) -> str | None:
    """What is wrong with the answer."""
    headers = dict(bad.headers)
    if bad.token:
        headers["Authorization"] = f"Bearer {names[bad.token]}"
    raw = bad.body if isinstance(bad.body, bytes) else None
    content = raw if raw is not None or bad.body is None else msgspec.json.encode(bad.body)
    path = bad.path.replace("{entry}", names["entry"])
    answer = await served.http.request(bad.method, path, content=content, headers=headers)
    if answer.headers["content-type"] != "application/problem+json":
        return f"{bad.title}: {answer.status_code} {answer.text[:200]}"
    told = answer.json()
    met = (answer.status_code, told["status"], told["type"].removeprefix("urn:liveblog:problem:"))
    if met != (bad.status, bad.status, bad.problem) or not (told["title"] and told["detail"]):
        return f"{bad.title}: {told}"
    if bad.at is not None and [e["path"] for e in told["errors"]] != [bad.at]:
        return f"{bad.title}: {told['errors']}"
    if missing := [name for name in bad.wants if name not in answer.headers]:
        return f"{bad.title}: no {missing}"
    return None


def address(wire: str, join: Join, names: dict[str, str]) -> str:
    """The path of a stream."""
    after = f"?after={join.after.format(**names)}" if join.after else "?"
    query = join.query.format(**names)
    return f"/api/v1/blogs/{join.slug}/{wire}{after}{query}"


def headers_of(join: Join, names: dict[str, str]) -> dict[str, str]:
    """The headers of a stream."""
    token = {"Authorization": f"Bearer {names[join.token]}"} if join.token else {}
    return join.headers | token


async def on_ws(served: Served, join: Join, names: dict[str, str]) -> int | str:
    """The status, or the reset's reason (and then 4001 and nothing else)."""
    url = f"ws://{served.address}{address('live', join, names)}"
    try:
        socket = await connect(url, additional_headers=headers_of(join, names), proxy=None)
    except InvalidStatus as refused:
        response = refused.response
    else:
        return await told(socket)
    assert response.headers["content-type"] == "application/problem+json"
    if response.status_code in (429, 503):
        assert int(response.headers["retry-after"]) > 0
    return response.status_code


async def told(socket: ClientConnection) -> int | str:
    """What is said on a WebSocket that is closed at once."""
    async with socket:
        message = msgspec.json.decode(await socket.recv())
        with pytest.raises(ConnectionClosed):
            await socket.recv()
    if socket.close_code == 4001 and message["type"] == "reset":
        return str(message["reason"])
    return f"{message} {socket.close_code}"


async def on_sse(served: Served, join: Join, names: dict[str, str]) -> int | str:
    """The same; a reset has no id, "come back" has its time."""
    answer = await served.http.get(address("stream", join, names), headers=headers_of(join, names))
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.status_code
    head, _, data = answer.text.rstrip("\n").rpartition("data: ")
    message = msgspec.json.decode(data)
    if message["type"] == "reconnect":
        assert head == f"retry: {message['after_ms']}\n"
        return str(message["reason"])
    assert head == "", "only data, no id"
    return str(message["reason"])


async def on_poll(served: Served, join: Join, names: dict[str, str]) -> int | str:
    """The same."""
    answer: httpx2.Response = await served.http.get(
        address("changes", join, names), headers=headers_of(join, names)
    )
    if answer.status_code == 200:
        return str(answer.json().get("reason"))
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code


WIRES = {"ws": on_ws, "sse": on_sse, "poll": on_poll}

"""Writing until it is answered, and the errors of an answer."""

import json
from collections.abc import Iterator

import httpx2
import pytest

from liveblog.client import Writer, writing
from liveblog.client.answers import refusal_of
from liveblog.client.backoff import Backoff
from liveblog.errors import Conflict, FieldError, Gone, Invalid, Moved, Refusal

Answer = httpx2.Response | Exception


class Wire(httpx2.AsyncBaseTransport):
    """A transport that gives prepared answers and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers: Iterator[Answer] = iter(answers)
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "Backoff", lambda: Backoff(0.001, 0.01))


async def writer_on(wire: Wire) -> Writer:
    writer = Writer("http://news.example/", "secret")
    await writer._http.aclose()
    writer._http = httpx2.AsyncClient(transport=wire)
    return writer


async def test_a_lost_answer_is_asked_for_with_the_same_key() -> None:
    wire = Wire(
        httpx2.ReadError("cut"),
        httpx2.Response(503, headers={"Retry-After": "0"}),
        httpx2.Response(409, headers={"Retry-After": "0"}),
        httpx2.Response(201, json={"id": "e1"}),
    )
    async with await writer_on(wire) as writer:
        assert await writer.post("b", {"body": "x"}, "k1") == {"id": "e1"}
    assert {r.headers["Idempotency-Key"] for r in wire.requests} == {"k1"}
    assert len(wire.requests) == 4


async def test_each_request_has_a_key_of_its_own() -> None:
    wire = Wire(httpx2.Response(201, json={}), httpx2.Response(201, json={}))
    async with await writer_on(wire) as writer:
        await writer.post("b", {"body": "x"})
        await writer.create_blog({"slug": "b"})
    assert len({r.headers["Idempotency-Key"] for r in wire.requests}) == 2
    assert str(wire.requests[0].url) == "http://news.example/api/v1/blogs/b/entries"


async def test_edits_name_the_revision_they_saw() -> None:
    entry = {"id": "e1", "blog": "b", "revision": 3}
    wire = Wire(httpx2.Response(200, json={}), httpx2.Response(200, json={}))
    async with await writer_on(wire) as writer:
        await writer.revise(entry, {"body": "y"})
        await writer.retract(entry, "Doubled.")
    assert [(r.method, r.url.path, r.headers["If-Match"]) for r in wire.requests] == [
        ("PATCH", "/api/v1/blogs/b/entries/e1", '"r3"'),
        ("POST", "/api/v1/blogs/b/entries/e1/retract", '"r3"'),
    ]
    assert json.loads(wire.requests[1].content) == {"note": "Doubled."}


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (500, Refusal), (418, Refusal)])
async def test_a_refusal_is_raised(status: int, error: type[Refusal]) -> None:
    async with await writer_on(Wire(httpx2.Response(status))) as writer:
        with pytest.raises(error):
            await writer.post("b", {})


def test_errors_carry_what_the_server_said() -> None:
    wrong = refusal_of(422, {"errors": [{"path": "body", "message": "Too long."}]})
    assert isinstance(wrong, Invalid)
    assert wrong.errors == (FieldError("body", "Too long."),)
    assert str(wrong) == "body: Too long."
    moved = refusal_of(412, {"detail": "It moved."}, 'W/"r9"')
    assert isinstance(moved, Moved)
    assert moved.revision == 9
    gone = refusal_of(410, {"note": "Doubled."})
    assert isinstance(gone, Gone)
    assert gone.tombstone == {"note": "Doubled."}
    odd = refusal_of(418)
    assert isinstance(odd, Refusal)
    assert odd.status == 418

"""Two real web processes over one database agree about who was first and what is gone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from tempfile import TemporaryDirectory

import httpx2
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from tests.acceptance.webs import WITHIN, Data, Newsroom, Web, newsroom
from tests.kit import SLUG
from tests.postgres import PostgresServer
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS = 20

GONE_WITHIN = 2.0
"""Seconds from the 2xx of a retraction to its end in every process: the protocol's bound."""

ALLOWANCE = 3.0
"""And what a loaded machine may take on top, where other tests share its processors."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def room(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Newsroom]:
    """The processes, over each database; started once for all tests, which share the blog."""
    with ExitStack() as stack:
        url = ""
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = stack.enter_context(server.database())
        # Short: the path of a socket has at most 107 bytes.
        valkey = ValkeyProcess(Path(stack.enter_context(TemporaryDirectory(prefix="lb-"))))
        stack.callback(valkey.kill)
        valkey.start()
        async with newsroom(tmp_path_factory.mktemp("room"), valkey, url) as found:
            yield found


async def twice(room: Newsroom, path: str, *requests: Data) -> list[httpx2.Response]:
    """Requests at once, the first to A, the second to B."""
    pairs = zip(room.webs, requests, strict=True)
    return await asyncio.gather(*(room.write(web, path, **asked) for web, asked in pairs))


async def test_a_key_sent_twice_at_once_makes_one_entry(room: Newsroom) -> None:
    before = await room.webs[0].json("snapshot")
    made: list[str] = []
    for number in range(ROUNDS):
        asked: Data = {"body": {"body": f"Words {number}"}, "key": f"key-{number}"}
        answers = await twice(room, "entries", asked, asked)
        for index, web in enumerate(room.webs):
            while answers[index].status_code == 409:  # the other one still runs
                assert int(answers[index].headers["Retry-After"]) >= 0
                answers[index] = await room.write(web, "entries", **asked)
        assert [a.status_code for a in answers] == [201, 201], [a.text for a in answers]
        for name in ("Location", "ETag"):
            assert answers[0].headers[name] == answers[1].headers[name]
        assert answers[0].json() == answers[1].json()
        made.append(answers[0].json()["id"])
    assert len(set(made)) == ROUNDS
    for web in room.webs:
        newest = (await web.all_entries())[:ROUNDS]
        assert [entry["id"] for entry in newest] == made[::-1]
        assert (await web.json("snapshot"))["seq"] == before["seq"] + ROUNDS


async def test_one_of_two_revisions_wins_and_the_other_is_shown_it(room: Newsroom) -> None:
    winners: set[str] = set()
    for number in range(ROUNDS):
        entry = await room.post(room.webs[0], {"body": f"Words {number}"})
        asked: list[Data] = [
            {
                "body": {"body": f"Words {number} as {web.name} has them"},
                "method": "PATCH",
                "key": f"{web.name}-{number}",
                "match": entry["revision"],
            }
            for web in room.webs
        ]
        answers = await twice(room, f"entries/{entry['id']}", *asked)
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (200, 412), [a.text for a in answers]
        winners.add(won.json()["body"][-len("A has them") :])
        assert won.json()["revision"] == entry["revision"] + 1
        assert won.json()["body"] == asked[answers.index(won)]["body"]["body"]
        assert lost.json()["current"] == won.json()
        assert lost.headers["ETag"] == won.headers["ETag"]
        for web in room.webs:
            assert await web.json(f"entries/{entry['id']}") == won.json()
            revisions = (await web.json(f"entries/{entry['id']}/revisions"))["revisions"]
            assert len(revisions) == 2
    print(f"won: {sorted(winners)}")  # noqa: T201 - a figure for the log


async def test_a_retraction_in_one_process_is_gone_in_the_other(room: Newsroom) -> None:
    old = (await room.webs[1].json("snapshot"))["cursor"]
    # A reader of B, so that B answers from its memory.
    address = f"ws://{room.webs[1].address}/api/v1/blogs/{SLUG}/live?after={old}"
    async with connect(address, proxy=None, max_queue=None) as reader:
        await reader.recv()
        well = [await retracted(room, f"Wrong words {n}.", old) for n in range(5)]
        room.valkey.stop_signal(SIGSTOP)
        try:
            frozen = [await retracted(room, f"Wrong while frozen {n}.", old) for n in range(3)]
        finally:
            room.valkey.stop_signal(SIGCONT)
    print(f"gone after {max(well):.2f} s, with Valkey frozen {max(frozen):.2f} s")  # noqa: T201
    # A bound the protocol gives, so it is asked for here and not in bench alone.
    assert max(well + frozen) <= GONE_WITHIN + ALLOWANCE


async def retracted(room: Newsroom, text: str, cursor: str) -> float:
    """Publish in A, see it in B, retract in A; seconds from that answer to its end in B."""
    first, second = room.webs
    entry = await room.post(first, {"body": text})
    async with asyncio.timeout(WITHIN):
        while not all(text in answer for answer in await everywhere(second, cursor)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        path = f"entries/{entry['id']}/retract"
        answer = await room.write(first, path, {"note": None}, match=entry["revision"])
        answered = time.monotonic()
        assert answer.status_code == 200, answer.text
        while True:
            asked = time.monotonic()
            if not any(text in answer for answer in await everywhere(second, cursor)):
                break
            await asyncio.sleep(0.02)
    await assert_tombstone(second, entry, cursor)
    return asked - answered


async def everywhere(web: Web, cursor: str) -> list[str]:
    """All that a reader of this process may be given now: snapshot, list, changes, page."""
    base = f"/api/v1/blogs/{SLUG}"
    changes = f"{base}/changes?after={cursor}"
    lists = [f"{base}/snapshot", f"{base}/snapshot?view=page", f"{base}/entries?limit=100"]
    paths = [*lists, changes, f"{changes}&view=page", f"/blogs/{SLUG}"]
    return [(await web.http.get(path)).raise_for_status().text for path in paths]


async def assert_tombstone(web: Web, entry: Data, cursor: str) -> None:
    """The entry is gone as an entry, and who has it is told so."""
    answer = await web.http.get(f"/api/v1/blogs/{SLUG}/entries/{entry['id']}")
    assert answer.status_code == 410
    assert answer.json()["tombstone"]["state"] == "retracted"
    changes = (await web.json("changes", after=cursor))["changes"]
    (change,) = [c for c in changes if c["entry"]["id"] == entry["id"]]
    assert change["type"] == "entry.retracted"
    assert not {"body", "html", "text"} & change["entry"].keys()

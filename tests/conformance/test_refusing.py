"""A reader's socket takes no data: the table of ``refusing.py`` on a live address.

Every way a reader may be served is to treat the same bytes alike.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from liveblog.server import protocol, reader
from liveblog.server.protocol import LiveProtocol
from tests.conformance.peer import peer, play
from tests.conformance.refusing import COMPRESSED, PLAIN, Case, Close
from tests.conformance.sending import TEXT, frame
from tests.kit import SLUG
from tests.served import DEADLINE, Served, Way, eventually, serving

WAYS: tuple[Way, ...] = ("lane", "live")

PATH = f"/api/v1/blogs/{SLUG}/live"
TOGETHER = 20
"""Connections at a time."""

ways = pytest.mark.parametrize("way", WAYS)


@asynccontextmanager
async def reading(folder: Path, way: Way) -> AsyncIterator[Served]:
    """A server whose blog is read already. At the end no connection, reader or complaint is
    left of what a test did."""
    async with serving(folder, way) as served:
        await served.blog()
        connections = served.server.server_state.connections
        async with peer(served.address, PATH):
            yield served
            await eventually(lambda: len(connections) == 1, f"left: {connections}")
        await eventually(lambda: served.hub.readers == 0)


async def faults(
    served: Served, cases: Sequence[Case], extensions: str | None = None
) -> dict[str, str]:
    """What went wrong, by case: sent in one piece, and each byte alone."""
    turns = asyncio.Semaphore(TOGETHER)

    async def one(case: Case, chopped: bool) -> tuple[str, str]:
        async with turns, peer(served.address, PATH, extensions) as client:
            agreed = b"permessage-deflate" in client.head
            assert agreed == (extensions is not None)
            name = f"{case.name}, chopped" if chopped else case.name
            return name, await play(client, case, chopped)

    runs = [one(case, False) for case in cases]
    # Byte by byte only what is short: the rest would be the same again.
    runs += [one(case, True) for case in cases if len(case.sent) < 600]
    return {name: fault for name, fault in await asyncio.gather(*runs) if fault}


@ways
@pytest.mark.parametrize("group", PLAIN)
async def test_a_reader_may_only_ping_pong_and_close(
    tmp_path: Path, way: Way, group: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with reading(tmp_path, way) as served:
        assert await faults(served, PLAIN[group]) == {}
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@ways
async def test_what_comes_compressed_is_judged_by_what_it_says(
    tmp_path: Path, way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    async with reading(tmp_path, way) as served:
        assert await faults(served, COMPRESSED, "permessage-deflate") == {}
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@ways
async def test_the_ways_are_what_they_are_called(tmp_path: Path, way: Way) -> None:
    async with reading(tmp_path, way) as served:
        async with peer(served.address, PATH):
            served_by = [
                isinstance(one, LiveProtocol) for one in served.server.server_state.connections
            ]
            assert len(served_by) == 2
            # The first one opened the topic, which is for the endpoint.
            assert served_by.count(True) == (2 if way == "live" else 1)


@ways
async def test_a_refused_peer_that_answers_nothing_is_cut(
    tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT", 0.2)
    monkeypatch.setattr(reader, "CLOSE_TURNS", 1)
    async with reading(tmp_path, way) as served:
        async with peer(served.address, PATH) as client:
            await client.send(frame(TEXT, b"Hello"))
            first = await client.frame()
            while first == (0x89, b""):  # on a busy machine one may be due
                first = await client.frame()
            assert first is not None
            assert first[0] == 0x88
            assert first[1][:2] == Close(4500).code.to_bytes(2, "big")
            async with asyncio.timeout(DEADLINE):
                assert await client.frame() is None


@ways
async def test_a_peer_that_goes_without_a_word_leaves_nothing(tmp_path: Path, way: Way) -> None:
    """:func:`reading` looks whether something is left."""
    async with reading(tmp_path, way) as served:
        for sent in (b"", frame(TEXT, b"frag", fin=False), b"\x81", frame(TEXT, b"all")):
            async with peer(served.address, PATH, "permessage-deflate") as client:
                await client.send(sent)

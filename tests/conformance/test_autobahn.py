"""Autobahn's cases against our WebSocket class, with an application that echoes.

``make test`` runs all of 1 to 7 and 10, and two of the eighteen sizes of each compression
group (12 and 13), each a thousand messages. ``AUTOBAHN=all`` runs every case but 9, which
measures speed; that takes minutes.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import uvicorn
from kosoku import FailureError, run_fuzzingclient
from kosoku._kosoku import CaseResult
from starlette.types import Receive, Scope, Send

from liveblog.config import Settings
from liveblog.server.listening import bind
from liveblog.server.web import web_config
from tests.served import eventually

SMALL_WINDOW = ["13.3.*", "13.5.*"]
"""Not met by design: these clients allow the server a window of 512 bytes and offer nothing
else, and we have one window of 4 KiB for all readers. 13.7 has a second offer, which is met."""

SIZES = (4, 11)
"""1 KiB in one frame, 8 KiB in fragments of 256 bytes."""

# The cases leave their test data open.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

ALL = os.environ.get("AUTOBAHN") == "all"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back each message as it came."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """Our server as it runs, but with room for the large messages of the cases, and no pings."""
    config = web_config(Settings(), echo)
    config.ws_max_size = 1 << 24
    config.ws_ping_interval = None  # a case that is pinged takes it for its end
    server = uvicorn.Server(config)
    listener = bind("127.0.0.1", 0)
    task = asyncio.create_task(server._serve([listener]))
    try:
        await eventually(lambda: server.started)
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def outcomes(cases: Sequence[str], without: Sequence[str] = ()) -> list[CaseResult]:
    """All results when all cases passed, otherwise those that did not."""
    async with echoing() as url:
        try:
            return await run_fuzzingclient(url, cases, without or None, concurrency=4)
        except FailureError as failed:
            return failed.results


def failures(results: Sequence[CaseResult]) -> dict[str, str]:
    """What did not pass, and why."""
    return {
        one.case_id: f"{one.behavior.value}: {one.result} {one.behavior_close.value}:"
        f" {one.result_close}"
        for one in results
        if not one.passed
    }


async def test_every_case_of_the_protocol_passes() -> None:
    """NON-STRICT counts as passed: text is checked when its message is whole, and a frame
    that breaks the rules ends the connection before the echo of the one before it."""
    results = await outcomes([f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)])
    assert failures(results) == {}
    assert len(results) == 247


@pytest.mark.timeout(1200)
async def test_every_case_of_compression_passes_that_our_window_allows() -> None:
    groups = [f"12.{n}" for n in range(1, 6)] + [f"13.{n}" for n in (1, 2, 4, 6, 7)]
    cases = [f"{group}.{size}" for group in groups for size in (range(1, 19) if ALL else SIZES)]
    results = await outcomes(cases)
    assert failures(results) == {}
    assert len(results) == len(cases)
    agreed = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"
    assert all(agreed in one.http_response for one in results)


async def test_a_client_that_allows_only_a_smaller_window_goes_on_without() -> None:
    results = await outcomes(SMALL_WINDOW)
    assert {one.behavior.value for one in results} == {"UNIMPLEMENTED"}
    assert {one.behavior_close.value for one in results} == {"OK"}
    assert len(results) == 36

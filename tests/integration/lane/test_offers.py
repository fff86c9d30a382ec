"""Readers who offered compression in different ways, or not at all, follow the same blog."""

import asyncio
import random
import string
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lane.kit import Following, Raw, empty, raw, warm
from tests.served import Way, serving

OFFERS = {
    "": 0,
    "x-other; a=1": 0,
    "permessage-deflate": 15,
    "permessage-deflate; client_max_window_bits": 15,  # Chrome, Firefox, Safari
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover": 15,
    "permessage-deflate; server_max_window_bits=12": 12,
    "permessage-deflate; server_max_window_bits=9": 0,  # smaller than what all share
    "permessage-deflate; server_max_window_bits=9, permessage-deflate": 15,
}
"""With the window that the peer has then, 0 for none."""


@pytest.mark.parametrize("receive_buffer", [None, 4096])
async def test_each_reads_the_same(folder: Path, way: Way, receive_buffer: int | None) -> None:
    """Also where sockets are full and frames are written in parts."""
    small: dict[str, Any] = (
        {} if receive_buffer is None else {"send_buffer": 4096, "write_buffer_bytes": 8192}
    )
    async with serving(folder, way, **small) as served:
        await served.blog()
        made = {(await served.publish()).id}
        await warm(served)
        topic = served.hub.topics[0].topic
        start = f"{topic.position.epoch}:{topic.window.head}"
        contexts = [raw(served, receive_buffer=receive_buffer) for _ in OFFERS]
        peers = [await context.__aenter__() for context in contexts]
        following = []
        for peer, (offer, bits) in zip(peers, OFFERS.items(), strict=True):
            head = await peer.join(*([f"Sec-WebSocket-Extensions: {offer}"] if offer else []))
            answer = head.headers.get("sec-websocket-extensions", "")
            assert answer.startswith("permessage-deflate") == bool(bits), (offer, answer)
            following.append(Following(topic.window.head, start, bits))
        made.clear()
        dice = random.Random(1)
        for number in range(40):
            # What is short is plain for everybody; what is long comes again beyond the window.
            letters = "".join(dice.choices(string.ascii_letters, k=(9, 200, 5000)[number % 3]))
            made.add((await served.publish(body=letters * 2)).id)
        head_seq = topic.window.head

        async def read(peer: Raw, follower: Following) -> None:
            follower.hear(peer.frames())
            while follower.state.seq < head_seq:
                assert await peer.read(1000)
                follower.hear(peer.frames())

        await asyncio.gather(*map(read, peers, following))
        assert all(one.entries == made for one in following)
        assert [bool(one.deflated) for one in following] == [bool(b) for b in OFFERS.values()]
        for context in contexts:
            await context.__aexit__(None, None, None)
        await empty(served)

"""Whether a long story makes anything slower: a long blog and a short one, in turns."""

from collections.abc import Callable
from contextlib import closing
from statistics import median

import msgspec

from bench.asked import Asked
from bench.desk import NEWS
from bench.figures import Row, ratio_row
from bench.house import house
from bench.plain import Client

CHANGES = 10
"""How many the cursor is behind in a catch-up."""
SMALL = 100
BATCH = 10
"""Requests whose median makes one round."""


def measure(asked: Asked) -> list[Row]:
    """Page, snapshot, catch-up and POST of both."""
    body = msgspec.json.encode({"headline": NEWS.headline, "body": NEWS.body})
    with house(asked.folder) as ours:
        ours.desk.blog("small", SMALL)
        ours.desk.blog("big", asked.entries)
        with ours.web() as web, closing(Client(web.port, ours.desk.token())) as client:

            def catch_up(slug: str) -> float:
                epoch, head = position(client, slug)
                cursor = f"{epoch}:{head - CHANGES}"
                return client.timed("GET", f"/api/v1/blogs/{slug}/changes?after={cursor}")

            ways: dict[str, Callable[[str], float]] = {
                "live page": lambda slug: client.timed("GET", f"/blogs/{slug}"),
                "snapshot": lambda slug: client.timed("GET", f"/api/v1/blogs/{slug}/snapshot"),
                "catch-up": catch_up,
                "POST": lambda slug: client.timed("POST", f"/api/v1/blogs/{slug}/entries", body),
            }
            found = []
            for name, way in ways.items():
                small, large = in_turns(way, asked.rounds)
                what = f"{name} of a blog of {asked.entries:,} entries to one of {SMALL}"
                found.append(Row(f"{name} of a blog of {SMALL} entries, p50", median(small), "µs"))
                found.append(ratio_row(what, large, small, 1.2))
    return found


def in_turns(way: Callable[[str], float], rounds: int) -> tuple[list[float], list[float]]:
    """The median of each round for both blogs, request by request in turns."""
    small: list[float] = []
    large: list[float] = []
    for turn in range(rounds + 1):
        pairs = [(way("small"), way("big")) for _ in range(BATCH)]
        if turn:  # the first round warms up
            small.append(median(one for one, _ in pairs))
            large.append(median(two for _, two in pairs))
    return small, large


def position(client: Client, slug: str) -> tuple[str, int]:
    """Epoch and head of a blog."""
    cursor = client.ask("GET", f"/api/v1/blogs/{slug}/snapshot").head["liveblog-cursor"]
    epoch, _, seq = cursor.rpartition(":")
    return epoch, int(seq)

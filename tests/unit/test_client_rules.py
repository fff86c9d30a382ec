"""What a client does about a message, by the table that every client passes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.client.backoff import Backoff
from liveblog.client.items import Seen, items_of, subject_of
from liveblog.wire.follower import Follower, follow

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "follower.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    step = follow(Follower(**vector["state"]), vector["message"])
    expect = vector["expect"]
    assert (step.action, step.state.cursor, step.state.seq) == (
        expect["action"],
        expect["cursor"],
        expect["seq"],
    )


def _entry(name: str, revision: int, seq: int = 1) -> dict[str, Any]:
    return {
        "type": "entry.revised",
        "seq": seq,
        "at": "",
        "entry": {"id": name, "revision": revision},
    }


def test_only_the_last_change_of_a_message_moves_the_cursor() -> None:
    changes = (_entry("a", 1), _entry("b", 1), _entry("c", 1))
    cursors = [c.cursor for c in items_of(changes, "k:1", "k:9", Seen())]
    assert cursors == ["k:1", "k:1", "k:9"]


def test_a_change_that_is_no_news_does_not_keep_the_cursor_back() -> None:
    seen = Seen()
    assert len(list(items_of((_entry("b", 2),), "k:0", "k:1", seen))) == 1
    changes = (_entry("a", 1), _entry("b", 2))
    assert [c.cursor for c in items_of(changes, "k:1", "k:9", seen)] == ["k:9"]


def test_the_subject_of_a_type_from_the_future() -> None:
    assert subject_of({"type": "poll.opened", "poll": {"id": "p"}}) == ("poll", {"id": "p"})
    assert subject_of({"type": "odd", "thing": {"id": "p"}}) == ("thing", {"id": "p"})
    assert subject_of({"type": "odd"}) == ("odd", {})


def test_a_subject_that_cannot_be_compared_is_always_news() -> None:
    seen = Seen()
    assert seen.admit("poll", {"id": "p"})
    assert seen.admit("poll", {"id": "p"})


def test_a_new_history_may_count_revisions_anew() -> None:
    seen = Seen()
    assert seen.admit("entry", {"id": "a", "revision": 7})
    seen.restart({"entries": [{"id": "a", "revision": 2}], "pinned": None, "day": None})
    assert not seen.admit("entry", {"id": "a", "revision": 2})
    assert seen.admit("entry", {"id": "a", "revision": 3})


def test_memory_of_revisions_is_bounded() -> None:
    seen = Seen(most=2)
    assert all(seen.admit("entry", {"id": name, "revision": 1}) for name in "abc")
    assert not seen.admit("entry", {"id": "c", "revision": 1})
    assert seen.admit("entry", {"id": "a", "revision": 1})


@given(st.integers(1, 40))
def test_waits_double_up_to_thirty_seconds_and_start_again(times: int) -> None:
    backoff = Backoff()
    for n in range(times):
        assert 0 <= backoff.next() <= min(0.5 * 2**n, 30)
    backoff.reset()
    assert backoff.next() <= 0.5


def test_what_the_server_asks_for_is_waited_for() -> None:
    assert 7 <= Backoff().next(7) <= 8

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

VECTORS = Path(__file__).parents[1] / "vectors"
CASES = json.loads((VECTORS / "follow.json").read_text())["cases"]
FUTURE = json.loads((VECTORS / "future.json").read_text())


def _state(said: dict[str, Any]) -> Follower:
    return Follower(said["cursor"], said["seq"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_case_of_the_table(case: dict[str, Any]) -> None:
    step = follow(_state(case["state"]), case["message"])
    expect = case["expect"]
    assert step.action == expect["action"]
    assert step.state == _state(expect["state"])
    assert len(step.changes) == expect["changes"]


def test_a_conversation_from_the_future() -> None:
    state, actions, seen = _state(FUTURE["start"]), [], Seen()
    shown: dict[str, str | None] = {}
    for message in FUTURE["messages"]:
        step = follow(state, message)
        actions.append(step.action)
        after = step.state.cursor or ""
        for item in items_of(step.changes, state.cursor, after, seen):
            if item.type.startswith("entry.") and (
                item.type != "entry.retracted" or item.subject["id"] in shown
            ):
                shown[item.subject["id"]] = item.subject.get("html")
        state = step.state
    assert actions == FUTURE["expect"]["actions"]
    assert state == _state(FUTURE["expect"]["state"])
    assert shown == {e["id"]: e["html"] for e in FUTURE["expect"]["entries"]}


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

"""What the desk's lists hold and what its sentences say, as values."""

from typing import Any

import pytest

from tests.nodetools import evaluated
from tests.unit.test_studio_merge import STUDIO


def entry(number: int, **fields: Any) -> dict[str, Any]:
    at = f"2025-07-23T10:{number:02}:00Z"
    return {
        "id": f"e{number}",
        "revision": 1,
        "state": "published",
        "kind": "text",
        "key": False,
        "tags": [],
        "by": {"id": "ana", "name": "Ana"},
        "created_at": at,
        "published_at": at,
    } | fields


def lists(steps: list[Any], filter: dict[str, Any] | None = None) -> list[str]:
    """The ids in a list after these steps, each the name of a function and its arguments."""
    function = """([filter, steps]) => steps.reduce(
      (list, [name, ...rest]) => m[name](list, ...rest), m.empty(filter)).entries"""
    (found,) = evaluated(STUDIO / "lists.js", function, [[filter or {}, steps]])
    return [one["id"] for one in found]


PAGE = {"entries": [entry(9), entry(8), entry(7)], "next": "below"}


def test_an_entry_comes_in_its_place_and_goes() -> None:
    assert lists([["read", PAGE], ["put", entry(10)]]) == ["e10", "e9", "e8", "e7"]
    moved = entry(7, published_at="2025-07-23T11:00:00Z", revision=2)
    assert lists([["read", PAGE], ["put", moved]]) == ["e7", "e9", "e8"]
    assert lists([["read", PAGE], ["drop", "e8"]]) == ["e9", "e7"]


def test_what_lies_below_what_is_known_is_not_put_beside_it() -> None:
    assert lists([["read", PAGE], ["put", entry(2)]]) == ["e9", "e8", "e7"]
    assert lists([["read", PAGE | {"next": None}], ["put", entry(2)]]) == ["e9", "e8", "e7", "e2"]


def test_a_page_more_goes_below() -> None:
    more = {"entries": [entry(7), entry(6)], "next": None}
    assert lists([["read", PAGE], ["read", more, True]]) == ["e9", "e8", "e7", "e6"]
    assert lists([["read", PAGE], ["read", more]]) == ["e7", "e6"]


def test_an_older_answer_does_not_undo_a_newer_one() -> None:
    newer = entry(8, revision=3, state="retracted", retracted_at="2025-07-23T10:08:00Z")
    state = {"state": "published"}
    assert lists([["read", PAGE], ["put", newer], ["put", entry(8)]], state)[:1] == ["e9"]
    function = "([list, page, one]) => m.read(m.put(m.read(list, page), one), page).entries"
    case = [{"entries": [], "next": None, "filter": {}}, PAGE, newer]
    empty = evaluated(STUDIO / "lists.js", "(c) => m.empty({})", [0])[0]
    (found,) = evaluated(STUDIO / "lists.js", function, [[empty, *case[1:]]])
    assert [one["revision"] for one in found] == [1, 3, 1]


@pytest.mark.parametrize(
    ("filter", "stays"),
    [
        ({"state": "published"}, ["e9", "e8"]),
        ({"state": "draft,submitted"}, ["e7"]),
        ({"author": "ben"}, ["e8"]),
        ({"kind": "quote"}, ["e9"]),
        ({"key": "true"}, ["e8"]),
        ({"tag": "war"}, ["e9"]),
    ],
)
def test_only_what_was_asked_for_is_in_it(filter: dict[str, str], stays: list[str]) -> None:
    steps = [
        ["put", entry(9, kind="quote", tags=["war"])],
        ["put", entry(8, key=True, by={"id": "ben", "name": "Ben"})],
        ["put", entry(7, state="draft")],
    ]
    assert lists(steps, filter) == stays


def test_a_receipt_belongs_to_a_revision() -> None:
    told = {"entry": "e8", "revision": 1, "readers": 5, "ms": 3}
    function = """([page, told, late]) => [told, late].map((one) =>
      m.receipt(m.read(m.empty({}), page), one).entries[1].receipt ?? null)"""
    (found,) = evaluated(STUDIO / "lists.js", function, [[PAGE, told, told | {"revision": 2}]])
    assert found == [{"readers": 5, "ms": 3}, None]


def test_unread_is_what_was_not_seen_as_it_is() -> None:
    found = evaluated(
        STUDIO / "lists.js",
        "([entries, seen]) => m.unread(entries, seen)",
        [[[entry(1), entry(2, revision=2), entry(3)], {"e1": 1, "e2": 1}]],
    )
    assert found == [2]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("m.receiptWords({ readers: 1204, ms: 38.4 })", "written to 1,204 readers in 38 ms"),
        ("m.receiptWords({ readers: 1, ms: 2300 })", "written to 1 reader in 2.3 s"),
        ("m.receiptWords({ readers: 0, ms: 0 })", "nobody was connected"),
        ("m.receiptWords(null)", ""),
        ('m.workingWords(["Ana"])', "Ana is working on this entry"),
        ('m.workingWords(["Ana", "Ben"])', "Ana and Ben are working on this entry"),
        ('m.workingWords(["A", "B", "C", "D"])', "A, B and 2 others are working on this entry"),
        ("m.until('2025-07-23T10:00:00Z', Date.parse('2025-07-23T09:59:48Z'))", "in 12 s"),
        ("m.until('2025-07-23T10:00:00Z', Date.parse('2025-07-23T08:55:00Z'))", "in 1 h 5 min"),
        ("m.until('2025-07-23T10:00:00Z', Date.parse('2025-07-21T07:00:00Z'))", "in 2 d 3 h"),
        ("m.until('2025-07-23T10:00:00Z', Date.parse('2025-07-23T10:00:00Z'))", "now"),
        ("m.clock('2025-07-23T10:00:00Z', 'Europe/Kyiv')", "13:00"),
        ("m.dateOf('2025-07-23T22:00:00Z', 'Europe/Kyiv')", "2025-07-24"),
        (
            "m.moment('2025-07-23T10:00:00Z', 'Europe/Kyiv', Date.parse('2025-07-24T10:00:00Z'))",
            "23 Jul, 13:00",
        ),
        ("m.dayWords('2025-07-23')", "Wednesday 23 July 2025"),
        ("m.called({ headline: '', text: ' Some\\nwords ' })", "Some words"),
    ],
)
def test_the_sentences(call: str, wanted: str) -> None:
    assert evaluated(STUDIO / "words.js", f"() => {call}", [0]) == [wanted]


def test_others_are_named_once_whatever_windows_they_have() -> None:
    people = [
        {"id": "me", "name": "Me", "entry": "e1", "idle": False},
        {"id": "b", "name": "Ben", "entry": None, "idle": True},
        {"id": "a", "name": "Ana", "entry": "e1", "idle": False},
        {"id": "a", "name": "Ana", "entry": "e2", "idle": True},
    ]
    function = "(p) => [m.others(p, 'me'), m.workingOn(p, 'me', 'e1')]"
    (found,) = evaluated(STUDIO / "working.js", function, [people])
    assert found == [
        [
            {"id": "a", "name": "Ana", "entries": ["e1", "e2"], "idle": False},
            {"id": "b", "name": "Ben", "entries": [], "idle": True},
        ],
        ["Ana"],
    ]

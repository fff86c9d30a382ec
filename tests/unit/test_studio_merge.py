"""The desk's comparison of texts: nothing of either side is lost, and nothing is decided."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nodetools import HERE, evaluated

STUDIO = HERE.parent.parent / "liveblog" / "web" / "static" / "studio"

WORD = st.sampled_from(["one", "two", "three", "four", "пʼять", "ستة", "one,"])
TEXT = st.lists(st.one_of(WORD, st.sampled_from([" ", "  ", "\n", "\n\n"])), max_size=14).map(
    "".join
)
# A process of Node is slow to start, so that each is asked about many cases.
MANY = settings(max_examples=5, deadline=None)


def diffs(function: str, cases: list[Any]) -> list[Any]:
    return evaluated(STUDIO / "diff.js", function, cases)


def merges(function: str, cases: list[Any]) -> list[Any]:
    return evaluated(STUDIO / "merge.js", function, cases)


def kinds(base: str, mine: str, theirs: str) -> list[tuple[str, str | None]]:
    (found,) = diffs("(c) => m.merge(...c)", [[base, mine, theirs]])
    return [(passage["kind"], passage.get("text")) for passage in found]


@MANY
@given(st.lists(st.tuples(TEXT, TEXT), min_size=40, max_size=40))
def test_a_word_diff_holds_both_texts(pairs: list[tuple[str, str]]) -> None:
    for (before, after), pieces in zip(
        pairs, diffs("(c) => m.wordDiff(...c)", [list(pair) for pair in pairs]), strict=True
    ):
        assert "".join(p["text"] for p in pieces if p["kind"] != "added") == before
        assert "".join(p["text"] for p in pieces if p["kind"] != "removed") == after


@MANY
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=60, max_size=60))
def test_the_passages_hold_all_three_texts(cases: list[tuple[str, str, str]]) -> None:
    for texts, passages in zip(
        cases, diffs("(c) => m.merge(...c)", [list(case) for case in cases]), strict=True
    ):
        for name, text in zip(("base", "mine", "theirs"), texts, strict=True):
            assert "".join(passage[name] for passage in passages) == text
        for one in passages:
            assert ("text" in one) == (one["kind"] != "conflict")


@MANY
@given(st.lists(st.tuples(TEXT, TEXT), min_size=40, max_size=40))
def test_where_one_side_changed_nothing_the_other_stands(pairs: list[tuple[str, str]]) -> None:
    function = """(c) => [
      m.joined(m.merge(c[0], c[1], c[0])), m.joined(m.merge(c[0], c[0], c[1])),
      m.joined(m.merge(c[0], c[1], c[1])),
    ]"""
    for (_, after), found in zip(pairs, diffs(function, [list(p) for p in pairs]), strict=True):
        assert found == [after] * 3


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "wanted"),
    [
        (
            "A\n\nB",
            "A\n\nB\n\nC",
            "X\n\nB",
            [("theirs", "X"), ("same", "\n\nB"), ("mine", "\n\nC")],
        ),
        ("five died", "six died", "seven died", [("conflict", None)]),
        ("a b c d", "x b c d", "a b c y", [("combined", "x b c y")]),
        # A blank between two changed words does not hold them apart.
        ("five people died", "six people died", "five persons died", [("conflict", None)]),
        ("one two", "one two", "one two", [("same", "one two")]),
        ("one", "two", "two", [("both", "two")]),
        ("A", "A\n\nC", "A\n\nD", [("same", "A"), ("conflict", None)]),
        ("", "mine", "", [("mine", "mine")]),
    ],
)
def test_who_changed_what(base: str, mine: str, theirs: str, wanted: list[Any]) -> None:
    assert kinds(base, mine, theirs) == wanted


def test_a_long_passage_is_compared_whole() -> None:
    before, after = " ".join(map(str, range(3000))), " ".join(map(str, range(9000, 12000)))
    (pieces,) = diffs("(c) => m.wordDiff(...c)", [[before, after]])
    assert [piece["kind"] for piece in pieces] == ["removed", "added"]


BASE = {"headline": "Five dead", "body": "A\n\nB", "key": False, "tags": ["kyiv", "war"]}
FIELDS = '["headline","body","key","tags"],{"texts":["body"],"sets":["tags"]}'


def settle(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    case = {"base": BASE, "mine": BASE | mine, "theirs": BASE | theirs}
    (found,) = merges(f"(c) => m.mergeFields(c, {FIELDS})", [case])
    return dict(found)


def test_fields_that_one_person_changed_follow_by_themselves() -> None:
    found = settle({"headline": "Six dead", "tags": ["war", "fire"]}, {"key": True, "tags": ["x"]})
    assert found["open"] == []
    assert found["settled"] == {
        "headline": "Six dead",
        "body": "A\n\nB",
        "key": True,
        "tags": ["fire", "x"],
    }


def test_other_paragraphs_of_one_text_follow_by_themselves() -> None:
    found = settle({"body": "A, more\n\nB"}, {"body": "A\n\nB\n\nC"})
    assert found["settled"]["body"] == "A, more\n\nB\n\nC"


def test_what_both_changed_is_decided_by_nobody_but_the_editor() -> None:
    found = settle(
        {"headline": "Six", "body": "A\n\nmine"}, {"headline": "Seven", "body": "A\n\nx"}
    )
    assert "headline" not in found["settled"]
    headline, body = found["open"]
    assert (headline["base"], headline["mine"], headline["theirs"]) == ("Five dead", "Six", "Seven")
    assert [passage["kind"] for passage in body["passages"]] == ["same", "conflict"]


def test_what_two_people_changed_in_one_sentence_is_shown_even_where_it_fits() -> None:
    found = settle({"body": "A one more\n\nB"}, {"body": "A\n\nB"})
    assert found["open"] == []
    one = {"base": {"body": "a b c d"}, "mine": {"body": "x b c d"}, "theirs": {"body": "a b c y"}}
    (found,) = merges('(c) => m.mergeFields(c, ["body"], {texts: ["body"]})', [one])
    assert [passage["kind"] for passage in found["open"][0]["passages"]] == ["combined"]


@pytest.mark.parametrize(
    ("choices", "wanted"),
    [
        ({}, "A\n\nmine"),
        ({"1": "mine"}, "A\n\nmine"),
        ({"1": "theirs"}, "A\n\ntheirs"),
        ({"1": "both"}, "A\n\nmine\n\ntheirs"),
    ],
)
def test_the_text_follows_the_choices(choices: dict[str, str], wanted: str) -> None:
    passages = diffs("(c) => m.merge(...c)", [["A\n\nB", "A\n\nmine", "A\n\ntheirs"]])[0]
    function = "([passages, choices]) => m.chosen(passages, choices)"
    assert merges(function, [[passages, choices]]) == [wanted]


def test_only_what_differs_is_sent() -> None:
    function = '([base, mine]) => m.changed(base, mine, ["headline", "body", "key", "quote"])'
    assert merges(function, [[BASE, BASE | {"body": "New", "quote": None}]]) == [{"body": "New"}]

"""The roll-up while it is arranged, an entry's fields, and what may be done, as values."""

from typing import Any

import pytest

from tests.nodetools import evaluated
from tests.unit.test_studio_merge import STUDIO


def call(module: str, expression: str) -> Any:
    (found,) = evaluated(STUDIO / module, f"() => {expression}", [0])
    return found


LINES = '[{entry:"a",text:null,headline:"A"},{entry:"b",text:"Bee",headline:"B"}]'
ENTRIES = """["a","b","c"].map((id) => ({id, state: "published", headline: id.toUpperCase()}))"""


def names(lines: list[dict[str, Any]]) -> list[str]:
    return [one["entry"] for one in lines]


def test_a_line_is_its_headline_until_it_is_reworded() -> None:
    day = '{items: [{entry: "a", text: "A"}, {entry: "b", text: "Bee"}]}'
    found = call("lines.js", f"m.linesOf({day}, {ENTRIES})")
    assert [one["text"] for one in found["lines"]] == [None, "Bee"]
    assert names(found["out"]) == ["c"]


@pytest.mark.parametrize(
    ("move", "wanted"), [((0, 1), "ba"), ((1, 0), "ba"), ((0, 2), "ab"), ((0, -1), "ab")]
)
def test_a_line_moves_within_the_list(move: tuple[int, int], wanted: str) -> None:
    found = call("lines.js", f"m.moved({LINES}, {move[0]}, {move[1]})")
    assert "".join(names(found)) == wanted


def test_an_empty_line_is_the_headline_again() -> None:
    for words, text in (("", None), (" B ", None), ("New", "New")):
        found = call("lines.js", f"m.itemsOf(m.reworded({LINES}, 'b', '{words}'))")
        assert found == [{"entry": "a", "text": None}, {"entry": "b", "text": text}]


def test_mine_after_others_has_nothing_withdrawn_and_what_came() -> None:
    theirs = '[{entry:"c",text:null,headline:"C"},{entry:"b",text:null,headline:"B"}]'
    entries = f"{ENTRIES}.map((e) => e.id === 'a' ? {{...e, state: 'retracted'}} : e)"
    found = call("lines.js", f'm.rebased({LINES}, ["a", "b"], {theirs}, {entries})')
    assert [(one["entry"], one["text"]) for one in found] == [("b", "Bee"), ("c", None)]
    # What I knew and left out does not come back.
    found = call("lines.js", f'm.rebased({LINES}, ["a", "b", "c"], {theirs}, {entries})')
    assert names(found) == ["b"]


@pytest.mark.parametrize(
    ("change", "alone"),
    [
        ({"items": [("a", "A")]}, False),  # B is left out, though it is still key.
        ({"items": [("b", "B"), ("a", "A")]}, False),
        ({"items": [("a", "A"), ("b", "Bee")]}, False),
        ({"frozen": True}, False),
        ({"items": [("a", "A"), ("b", "B"), ("c", "C")]}, True),
        ({"items": [("b", "B")], "gone": "a"}, True),
    ],
)
def test_what_an_editor_did_to_a_day_is_told_from_what_entries_did(
    change: dict[str, Any], alone: bool
) -> None:
    function = """([before, after, gone]) => m.assembled(before, after,
      ["a", "b", "c"].map((id) => ({id, state: id === gone ? "retracted" : "published"})))"""

    def as_day(items: list[tuple[str, str]], frozen: bool = False) -> dict[str, Any]:
        made = [{"entry": entry, "text": text} for entry, text in items]
        return {"title": None, "frozen": frozen, "items": made}

    start = [("a", "A"), ("b", "B")]
    after = as_day(change.get("items", start), change.get("frozen", False))
    case = [as_day(start), after, change.get("gone")]
    assert evaluated(STUDIO / "lines.js", function, [case]) == [alone]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("m.tagsOf('#war, kyiv ,, war')", ["war", "kyiv"]),
        (
            "m.bylinesOf('Ana, New', [{name: 'Ana', role: 'Editor'}])",
            [{"name": "Ana", "role": "Editor"}, {"name": "New"}],
        ),
        ("m.patchOf({headline: ' '})", {"headline": None}),
        ("m.patchOf({body: ''})", {"body": ""}),
        ("m.inWords(true)", "Yes"),
        ("m.inWords([])", "None"),
        ("m.inWords([{name: 'Ana', role: 'Editor'}, {name: 'Ben'}])", "Ana, Editor; Ben"),
        (
            "m.inWords({text: 'I go', speaker: 'He', source: {title: 'T', url: 'u'}})",
            "I go, He, T",
        ),
    ],
)
def test_fields_and_their_words(expression: str, wanted: Any) -> None:
    assert call("values.js", expression) == wanted


@pytest.mark.parametrize(
    ("media", "edit", "wanted"),
    [
        ([{"url": "old"}], None, []),  # As it was made by a service: nobody is asked.
        ([{"url": "new"}], None, ["alt-0"]),
        ([{"url": "new", "alt": " "}], None, ["alt-0"]),
        ([{"url": "old"}, {"url": "new", "alt": ""}], None, []),  # Decorative.
        ([{"url": "new", "alt": "A bridge"}], None, []),
        ([], {"mark": "correction", "note": " "}, ["note"]),
        ([], {"mark": "update", "note": ""}, []),
    ],
)
def test_what_stands_in_the_way_of_saving(
    media: list[dict[str, str]], edit: dict[str, str] | None, wanted: list[str]
) -> None:
    function = "([values, edit]) => m.faultsOf({ media: [{ url: 'old' }] }, values, edit)"
    values = {"media": media, "body": ""}
    (found,) = evaluated(STUDIO / "values.js", function, [[values, edit]])
    assert list(found) == wanted
    long = values | {"body": "a" * 50_002}
    (found,) = evaluated(STUDIO / "values.js", function, [[long, edit]])
    assert found["body"] == "The text is too long for one entry, by 2 characters."


@pytest.mark.parametrize(
    ("state", "role", "wanted"),
    [
        ("draft", "contributor", ["edit", "continue", "submit", "discard"]),
        ("draft", "editor", ["edit", "continue", "publish", "discard"]),
        ("submitted", "contributor", ["edit", "back"]),
        ("published", "contributor", []),
        ("published", "editor", ["edit", "pin", "history", "retract"]),
        ("retracted", "chief", ["restore", "history"]),
    ],
)
def test_who_is_offered_what(state: str, role: str, wanted: list[str]) -> None:
    at = '"2025-07-23T10:00:00Z"' if state in ("published", "retracted") else "null"
    assert (
        call("doing.js", f'm.actionsOf({{state: "{state}", published_at: {at}}}, "{role}")')
        == wanted
    )


@pytest.mark.parametrize(("wide", "wanted"), [(300, "w320"), (400, "w640"), (2000, "own")])
def test_the_smallest_picture_that_fits(wide: int, wanted: str) -> None:
    sizes = "".join(
        f'{{url: "{kind[0]}{width}", width: {width}, type: "image/{kind}"}},'
        for kind in ("webp", "avif")
        for width in (640, 320)
    )
    assert call("sizes.js", f'm.fitting({{url: "own", renditions: [{sizes}]}}, {wide})') == wanted

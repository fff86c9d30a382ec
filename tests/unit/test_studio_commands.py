"""What the composer understands of what is typed: commands, first sentences, times, addresses."""

from tests.nodetools import evaluated
from tests.unit.test_studio_merge import STUDIO

TYPED = {
    "/": ("/", ""),
    "/k": ("/", "k"),
    "Words. /key": ("/", "key"),
    "line\n#tag": ("#", "tag"),
    "@Ов": ("@", "Ов"),
    "#": ("#", ""),
    "and/or": None,
    "ada@news.example": None,
    "# Heading": None,
    "C#": None,
    "/key ": None,
    "//": None,
    "": None,
}


def test_a_command_begins_a_word() -> None:
    found = evaluated(STUDIO / "commands.js", "(c) => m.commandAt(c, c.length)", list(TYPED))
    assert [(one["mark"], one["text"]) if one else None for one in found] == list(TYPED.values())


SENTENCES = {
    "The bridge was hit. Traffic stands.": "The bridge was hit",
    "**Hit**: the _bridge_": "Hit: the bridge",
    "> He said [no](https://n.example).": "He said no",
    "## A heading\n\nAnd text.": "A heading",
    "- one\n- two": "one",
    "What now? Nobody knows.": "What now?",
    "Міст уражено. Рух зупинено.": "Міст уражено",
    "أصيب الجسر. توقفت الحركة.": "أصيب الجسر",
    "And so on...": "And so on...",
    "\n\n  \n": "",
    "": "",
}


def test_the_first_sentence_is_proposed_without_its_markdown() -> None:
    found = evaluated(STUDIO / "commands.js", "(c) => m.firstSentence(c)", list(SENTENCES))
    assert found == list(SENTENCES.values())


def test_a_headline_that_is_there_stays() -> None:
    case = [{"headline": "Mine", "body": "Another."}]
    assert evaluated(STUDIO / "commands.js", '(c) => m.obeyed("key", c)', case) == [
        {"key": True, "headline": "Mine"}
    ]


def test_the_command_goes_and_the_words_around_it_stay() -> None:
    function = """([text, caret]) => {
      const left = m.without(text, m.commandAt(text, caret), caret);
      return [left.text, left.caret];
    }"""
    cases = [["a /key", 6], ["a /key b", 6], ["/key", 4], ["a\n/key\nb", 6]]
    assert evaluated(STUDIO / "commands.js", function, cases) == [
        ["a ", 2], ["a b", 2], ["", 0], ["a\nb", 2],
    ]  # fmt: skip


def test_names_are_found_by_any_of_their_words_and_without_marks() -> None:
    known = [{"name": "Zoë Lys", "role": "Kyiv"}, {"name": "Ada Byron"}]
    function = "([text, known]) => m.named(text, known).map(({ label, hint }) => [label, hint])"
    cases = [["zoe", known], ["by", known], ["Ada Byron", known], ["Jo", known], ["", known]]
    assert evaluated(STUDIO / "commands.js", function, cases) == [
        [["Zoë Lys", "Kyiv"], ["zoe", "New byline"]],
        [["Ada Byron", ""], ["by", "New byline"]],
        [["Ada Byron", ""]],
        [["Jo", "New byline"]],
        [["Zoë Lys", "Kyiv"], ["Ada Byron", ""]],
    ]


MOMENTS = {
    ("2026-11-26", "08:30", "Europe/Kyiv"): "2026-11-26T06:30:00.000Z",
    ("2026-07-01", "00:10", "Asia/Kathmandu"): "2026-06-30T18:25:00.000Z",
    ("2027-03-28", "03:30", "Europe/Kyiv"): None,
    ("2026-10-25", "03:30", "Europe/Kyiv"): "2026-10-25T00:30:00.000Z",
    ("2026-11-01", "01:30", "America/New_York"): "2026-11-01T05:30:00.000Z",
    ("2026-12-31", "23:59", "Pacific/Kiritimati"): "2026-12-31T09:59:00.000Z",
    ("", "", "UTC"): None,
}
"""Date and time on the clocks of a zone, and the moment: of two the first, of none none."""


def test_moments_of_zones() -> None:
    function = """(c) => {
      const found = m.momentOf(...c);
      return found === null ? null : new Date(found).toISOString();
    }"""
    cases = [list(case) for case in MOMENTS]
    assert evaluated(STUDIO / "zone.js", function, cases) == list(MOMENTS.values())


SLUGS = {
    "Élection: the night": "election-the-night",
    "  War -- the latest! ": "war-the-latest",
    "Вибори 2026": "2026",
    "حرب": "",
    "a" * 90: "a" * 80,
    "a" * 79 + " b": "a" * 79,
}


def test_an_address_is_proposed_from_the_title() -> None:
    assert evaluated(STUDIO / "slug.js", "(c) => m.slugOf(c)", list(SLUGS)) == list(SLUGS.values())

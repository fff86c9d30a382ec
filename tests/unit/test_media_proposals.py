"""Caption, credit and date as they are proposed: without what is meant for the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveblog.media.proposals import (
    NAME,
    NAMES,
    TEXTS,
    Said,
    join_credit,
    moment,
    proposed,
)

CAPTION = "Rescuers carry a man out of a house in Kharkiv."


@pytest.mark.parametrize(
    "found",
    [
        f"AP-12345 {CAPTION}",
        f"AFP_34ZX8Y2 - {CAPTION}",
        f"TOPSHOT - UKRAINE-RUSSIA-CONFLICT {CAPTION}",
        f"RTX1AB2C: {CAPTION}",
        f"FILE PHOTO: {CAPTION}",
        f"{CAPTION} (AP Photo/Jo Ray)",
        f"{CAPTION} (Photo by Jo Ray / AFP)",
        f"{CAPTION} REUTERS/Jo Ray",
        f"{CAPTION} REUTERS/Jo Ray     TPX IMAGES OF THE DAY",
        f"{CAPTION} / AFP / Jo RAY",
        f"  {CAPTION}\r\n*** Local Caption *** 123",
        f"{CAPTION} EDITORIAL USE ONLY, no archives",
    ],
)
def test_only_the_words_for_readers_are_proposed(found: str) -> None:
    assert proposed(Said(captions=(found,), credits=("AP",))).caption == CAPTION


@pytest.mark.parametrize(
    "kept",
    [
        CAPTION,
        "NATO soldiers in Vilnius.",
        "A-10 aircraft over the town.",
        "A protester (in red) shouts.",
        "The minister (right).",
        "EU leaders meet.",
        "50 people were in the house.",
        "UN 242 was adopted in 1967.",
        "MH370 was last seen in 2014.",
        "TU-154 aircraft over the town.",
        "COVID-19 cases rise.",
        "EU-UK talks go on.",
        "AK-47 rifles lie on a table.",
        "Рятувальники виносять людину з будинку.",
        "رجال الإنقاذ في خاركيف.",
    ],
)
def test_words_for_readers_are_left_alone(kept: str) -> None:
    assert proposed(Said(captions=(kept,))).caption == kept


@pytest.mark.parametrize(
    "junk", ["OLYMPUS DIGITAL CAMERA", "IMG_1234", "DSC01234.JPG", "untitled", "  ", "Screenshot"]
)
def test_what_a_camera_writes_is_no_caption(junk: str) -> None:
    assert proposed(Said(captions=(junk,))).caption is None
    assert proposed(Said(captions=(junk, CAPTION))).caption == CAPTION


@pytest.mark.parametrize(
    ("parts", "credit"),
    [
        (["Jo Ray", "AP", "AP"], "Jo Ray/AP"),
        (["Jo Ray", "Jo Ray/AP", "AP"], "Jo Ray/AP"),
        (["AP", "AP / AP"], "AP"),
        (["Reuters Reuters"], "Reuters"),
        (["Photo by Jo Ray", "AFP via Getty Images", "AFP"], "Jo Ray/AFP via Getty Images"),
        (["AFP", "Jo Ray / AFP via Getty Images"], "Jo Ray/AFP via Getty Images"),
        (["© Jo Ray"], "Jo Ray"),
        (["Photo: Photo: Jo Ray"], "Jo Ray"),
        (["AP Photo/Jo Ray"], "AP/Jo Ray"),
        (["Фото: Укрінформ", "укрінформ"], "Укрінформ"),
        (["Photographer's Choice"], "Photographer's Choice"),
        (["", " / "], ""),
    ],
)
def test_a_credit_names_everybody_once(parts: list[str], credit: str) -> None:
    assert join_credit(parts) == credit


def test_a_credit_at_the_end_of_a_caption_is_one_where_there_is_no_other() -> None:
    alone = proposed(Said(captions=(f"{CAPTION} (AP Photo/Jo Ray)",)))
    assert (alone.caption, alone.credit) == (CAPTION, "AP/Jo Ray")
    both = proposed(Said(captions=(f"{CAPTION} (AP Photo/Jo Ray)",), makers=("Jo Ray",)))
    assert both.credit == "Jo Ray"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2025:07:23 14:03:00", "2025-07-23T14:03:00"),
        ("2025:07:23 14:03:00+03:00", "2025-07-23T14:03:00+03:00"),
        ("20250723140300+0300", "2025-07-23T14:03:00+03:00"),
        ("20250723", "2025-07-23"),
        ("2025-07-23T14:03:00.25Z", "2025-07-23T14:03:00Z"),
        ("2025-07-23", "2025-07-23"),
        ("0000:00:00 00:00:00", ""),
        ("2025:13:40 99:00:00", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_dates(text: str, when: str) -> None:
    assert moment(text) == when


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_no_text_breaks_it(captions: list[str], credits: list[str]) -> None:
    found = proposed(Said(captions=tuple(captions), credits=tuple(credits), dates=tuple(captions)))
    assert found.caption is None or found.caption.strip()
    assert len(found.credit or "") <= 2000


def test_so_much_is_looked_at_and_no_more() -> None:
    """Comparing thousands of names, each with each, held up whoever writes for minutes."""
    names = [f"{number}." for number in range(NAMES + 1)]
    assert join_credit(["/".join(names)]) == "/".join(names[:-1])
    assert join_credit(["x" * (NAME + 1)]) == "x" * NAME
    junk = ("IMG_1234",) * (TEXTS - 1)
    assert proposed(Said(captions=(*junk, CAPTION))).caption == CAPTION
    assert proposed(Said(captions=("IMG_1234", *junk, CAPTION))).caption is None
    assert proposed(Said(credits=(*junk, "IMG_1234", CAPTION))).credit == "IMG_1234"

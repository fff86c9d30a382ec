"""The languages of the pages' own words."""

import json
from datetime import date

import pytest

from liveblog.web.pages.languages import Language, language


@pytest.mark.parametrize(
    ("tag", "spoken", "direction"),
    [
        ("en", "en", "ltr"),
        ("en-GB", "en-GB", "ltr"),
        ("uk-UA-x-desk", "uk-UA", "ltr"),
        ("ar", "ar", "rtl"),
        ("he", "he", "rtl"),
        ("zz-top", "en", "ltr"),
        ("not a tag", "en", "ltr"),
    ],
)
def test_what_a_tag_means(tag: str, spoken: str, direction: str) -> None:
    found = language(tag)
    assert (found.tag, found.dir) == (spoken, direction)


def test_dates_are_cldrs() -> None:
    when = date(2025, 7, 23)
    assert [language(tag).month_day(when) for tag in ("en", "en-GB", "uk", "he")] == [
        "July 23",
        "23 July",
        "23 липня",
        "23 ביולי",
    ]
    assert language("uk").long_date(when) == "23 липня 2025\u202fр."
    assert language("uk").city("Europe/Kyiv") == "Київ"
    assert language("en").city("UTC") == "UTC"
    assert language("he").city("America/New_York") == "ניו יורק"
    assert language("uk").city("Etc/GMT+5") == "GMT+5"


@pytest.mark.parametrize(
    ("tag", "categories"),
    [
        ("en", {"one", "other"}),
        ("uk", {"one", "few", "many", "other"}),
        ("ar", {"zero", "one", "two", "few", "many", "other"}),
    ],
)
def test_the_script_has_every_plural(tag: str, categories: set[str]) -> None:
    # Of whole numbers Ukrainian has three; "other" is of fractions, which nothing counts.
    said = json.loads(Language(tag).for_script())
    assert set(said["updates"]) >= categories - {"other"}
    assert all("%(num)s" in text for text in said["updates"].values() if tag == "en")

"""The catalogues of the languages: whole, and with every placeholder and plural."""

import re

import pytest
from babel import Locale

from liveblog.web.pages.languages import language, shipped
from tests.messages import LOCALES, kept, said, updated

NAMES = sorted(path.stem for path in LOCALES.glob("*.po"))
PLACE = re.compile(r"%\((\w+)\)s")


def test_these_are_shipped() -> None:
    assert sorted(shipped()) == ["ar", "en", "he", "uk"]
    assert NAMES == ["ar", "he", "uk"]


def strings(value: object) -> list[str]:
    """One sentence, or those of every plural."""
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value or "")]


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_is_as_the_code_is(name: str) -> None:
    """`make messages` would change nothing; every sentence is translated."""
    path = LOCALES / f"{name}.po"
    assert path.read_bytes() == updated(kept(path)), "run make messages"
    missing = [m.id for m in kept(path) if m.id and not all(strings(m.string))]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_no_placeholder_is_lost(name: str) -> None:
    for message in kept(LOCALES / f"{name}.po"):
        if message.id:
            *_, original = strings(message.id)
            *others, last = strings(message.string)
            wanted = sorted(PLACE.findall(original))
            assert sorted(PLACE.findall(last)) == wanted, message.id
            # "One update" needs no number; what stands for many numbers does.
            assert all(set(PLACE.findall(one)) <= set(wanted) for one in others)


@pytest.mark.parametrize("name", NAMES)
def test_plurals_are_cldrs(name: str) -> None:
    """Numbers of one form here are of one category there: 0 … 200 and some large ones."""
    locale, spoken = Locale(name), language(name)
    numbers = [*range(201), 1000, 1_000_000]
    pairs = {
        (locale.plural_form(n), spoken.ngettext("%(num)s new update", "%(num)s new updates", n))
        for n in numbers
    }
    assert len({category for category, _ in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("en", ["0 new updates", "1 new update", "2 new updates", "3 new updates",
                "11 new updates", "100 new updates"]),
        ("uk", ["0 нових оновлень", "1 нове оновлення", "2 нові оновлення", "3 нові оновлення",
                "11 нових оновлень", "100 нових оновлень"]),
        ("ar", ["لا تحديثات جديدة", "تحديث جديد", "تحديثان جديدان", "3 تحديثات جديدة",
                "11 تحديثًا جديدًا", "100 تحديث جديد"]),
        ("he", ["0 עדכונים חדשים", "עדכון חדש", "שני עדכונים חדשים", "3 עדכונים חדשים",
                "11 עדכונים חדשים", "100 עדכונים חדשים"]),
    ],
)  # fmt: skip
def test_how_updates_are_counted(name: str, counts: list[str]) -> None:
    spoken = language(name)
    found = [
        spoken.ngettext("%(num)s new update", "%(num)s new updates", n) % {"num": n}
        for n in (0, 1, 2, 3, 11, 100)
    ]
    assert found == counts


def test_the_code_has_sentences() -> None:
    assert len(said()) > 60

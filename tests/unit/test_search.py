"""How words are folded for searching, and what a query asks for."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liveblog.text.search import fold, grams, searched, terms


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Żółć, CAFÉ", "zolc cafe"),
        ("Straße", "strasse"),
        ("İstanbul ıssız", "istanbul issiz"),
        ("п'ять п’ять пʼять", "пять пять пять"),
        ("За́мок і їжак, Йосип", "замок і їжак йосип"),
        ("ёлка Ґудзик", "елка ґудзик"),
        ("أحمد إلى آخر ٱلله", "احمد الي اخر الله"),
        ("مدرسة مدرسه", "مدرسه مدرسه"),
        ("مُحَمَّد محـــمد", "محمد محمد"),
        ("کیف ۱۲۳ ١٢٣", "كيف 123 123"),
        ("שָׁלוֹם ירושלים", "שלומ ירושלימ"),
        ('צה"ל צה״ל', "צהל צהל"),
        ("U.S.-led #vote @ada", "u s led vote ada"),
        ("5 € + 100 %", "5 € + 100"),
        ("東京 met", "東 京 met"),
        ("soft\u00adhyphen zero\u200cwidth", "softhyphen zerowidth"),
        (" \n\t?! ", ""),
    ],
)
def test_texts_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", []),
        ('?! "', []),
        ("climate", ["climate"]),
        ("Climate change climate", ["climate", "change"]),
        ("EU", [" eu"]),
        ("5", [" 5 "]),
        ("U.S.", [" u s"]),
        ('"climate change"', [" climate change "]),
        ("«зміна клімату» eu", [" зміна клімату ", " eu"]),
        ('"climate cha', [" climate cha"]),
        ('"x', [" x "]),
        ('צה"ל', ["צהל"]),
        ("don't", ["dont"]),
        ("東京", [" 東 京"]),
        ("100%", ["100"]),
        ('"" x_y', [" x y"]),
    ],
)
def test_what_a_query_asks_for(query: str, asked: list[str]) -> None:
    assert terms(query) == asked


def test_a_phrase_does_not_reach_from_one_field_into_the_next() -> None:
    text = searched(["Fire at", "", "sea level", "a  b"])
    assert text == " fire at \n sea level \n a b "
    assert terms('"at sea"')[0] not in text
    assert terms('"sea level"')[0] in text


def test_grams_lie_in_one_word() -> None:
    assert grams(" an eu ") == {" an", "an ", " eu", "eu "}
    assert grams(searched(["ab", "c"])) == {" ab", "ab ", " c "}


WORDS = st.text(max_size=30)


@example("\u1d2c")
@given(WORDS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(WORDS, WORDS, WORDS)
def test_the_grams_of_what_is_found_are_in_the_index(before: str, query: str, after: str) -> None:
    text = searched([f"{before} {query} {after}"])
    for term in terms(query):
        assert grams(term), "every term uses the index"
        assert "%" not in term
        assert "_" not in term
        assert '"' not in term
        if term in text:
            assert grams(term) <= grams(text)


def test_a_pile_of_marks_is_not_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty thousand of them took four seconds, in the turn that keeps the entry."""
    given: list[str] = []
    normalise = unicodedata.normalize

    def spied(form: str, text: str) -> str:
        given.append(text)
        return normalise(form, text)  # type: ignore[arg-type]

    monkeypatch.setattr(unicodedata, "normalize", spied)
    pile = "\u0300\u0316\u0334\u05b0" * 10
    assert fold(f"a{pile} и{pile}\u0306") == "a й"
    assert max(map(len, given)) < len(pile)

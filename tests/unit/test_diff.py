"""What changed between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from liveblog.text.diff import MOST_WORDS, Piece, word_diff

texts = st.text(alphabet=st.sampled_from("ab \n,é"), max_size=60) | st.text(max_size=40)


@given(texts, texts)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    found = word_diff(before, after)
    assert "".join(p.text for p in found if p.kind != "added") == before
    assert "".join(p.text for p in found if p.kind != "removed") == after
    assert all(p.text for p in found)


def test_one_word_is_one_word() -> None:
    assert word_diff("Two people were hurt.", "Three people were hurt.") == [
        Piece("removed", "Two "),
        Piece("added", "Three "),
        Piece("same", "people were hurt."),
    ]


def test_what_is_too_long_is_not_compared() -> None:
    long = "word " * (MOST_WORDS + 1)
    assert word_diff(long, long + "x") == [Piece("removed", long), Piece("added", long + "x")]

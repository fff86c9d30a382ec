"""What changed between two texts."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from liveblog.text.diff import Piece, word_diff

texts = st.text(alphabet=st.sampled_from("ab \n,é"), max_size=60) | st.text(max_size=40)


@given(texts, texts)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    found = word_diff(before, after)
    assert "".join(p.text for p in found if p.kind != "added") == before
    assert "".join(p.text for p in found if p.kind != "removed") == after
    assert all(p.text for p in found)
    assert all(a.kind != b.kind for a, b in itertools.pairwise(found))


@given(texts)
def test_the_same_is_the_same(text: str) -> None:
    assert word_diff(text, text) == ([Piece("same", text)] if text else [])


def test_one_word_is_one_word() -> None:
    assert word_diff("Two people were hurt.", "Three people were hurt.") == [
        Piece("removed", "Two "),
        Piece("added", "Three "),
        Piece("same", "people were hurt."),
    ]


def test_the_end_of_a_line_is_no_part_of_its_last_word() -> None:
    assert word_diff("In Kyiv.\nEnd", "In Lviv.\nEnd") == [
        Piece("same", "In "),
        Piece("removed", "Kyiv."),
        Piece("added", "Lviv."),
        Piece("same", "\nEnd"),
    ]


def test_a_long_passage_is_replaced_whole_and_the_rest_stays() -> None:
    old = " ".join(f"a{n}" for n in range(1200))
    new = " ".join(f"b{n}" for n in range(1200))
    before, after = f"First.\n{old}\nLast but one.\nEnd", f"First.\n{new}\nLast but two.\nEnd"
    assert word_diff(before, after) == [
        Piece("same", "First.\n"),
        Piece("removed", f"{old}\nLast but one."),
        Piece("added", f"{new}\nLast but two."),
        Piece("same", "\nEnd"),
    ]


def test_a_change_at_each_end_of_a_long_text_leaves_its_middle() -> None:
    middle = "\n".join("word " * 200 for _ in range(20))
    found = word_diff(f"One\n{middle}\nold", f"Two\n{middle}\nnew")
    assert [piece.kind for piece in found] == [
        "removed", "added", "same", "removed", "added",
    ]  # fmt: skip
    assert len(found[2].text) > len(middle)


def test_only_so_much_is_compared_and_the_rest_is_shown_whole() -> None:
    """One comparison is bounded, however many passages were rewritten."""
    old = [" ".join(f"a{n}x{k}" for n in range(400)) for k in range(12)]
    new = [words.replace("a0x", "b0x").replace("a399x", "c399x") for words in old]
    kept = [f"Paragraph {k} stays.\n" for k in range(12)]
    found = word_diff(
        "".join(f"{a}\n{k}" for a, k in zip(old, kept, strict=True)),
        "".join(f"{a}\n{k}" for a, k in zip(new, kept, strict=True)),
    )
    whole = [piece.text for piece in found if piece.kind == "removed" and len(piece.text) > 100]
    assert whole
    assert len(whole) < len(old)
    assert whole == old[-len(whole) :]

"""The arithmetic of the measurements."""

import pytest

from bench.figures import Row, median_ratio, ratio_row, short, table


def test_ratios_are_of_pairs_and_not_of_medians() -> None:
    assert median_ratio([10, 40, 90], [10, 20, 30]) == 2.0


def test_pairs_that_do_not_match_are_an_error() -> None:
    with pytest.raises(ValueError):
        median_ratio([1, 2], [1])


def test_a_row_says_whether_it_is_within_its_bar() -> None:
    assert Row("a", 2.0, "×", 2).verdict == "pass"
    assert Row("a", 2.1, "×", 2).verdict == "**miss**"
    assert Row("a", 2.1, "µs").verdict == ""
    assert ratio_row("a", [2, 9, 4], [1, 3, 1], 3).spread == (2, 4)


def test_a_row_whose_base_was_disturbed_claims_nothing() -> None:
    """A POST holds a commit: it cannot take less time than a commit alone."""
    assert ratio_row("a", [2, 2, 2], [1, 1, 4], 3, least=1).verdict == "unclear"
    assert ratio_row("a", [2, 2, 2], [1, 1, 1], 3, least=1).verdict == "pass"


def test_numbers_have_three_digits() -> None:
    assert [short(n) for n in (1234.5, 99.94, 1.2345, 0.5)] == ["1,234", "99.9", "1.23", "0.5"]


def test_the_table_is_markdown() -> None:
    rows = [Row("deliver", 1.5, "×", 1.35, (1.4, 1.6)), Row("connect", 20.0, "µs")]
    assert table(rows).splitlines()[2:] == [
        "| deliver | 1.5× | 1.4 … 1.6 | ≤ 1.35× | **miss** |",
        "| connect | 20 µs |  |  |  |",
    ]

"""Lines between days, wherever among the entries something was removed."""

import re
from itertools import product

import pytest
from msgspec.structs import replace

from liveblog.web.pages import Pages
from tests.browser.content import LINKS, entry_view, live_page, tombstone

PAGES = Pages(LINKS, "test")


@pytest.mark.parametrize("oldest", [False, True])
def test_one_line_for_the_day_above_all_of_it(oldest: bool) -> None:
    for removed in product([False, True], repeat=4):
        entries = tuple(
            tombstone(n) if gone else entry_view(n, "Words.")
            for n, gone in zip((4, 3, 2, 1), removed, strict=True)
        )
        whole = live_page()
        shown = replace(whole.snapshot, entries=entries, pinned=None)
        html = PAGES.live(replace(whole, snapshot=shown), oldest)
        rows = re.findall(r'<li class="day-line"|<article [^>]*id="entry', html)
        lines = [n for n, row in enumerate(rows) if "day-line" in row]
        assert lines == ([] if all(removed) else [0]), removed
        assert len(rows) == 4 + len(lines)

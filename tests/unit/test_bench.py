"""The arithmetic of the measurements."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.document import APART, DOCS, Part, blocks, drawings, fill, keep, load, write
from bench.figures import CannotMeasure, Row, median_ratio, others_table, ratio_row, short, table
from bench.profile import rows, shares
from bench.scale import Assumed, Measured, plan, plan_table
from bench.wave import Wave, simulate


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


def test_a_row_may_ask_for_at_least_so_much() -> None:
    assert Row("a", 0.9, "×", 0.8, more=True).verdict == "pass"
    assert Row("a", 0.7, "×", 0.8, more=True).verdict == "**miss**"
    assert "≥ 0.8×" in table([Row("a", 0.7, "×", 0.8, more=True)])


def test_others_have_a_table_of_their_own_and_who_did_not_run_is_named() -> None:
    rows = [
        Row("Ours: CPU", 1.2, "×", spread=(1.1, 1.3), key="other:ours:delivery"),
        Row("Ours: connect", 70, "µs", key="other:ours:connect"),
        Row("Ours: memory", 2, "KiB", key="other:ours:memory"),
        Row("socketify (not run: no module)", 0, "", key="other:socketify:none"),
    ]
    assert table(rows).count("\n") == 1
    assert others_table(rows).splitlines()[2:] == [
        "| Ours | 1.2 | 1.1 … 1.3 | 70 | 2 |",
        "| socketify (not run: no module) | | | | |",
    ]


# On paper -------------------------------------------------------------------------------------

MEASURED = Measured(
    reader_kib=4, delivery_us=10, connect_us=100, message_bytes=1000, deflated=0.5, idle_us=15
)


def test_each_limit_asks_for_nodes_of_its_own() -> None:
    assumed = Assumed(
        socket_kib=6, process_mib=0, cores=10, memory_gib=10, use=1, network_gbit=1,
        within_seconds=2, entries_a_minute=60,
    )  # fmt: skip
    found = plan(1_048_576, MEASURED, assumed)
    assert found.by_memory == 1  # 10 KiB each
    assert found.by_average_cpu == 3  # 25 µs a second each, on 10 cores
    assert found.by_burst_cpu == 1  # 10.5 s of CPU in 2 s, on 10 cores
    assert (found.by_network, found.by_network_deflated) == (5, 3)  # 4.2 and 2.1 Gbit/s
    assert found.nodes == 4
    assert found.processes == 40
    assert found.redis_messages == 80
    assert found.database_queries == 40


def test_what_does_not_fit_on_ten_nodes_does_not_fit_on_five() -> None:
    plans = [plan(readers, MEASURED, Assumed()) for readers in (10**6, 10**7, 5 * 10**7)]
    assert [one.nodes for one in plans] == sorted(one.nodes for one in plans)
    assert plans[2].nodes > 20 * (plans[0].nodes - 1)
    lines = plan_table(plans).splitlines()
    assert {line.count("|") for line in lines} == {5}


def test_a_wave_that_is_less_than_what_nodes_can_take_is_over_with_the_first_wait() -> None:
    found = simulate(Wave(readers=10_000, nodes=9, accepts=5_000, queue=2_048), seed=1)
    assert found.refused == 0
    assert found.until(1) <= 1.1
    assert 0.4 <= found.until(0.5) <= 0.6
    assert sum(found.arrivals) == 10_000
    assert found.peak_load == pytest.approx(10_000 / 45_000, rel=0.01)


def test_a_wave_that_is_more_is_spread_by_failures_and_nobody_is_lost() -> None:
    found = simulate(Wave(readers=20_000, nodes=2, accepts=500, queue=1_000), seed=1)
    assert found.refused > 0
    assert found.back[-1] == 20_000
    # No faster than the nodes can: a thousand a second.
    assert found.until(1) >= 20
    assert all(back <= (step + 1) * 50 + 2 for step, back in enumerate(found.back))


def test_readers_without_a_place_are_told_to_wait_and_never_get_in() -> None:
    wave = Wave(
        readers=100, nodes=2, accepts=1_000, queue=100, places=40,
        first=0.1, most=0.2, retry_after=5, give_up=20,
    )  # fmt: skip
    found = simulate(wave, seed=1)
    assert found.back[-1] == 80
    assert found.until(1) == float("inf")
    # Twenty readers for twenty seconds, who wait for five and more each time.
    assert 20 <= found.refused <= 20 * 4


def test_the_same_seed_is_the_same_wave() -> None:
    wave = Wave(readers=2_000, nodes=3, accepts=100, queue=50)
    assert simulate(wave, seed=7) == simulate(wave, seed=7)
    assert simulate(wave, seed=7).arrivals != simulate(wave, seed=8).arrivals


# The document ---------------------------------------------------------------------------------

PAGE = """# Title
<!-- bench:bars -->
old
<!-- /bench -->
between
<!-- bench:million -->
by hand
<!-- /bench -->
end
"""


def test_blocks_are_replaced_and_what_was_not_made_stays() -> None:
    once = fill(PAGE, {"bars": "new | $1 \\1"})
    assert "new | $1 \\1" in once
    assert "old" not in once
    assert "between" in once
    assert "by hand" in once
    assert fill(once, {"bars": "new | $1 \\1"}) == once


def test_figures_are_kept_part_by_part_and_give_the_same_page_again(tmp_path: Path) -> None:
    (tmp_path / "performance.md").write_text(PAGE)
    keep(tmp_path, {"fanout": Part("a machine", [Row("a", 2.0, "×", 3.0, (1.0, 2.5))])})
    keep(tmp_path, {"write": Part("a machine", [Row("b", 9.0, "×", 8.0, key="k")])})
    figures = load(tmp_path)
    assert figures["fanout"].rows == [Row("a", 2.0, "×", 3.0, (1.0, 2.5))]
    write(tmp_path, figures)
    page = (tmp_path / "performance.md").read_text()
    assert "| a | 2× | 1 … 2.5 | ≤ 3× | pass |" in page
    assert "1 of 2 bars reached." in page


def test_every_block_of_the_real_page_is_one_that_is_made() -> None:
    text = (DOCS / "performance.md").read_text()
    names = re.findall(r"<!-- bench:(\w+) -->", text)
    assert names.count("bars") == 1
    assert text.count("<!-- /bench -->") == len(names)
    keys = (
        *("memory.deflate", "cpu.ws.10000", "connect.ws.10", "size.ws.10000"),
        *("bytes.data", "idle.cpu"),
    )
    rows = [Row("a", 10.0, "", key=key) for key in keys]
    made = blocks({name: Part("m", rows) for name in ("fanout", *APART)})
    assert set(names) == set(made)


def test_drawings_hold_every_figure_and_are_xml() -> None:
    made = drawings(
        [
            Row("a", 1.2, "×", key="fanout.ws.100"),
            Row("a", 1.3, "×", key="fanout.ws.10000"),
            Row("a", 2.2, "×", key="fanout.sse.100"),
            Row("**Liveblog**: CPU", 1.2, "×", key="other:ours:delivery"),
            Row("R & D <x>: CPU", 2.4, "×", key="other:rd:delivery"),
        ]
    )
    lines = ElementTree.fromstring(made["performance-fanout.svg"])
    space = "{http://www.w3.org/2000/svg}"
    assert len(lines.findall(f"{space}circle")) == 3
    rows = ElementTree.fromstring(made["performance-others.svg"])
    widths = [float(rect.attrib["width"]) for rect in rows.findall(f"{space}rect")]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)
    assert "R & D <x>" in [text.text for text in rows.findall(f"{space}text")]


STACKS = [
    "run (a.py:1);Server.run (uvicorn/server.py:9);f (liveblog/x.py:1);write (libc.so.6) 3",
    "run (a.py:1);Server.run (uvicorn/server.py:9);f (liveblog/x.py:7);f (liveblog/x.py:2) 1",
    "run (a.py:1);Thread.run (threading.py:9);write (libc.so.6) 90",
]


def test_looks_at_the_loop_are_added_up_by_function() -> None:
    """Lines of one function are one, a function that calls itself is seen once a look, and
    other threads are not counted."""
    found = shares(STACKS)
    assert found.own == {"write (libc.so.6)": 75, "f (liveblog/x.py)": 25}
    assert found.called == {"f (liveblog/x.py)": 100}


def test_what_is_below_every_stack_is_not_told() -> None:
    told = {row.what: row.figure for row in rows("an entry", shares(STACKS))}
    assert told == {
        "an entry: `write (libc.so.6)` by itself": 75,
        "an entry: `f (liveblog/x.py)` by itself": 25,
    }


def test_a_profile_without_the_loop_is_no_profile() -> None:
    with pytest.raises(CannotMeasure, match="nothing of the event loop"):
        shares(STACKS[2:])

"""Which sizes are made of a picture, and which of them whoever takes only one is handed."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liveblog.feeds.pictures import fitting
from liveblog.media.plan import HIGHEST, MAIN, TYPES, WIDTHS, plan
from liveblog.model.entry import Media, Rendition
from liveblog.web.pages.media import picture_sources, srcset

SIDE = st.integers(min_value=1, max_value=60_000)


def sizes(width: int, height: int, *, alpha: bool = False, animated: bool = False) -> list[str]:
    return [f"{m.file} {m.height}" for m in plan(width, height, alpha=alpha, animated=animated)]


def test_of_a_photograph() -> None:
    assert sizes(4000, 3000) == [
        "1280.jpg 960", "640.jpg 480",
        "320.avif 240", "640.avif 480", "960.avif 720", "1280.avif 960", "1920.avif 1440",
        "320.webp 240", "640.webp 480", "960.webp 720", "1280.webp 960", "1920.webp 1440",
    ]  # fmt: skip


def test_of_a_small_one_and_of_one_that_can_be_seen_through() -> None:
    assert sizes(500, 400) == [
        "500.jpg 400", "320.avif 256", "500.avif 400", "320.webp 256", "500.webp 400",
    ]  # fmt: skip
    assert sizes(64, 64, alpha=True) == ["64.png 64", "64.avif 64", "64.webp 64"]


def test_what_moves_moves_in_one_size_and_stands_still_in_others() -> None:
    makes = plan(1000, 500, alpha=False, animated=True)
    assert [(m.file, m.animated) for m in makes] == [
        ("1000.jpg", False), ("640.jpg", False), ("640.webp", True),
    ]  # fmt: skip


@example(1, 60_000, False, False)
@given(SIDE, SIDE, st.booleans(), st.booleans())
def test_nothing_is_made_larger_and_nothing_twice(
    width: int, height: int, alpha: bool, animated: bool
) -> None:
    makes = plan(width, height, alpha=alpha, animated=animated)
    assert len({m.file for m in makes}) == len(makes) <= 20
    for make in makes:
        assert 1 <= make.width <= min(width, WIDTHS[-1])
        assert 1 <= make.height <= max(1, min(height, HIGHEST))
        assert make.type == TYPES[make.format]
    assert makes[0].width <= MAIN
    assert makes[0].type == ("image/png" if alpha else "image/jpeg")


# Which one ---------------------------------------------------------------------------------


def media(*renditions: tuple[int, str], width: int | None = 1280, animated: bool = False) -> Media:
    made = tuple(
        Rendition(f"/m/{w}.{kind}", TYPES[kind], w, w // 2, animated and kind == "webp")
        for w, kind in renditions
    )
    return Media("/m/main.jpg", "image/jpeg", width, 640 if width else None, renditions=made)


def test_the_smallest_that_is_wide_enough_is_handed_out() -> None:
    both = media((640, "jpg"), (1920, "webp"), (1920, "avif"))
    assert fitting(both, 640).url == "/m/640.jpg"
    assert fitting(both, 1200).url == "/m/main.jpg"
    assert fitting(both, 5000).url == "/m/main.jpg", "not in a format that few know"
    assert fitting(media((2400, "jpg"), width=4000), 1200).url == "/m/2400.jpg"


def test_of_an_unknown_size_it_is_the_one_that_is_named() -> None:
    assert fitting(media(width=None), 1200).url == "/m/main.jpg"
    assert fitting(media((640, "jpg"), width=None), 1200).url == "/m/main.jpg"


def test_a_browser_is_offered_each_format_in_its_sizes() -> None:
    photo = media((640, "jpg"), (320, "webp"), (640, "webp"), (320, "avif"))
    assert [(s.type, s.srcset, s.media) for s in picture_sources(photo)] == [
        ("image/avif", "/m/320.avif 320w", ""),
        ("image/webp", "/m/320.webp 320w, /m/640.webp 640w", ""),
    ]
    assert srcset(photo) == "/m/640.jpg 640w, /m/main.jpg 1280w"


def test_whoever_wants_nothing_to_move_gets_what_stands_still() -> None:
    first, second = picture_sources(media((640, "webp"), animated=True))
    assert first.media == "(prefers-reduced-motion: reduce)"
    assert (first.type, first.srcset) == ("image/jpeg", "/m/main.jpg")
    assert second.srcset == "/m/640.webp 640w"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/m/a, b.webp", "//evil.example/a.webp"])
def test_what_no_page_may_lead_to_is_not_offered(url: str) -> None:
    odd = Media("/m/a.jpg", "image/jpeg", 9, 9, renditions=(Rendition(url, "image/webp", 9, 9),))
    assert picture_sources(odd) == []

"""Which sizes and formats are made of a picture. Pure.

Every size comes as AVIF and as WebP, which every browser of the last years knows one of; JPEG
(PNG where something can be seen through) is made for all else: feeds, search engines, whoever
shows a link. Nothing is ever made larger than it was.
"""

from msgspec import Struct

WIDTHS = (320, 640, 960, 1280, 1920)
"""CSS pixels of the column times what screens have: 42rem is 672, a phone 390 times three."""
MAIN = 1280
"""The picture that stands for it: search engines ask for 1200."""
SMALL = 640
ANIMATED = 640
"""Animated pictures are heavy: one size."""
NEAR = 0.8
"""A width is left out when the next one is hardly more."""
HIGHEST = 16_000
"""Pixels of height; WebP takes 16,383."""

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
"""The formats that are made, by how their files end."""


class Make(Struct, frozen=True):
    """A file to make: its name ends with its format, its size is in pixels."""

    file: str
    format: str
    width: int
    height: int
    animated: bool = False

    @property
    def type(self) -> str:
        """The media type."""
        return TYPES[self.format]


def plan(width: int, height: int, *, alpha: bool, animated: bool) -> list[Make]:
    """What is made of an upright picture of this size; the first stands for it.

    :param alpha: something can be seen through it.
    :param animated: it moves. Then WebP moves, and the others show how it begins.
    """
    widest = max(1, min(width, width * HIGHEST // height))
    plain = "png" if alpha else "jpg"
    main = min(widest, MAIN)
    files = [_make(main, width, height, plain)]
    if main > SMALL / NEAR:
        files.append(_make(SMALL, width, height, plain))
    if animated:
        moving = _make(min(widest, ANIMATED), width, height, "webp")
        return [*files, Make(moving.file, "webp", moving.width, moving.height, True)]
    last = min(widest, WIDTHS[-1])
    widths = [w for w in WIDTHS if w < last * NEAR] + [last]
    return files + [_make(w, width, height, kind) for kind in ("avif", "webp") for w in widths]


def _make(wide: int, width: int, height: int, kind: str) -> Make:
    high = min(HIGHEST, max(1, round(height * wide / width)))
    return Make(f"{wide}.{kind}", kind, wide, high)

"""What the confined process is asked, and what it answers. Pure."""

from msgspec import Struct

from liveblog.media.plan import Make
from liveblog.media.proposals import Said


class Look(Struct, frozen=True, tag=True, tag_field="job"):
    """Say what a file is. ``pixels`` is how many it may have, all frames together."""

    pixels: int


class Render(Struct, frozen=True, tag=True, tag_field="job"):
    """Make the files of its plan. ``pixels`` as above."""

    pixels: int


class Found(Struct, frozen=True, tag=True, tag_field="job"):
    """A picture: its media type, its size when it stands upright, what it says of itself."""

    type: str
    width: int
    height: int
    alpha: bool
    animated: bool
    said: Said


class Made(Struct, frozen=True, tag=True, tag_field="job"):
    """What was made, the one that stands for it first, and the files by their names."""

    makes: tuple[Make, ...]
    files: dict[str, bytes]


class Refused(Struct, frozen=True, tag=True, tag_field="job"):
    """It cannot be used; why, as a sentence for whoever uploaded it."""

    reason: str


Job = Look | Render
Answer = Found | Made | Refused

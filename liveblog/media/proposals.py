"""Caption, credit and date out of what a file says of itself. Pure.

Agencies write their order numbers in front of a caption, the credit behind it, and the name of
the house in three fields. What is proposed to an editor is what readers should see.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, islice

from msgspec import Struct

from liveblog.model.media import Proposed

LONGEST = 2000
"""Characters of a caption or credit that is proposed, and of a text that is looked at."""
TEXTS = 10
"""Texts of one field that are looked at."""
NAMES = 30
"""Names in a credit that are looked at."""
NAME = 200
"""Characters of one."""


class Said(Struct, frozen=True):
    """What was found in a file: each field as the places it stands in say it, the best first
    (XMP, IPTC, EXIF)."""

    captions: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


_SLUG = re.compile(
    r"^(?:"
    r"(?:[A-Z]{2,8}[-_]?\d[\dA-Z]{3,}(?:[-_][\dA-Z]+)*"  # AP-12345, AFP_34ZX8Y2, RTX1AB2C
    r"|[A-Z]{2,}(?:[-_/][A-Z\d]{2,}){2,})"  # UKRAINE-RUSSIA-CONFLICT
    r"(?:\s*[-–—:]+\s*|\s+)"
    r"|(?:TOPSHOTS?|FILE PHOTO|FILE|PHOTO)\s*[-–—:]+\s*"
    r")(?=\S)"
)
_TAIL = re.compile(
    r"\s*(?:\((?P<round>[^()]{2,120})\)|\[(?P<square>[^\[\]]{2,120})\]"
    r"|(?P<reuters>REUTERS/[^.,;()]{2,60})|(?P<slash>/\s*[A-Z]{2,6}\s*/\s*[^.()]{2,60}))"
    r"\s*\.?\s*$"
)
_OF_CREDIT = re.compile(
    r"\b(?:photo|photograph|picture|image|foto|фото|credit|via|AP|AFP|EPA|Reuters|Getty|Ukrinform"
    r"|Shutterstock|Alamy|dpa|PA|Anadolu|Xinhua|TASS|NurPhoto)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:photo(?:graph)?|picture|image|foto|фото|credit|copyright|©|\(c\))"
    r"(?:\s+(?:by|credit|courtesy of))?\s*[:\s]\s*)+",
    re.IGNORECASE,
)
_JUNK = re.compile(
    r"(?<!\*)\*{2,}\s*local caption.*|\bTPX IMAGES OF THE DAY\b\.?|\bATTENTION EDITORS\b.*"
    r"|\bEDITORIAL USE ONLY\b.*|\bNO (?:RESALES|ARCHIVES)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_CAMERA = re.compile(
    r"OLYMPUS DIGITAL CAMERA|SONY DSC|KODAK Digital Still Camera|MINOLTA DIGITAL CAMERA"
    r"|SAMSUNG CAMERA PICTURES|DCIM.*|untitled|default|screenshot|user comments?"
    r"|[\w-]+\.(?:jpe?g|png|tiff?|heic|gif|webp)|(?:IMG|DSC|DSCN|DSCF|PXL)[_-]?\d+\w*",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(\d{4})[-:]?(\d\d)[-:]?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?"
    r"(Z|[+-]\d\d:?\d\d)?)?"
)


def proposed(said: Said) -> Proposed:
    """What is proposed to the editor. Whoever made the file wrote the texts: of each so much is
    looked at that it takes no time worth naming."""
    caption = next(filter(None, map(_caption, _some(said.captions))), "")
    makers, credits = _some(said.makers), [*_some(said.credits), *_some(said.sources)]
    caption, lifted = _without_credit(caption)
    if lifted and not (makers or credits):
        credits = [lifted]
    credit = join_credit([*makers[:1], *credits])
    taken = next(filter(None, map(moment, _some(said.dates))), "")
    return Proposed(caption or None, credit or None, taken or None)


def _some(texts: Sequence[str]) -> list[str]:
    return [text[:LONGEST] for text in texts[:TEXTS]]


def _caption(text: str) -> str:
    """A caption without what is meant for the desk of the wire."""
    line = " ".join(_JUNK.sub(" ", text).split())
    if _CAMERA.fullmatch(line):
        return ""
    while (slug := _SLUG.match(line)) and line[slug.end() :]:
        line = line[slug.end() :]
    return line[:LONGEST].strip()


def _without_credit(caption: str) -> tuple[str, str]:
    """A caption and the credit that stood at its end."""
    found = _TAIL.search(caption)
    if found is None or not found.start():
        return caption, ""
    words = next(part for part in found.groups() if part)
    if (found["round"] or found["square"]) and not _OF_CREDIT.search(words):
        return caption, ""
    return caption[: found.start()].rstrip(), words


def join_credit(parts: Iterable[str]) -> str:
    """One credit of several, each name in it once: ``Jo Ray`` and ``AP / AP`` make
    ``Jo Ray/AP``."""
    names: list[str] = []
    found = chain.from_iterable(re.split(r"\s*/\s*", " ".join(part.split())) for part in parts)
    for name in islice(found, NAMES):
        clean = _LEAD.sub("", name[:NAME]).strip(" ,;|-–—")
        clean = re.sub(r"^(.+?)(?:[\s,;|]+\1)+$", r"\1", clean, flags=re.IGNORECASE)
        clean = re.sub(r"^AP Photo$", "AP", clean, flags=re.IGNORECASE)
        if clean and not any(_holds(known, clean) for known in names):
            names = [known for known in names if not _holds(clean, known)] + [clean]
    return "/".join(names)[:LONGEST]


def _holds(longer: str, shorter: str) -> bool:
    """Whether a name is said already, as whole words of another one."""
    return re.search(rf"(?<!\w){re.escape(shorter)}(?!\w)", longer, re.IGNORECASE) is not None


def moment(text: str) -> str:
    """A time as ISO 8601, of what EXIF, IPTC and XMP write; empty when it is none."""
    found = _DATE.match(text.strip())
    if found is None:
        return ""
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        when = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
        )
    except ValueError:
        return ""
    if when.year < 1826:  # before the first photograph a clock was not set
        return ""
    if hour is None:
        return f"{when:%Y-%m-%d}"
    if offset and offset != "Z" and ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    return f"{when:%Y-%m-%dT%H:%M:%S}{offset or ''}"

"""What a player is told about a film or a sound, and what stands beside it."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from jinja2 import Environment

from liveblog.feeds.pictures import fitting
from liveblog.model.entry import Embed, Media, Rendition, Track
from liveblog.web.pages.words import href
from liveblog.wire.links import Links

BETTER = ("image/avif", "image/webp")
"""Formats of pictures that some browsers do not know, the smallest files first."""
TIMED = ("captions", "subtitles", "descriptions", "chapters")
"""Tracks that a browser plays along. A ``transcript`` is read instead; others nobody knows."""


class TimedTrack(NamedTuple):
    """A track as a player gets it."""

    url: str
    kind: str
    lang: str
    label: str
    default: bool


def timed(media: Media) -> list[TimedTrack]:
    """The tracks to play along. The first with words to read is on until a reader turns it
    off: who cannot hear does not have to find it, and whoever sits in a train is glad of it."""
    known = [track for track in media.tracks if track.kind in TIMED and href(track.url)]
    first = next((t for t in known if t.kind in ("captions", "subtitles")), None)
    return [TimedTrack(t.url, t.kind, t.lang, own_name(t.lang), t is first) for t in known]


def transcripts(media: Media) -> list[Track]:
    """What was said, to be read."""
    return [t for t in media.tracks if t.kind == "transcript" and href(t.url)]


def unheard(media: Media) -> str:
    """What whoever cannot hear is told before they start it: the name of what is not there
    ("captions", "transcript"), "speech" where nothing is spoken, or nothing ("")."""
    if media.silent:
        return "speech"
    if transcripts(media):
        return ""
    if media.type.startswith("audio/"):
        return "transcript"
    return "" if any(t.kind in ("captions", "subtitles") for t in timed(media)) else "captions"


def own_name(lang: str) -> str:
    """A language in itself: "українська"; an unknown one as it was written."""
    try:
        return Locale.parse(lang, sep="-").get_display_name() or lang
    except (UnknownLocaleError, ValueError):
        return lang


def asks_other(media: Media) -> bool:
    """Whether a track lies on another host: a browser reads it only when it asks for the film
    with CORS, too."""
    return any(urlsplit(track.url).netloc for track in timed(media))


class PictureSource(NamedTuple):
    """A format of a picture in its sizes; a browser takes the first it knows."""

    type: str
    srcset: str
    media: str = ""


def srcset(media: Media) -> str:
    """The sizes a picture comes in, in the format every browser knows; empty when there is
    only one."""
    main = Rendition(media.url, media.type, media.width, media.height)
    return _sizes([one for one in media.renditions if one.type not in BETTER] + [main])


def picture_sources(media: Media) -> list[PictureSource]:
    """The formats that are better than the one every browser knows, the best first. Whoever
    wants nothing to move gets what stands still."""
    moving = any(one.animated for one in media.renditions)
    found = [
        PictureSource(kind, sizes)
        for kind in BETTER
        if (sizes := _sizes([one for one in media.renditions if one.type == kind], least=1))
    ]
    if moving and found and href(media.url):
        still = srcset(media) or media.url
        return [PictureSource(media.type, still, "(prefers-reduced-motion: reduce)"), *found]
    return found


def _sizes(renditions: Iterable[Rendition], least: int = 2) -> str:
    sizes = {one.width: one.url for one in renditions if one.width and href(one.url)}
    if len(sizes) < least or any(c in url for url in sizes.values() for c in ", "):
        return ""
    return ", ".join(f"{url} {width}w" for width, url in sorted(sizes.items()))


def is_tall(media: Media) -> bool:
    """Whether a picture is so much higher than wide that a screen shows it whole but small."""
    return bool(media.width and media.height and media.height > 2 * media.width)


def own_thumbnail(embed: Embed, links: Links) -> str:
    """The picture of a card if it is ours: of another's, others would learn who reads what."""
    address = href(embed.thumbnail)
    ours = ("", urlsplit(links.base).netloc)
    return address if address and urlsplit(address).netloc in ours else ""


def teach(environment: Environment, links: Links) -> None:
    """Gives the templates what is said here."""
    environment.filters.update(timed=timed, transcripts=transcripts, own_name=own_name)
    environment.filters["unheard"] = unheard
    environment.filters.update(srcset=srcset, picture_sources=picture_sources, fitting=fitting)
    environment.filters["thumbnail"] = lambda embed: own_thumbnail(embed, links)
    environment.tests.update(other_host=asks_other, tall=is_tall)

"""What a player is told about a film or a sound, and what stands beside it."""

from typing import NamedTuple
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from jinja2 import Environment

from liveblog.model.entry import Embed, Media, Track
from liveblog.web.pages.words import href
from liveblog.wire.links import Links

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
    environment.filters["thumbnail"] = lambda embed: own_thumbnail(embed, links)
    environment.tests.update(other_host=asks_other, tall=is_tall)

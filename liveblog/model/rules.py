"""What makes a blog or an entry sound; every function answers the list of what is wrong."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from liveblog.errors import FieldError
from liveblog.model.entry import Entry

MACHINE_ZONES = ("localtime", "posixrules", "Factory")
"""Names that mean another zone on another machine."""

TAKEN_SLUGS = ("join",)
"""Where the desk of such a blog would be, something else is: invitations (/studio/join)."""

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Outside these a time is a slip, and arithmetic with zones overflows near the ends."""


def check_slug(slug: str) -> list[FieldError]:
    """The name of a new blog must leave the addresses of the desk alone."""
    if slug not in TAKEN_SLUGS:
        return []
    return [FieldError("slug", f"No blog can be called {slug!r}: the desk needs the address.")]


def check_zone(name: str) -> list[FieldError]:
    """A zone must be known to the time-zone database (IANA)."""
    if name in available_timezones() and name not in MACHINE_ZONES and "right/" not in name:
        return []
    return [FieldError("time_zone", f"There is no time zone {name!r}; write Europe/Kyiv, say.")]


def check_entry(entry: Entry, now: datetime, before: Entry | None = None) -> list[FieldError]:
    """What must hold before an entry is kept: what its kind needs, and safe addresses.

    :param before: the entry as it stands; a time it has already is not asked about again
        (another machine's clock may be ahead, and a typo must still be mended).
    """
    wrong: list[FieldError] = []
    if entry.kind == "quote" and entry.quote is None:
        wrong.append(FieldError("quote", "An entry of kind quote needs a quote."))
    if entry.kind == "image" and not entry.media:
        wrong.append(FieldError("media", "An entry of kind image needs at least one image."))
    if entry.kind == "video" and not (entry.media or entry.embed):
        wrong.append(FieldError("media", "An entry of kind video needs media or an embed."))
    if entry.kind == "embed" and entry.embed is None:
        wrong.append(FieldError("embed", "An entry of kind embed needs an embed."))
    if entry.kind in ("text", "summary") and not (entry.body.strip() or entry.headline):
        wrong.append(FieldError("body", "An entry needs a headline or a body."))
    if entry.key and not (entry.headline or "").strip():
        wrong.append(FieldError("headline", "A key entry needs a headline."))
    if entry.state == "scheduled" and entry.publish_at is None:
        wrong.append(FieldError("publish_at", "A scheduled entry needs a time to publish at."))
    wrong += _check_embargo(entry, now, before)
    return wrong + _check_addresses(entry) + _check_times(entry, now, before)


def under_embargo(entry: Entry | None, now: datetime) -> bool:
    """Whether nobody may publish the entry yet."""
    if entry is None or not entry.embargo or entry.publish_at is None:
        return False
    return now < entry.publish_at


def breaks_embargo(entry: Entry, before: Entry, now: datetime) -> bool:
    """Whether the change would publish an entry that is under embargo, or bring its time
    forward: that has to be lifted first, by a change of its own."""
    if not under_embargo(before, now):
        return False
    assert before.publish_at is not None, "an embargo has an end"
    earlier = entry.publish_at is not None and entry.publish_at < before.publish_at
    return entry.state == "published" or earlier


def _check_embargo(entry: Entry, now: datetime, before: Entry | None) -> list[FieldError]:
    if not entry.embargo:
        return []
    if entry.publish_at is None:
        return [FieldError("publish_at", "An embargo needs the time at which it ends.")]
    known = before is not None and before.embargo and before.publish_at == entry.publish_at
    if entry.publish_at <= now and not known:
        return [FieldError("publish_at", "An embargo ends in the future.")]
    return []


def _check_addresses(entry: Entry) -> list[FieldError]:
    places: list[tuple[str, str | None]] = []
    for n, media in enumerate(entry.media):
        places += [(f"media[{n}].url", media.url), (f"media[{n}].poster", media.poster)]
        places += [
            (f"media[{n}].renditions[{k}].url", r.url) for k, r in enumerate(media.renditions)
        ]
        places += [(f"media[{n}].tracks[{k}].url", t.url) for k, t in enumerate(media.tracks)]
    places += [(f"sources[{n}].url", s.url) for n, s in enumerate(entry.sources)]
    places += [(f"bylines[{n}].url", b.url) for n, b in enumerate(entry.bylines)]
    if entry.quote is not None and entry.quote.source is not None:
        places.append(("quote.source.url", entry.quote.source.url))
    if entry.embed is not None:
        places += [("embed.url", entry.embed.url), ("embed.thumbnail", entry.embed.thumbnail)]
    return [
        FieldError(path, "Only https, http and paths of this server are taken.")
        for path, url in places
        if url is not None and not _is_safe(url)
    ]


def _is_safe(url: str) -> bool:
    """An http(s) address, or an absolute path here; never a script, and never a path that a
    browser reads as another host (``//host``, ``/\\host``)."""
    if len(url) > 2000 or any(ord(c) <= 32 for c in url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.netloc)
    return not parts.scheme and not parts.netloc and url.startswith("/")


def _check_times(entry: Entry, now: datetime, before: Entry | None) -> list[FieldError]:
    wrong: list[FieldError] = []
    for name in ("publish_at", "published_at"):
        moment: datetime | None = getattr(entry, name)
        if moment is not None and not EARLIEST <= moment <= LATEST:
            wrong.append(FieldError(name, "A time between the years 1900 and 2200 is needed."))
    known = before.published_at if before is not None else None
    if entry.published_at not in (None, known) and entry.published_at > now:
        told = "This lies in the future; use publish_at to schedule."
        wrong.append(FieldError("published_at", told))
    return wrong

"""An entry as HTML for readers of feeds: everything the page shows, in plain elements.

A feed reader drops styles and classes, so what they say on the page is said in words here.
"""

from html import escape
from urllib.parse import urlsplit

from liveblog.feeds.pictures import SHARED, fitting
from liveblog.model.entry import Byline, Embed, Media, Quote, Source
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, EntryView


def content_of(entry: EntryView, blog: BlogView, links: Links) -> str:
    """The whole entry; its ``html`` is safe already, everything else is escaped here."""
    parts = [_media(one, links) for one in entry.media]
    if entry.quote is not None:
        parts.append(_quote(entry.quote, links))
    parts.append(entry.html)
    if entry.embed is not None:
        parts.append(_embed(entry.embed, links))
    if entry.edit is not None and entry.edit.kind != "typo":
        said = "Corrected" if entry.edit.kind == "correction" else "Updated"
        note = f": {entry.edit.note}" if entry.edit.note else ""
        parts.append(f"<p><em>{escape(said + note)}</em></p>")
    if entry.sources:
        parts.append(f"<p>Source: {'; '.join(_source(s, links) for s in entry.sources)}</p>")
    whole = "\n".join(part for part in parts if part)
    direction = entry.dir or blog.dir
    lang = entry.lang if entry.lang != blog.lang else None
    if not whole or (direction == "ltr" and lang is None):
        return whole
    language = f' lang="{escape(lang)}"' if lang else ""
    return f'<div dir="{direction}"{language}>\n{whole}\n</div>'


def words_of(entry: EntryView) -> str:
    """What an entry says, as plain text: its own words, or those it shows of others."""
    if entry.text.strip():
        return entry.text
    if entry.quote is not None:
        return f"{entry.quote.text} ({entry.quote.speaker})"
    for medium in entry.media:
        if medium.caption or medium.alt:
            return medium.caption or medium.alt or ""
    return (entry.embed.title or "") if entry.embed is not None else ""


def absolute(address: str | None, links: Links) -> str:
    """The address, whole where ours is known; empty when a reader must not be led there."""
    if not address or "\\" in address:
        return ""
    try:
        parts = urlsplit(address)
        base = urlsplit(links.base)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https") and parts.netloc:
        return address
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return ""
    return f"{base.scheme}://{base.netloc}{address}" if base.netloc else address


def link(words: str, address: str | None, links: Links) -> str:
    """Words as a link, or as words where there is no address."""
    goal = absolute(address, links)
    return f'<a href="{escape(goal)}">{escape(words)}</a>' if goal else escape(words)


def author_link(byline: Byline, links: Links) -> str | None:
    """The page of an author."""
    return absolute(byline.url, links) or None


def _source(source: Source, links: Links) -> str:
    return link(source.title, source.url, links)


def _quote(quote: Quote, links: Links) -> str:
    who = ", ".join(escape(w) for w in (quote.speaker, quote.role, quote.occasion) if w)
    source = f" ({_source(quote.source, links)})" if quote.source else ""
    return f"<blockquote><p>{escape(quote.text)}</p></blockquote>\n<p>{who}{source}</p>"


def _media(media: Media, links: Links) -> str:
    address = absolute(media.url, links)
    if not address:
        return ""
    if media.type.startswith(("video/", "audio/")):
        shown = link(media.caption or media.alt or "Open the recording", media.url, links)
    else:
        address = absolute(fitting(media, SHARED).url, links) or address
        shown = f'<img src="{escape(address)}" alt="{escape(media.alt or "")}">'
    said = " ".join(escape(w) for w in (media.caption, media.credit) if w)
    caption = f"<figcaption>{said}</figcaption>" if said else ""
    return f"<figure>{shown}{caption}</figure>"


def _embed(embed: Embed, links: Links) -> str:
    by = f" ({embed.author})" if embed.author else ""
    return f"<p>{link((embed.title or embed.url) + by, embed.url, links)}</p>"

"""Makes the HTML: whole pages, and the fragments that are pushed into them.

There is one template for each subject (``entry.html``, ``tombstone.html``, ``day.html``).
The page and the push both use it, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from liveblog.text import first_sentence, reading_minutes
from liveblog.web.pages import words
from liveblog.wire.links import Links
from liveblog.wire.messages import BlogView, DayView, EntryView, Tombstone

if TYPE_CHECKING:
    from liveblog.queries import DayPage, EntryPage, HomeCard, LivePage, OlderPage


def _trusted(html: str) -> Markup:
    """An entry's ``html``: the one place where text is taken for HTML.

    ``liveblog.text`` made it, from an allow-list; nothing else may be passed here.
    """
    return Markup(html)


def _environment(links: Links, build: str) -> Environment:
    """The templates: everything is escaped, and a misspelt name is an error."""
    environment = Environment(
        loader=PackageLoader("liveblog.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    said = [words.clock, words.date_of, words.day, words.duration, words.headline, words.host]
    said += [words.href, words.machine, words.month_day, words.month_day_of, words.order_key]
    said += [words.place, words.srcset, words.status, words.taken, words.zone_label]
    environment.filters.update({filter_.__name__: filter_ for filter_ in said})
    environment.filters.update(minutes=reading_minutes, trusted=_trusted)
    environment.tests["tombstone_view"] = lambda view: isinstance(view, Tombstone)
    environment.globals.update(
        links=links,
        home=f"{links.prefix}/",
        static=lambda name: f"{links.prefix}/static/{build}/{name}",
        noindex=False,
        canonical="",
        lang="en",
        dir="ltr",
    )
    return environment


class Pages:
    """Everything a reader's browser gets, as complete documents or as fragments."""

    def __init__(self, links: Links, build: str) -> None:
        self.links = links
        self.build = build
        self._templates = _environment(links, build)
        self._entry = self._macro("entry.html", "entry")
        self._tombstone = self._macro("tombstone.html", "tombstone")
        self._day = self._macro("day.html", "day")

    def _macro(self, template: str, name: str) -> Callable[..., str]:
        macro: Callable[..., str] = getattr(self._templates.get_template(template).module, name)
        return macro

    def fragment(self, view: EntryView | Tombstone | DayView, blog: BlogView) -> str:
        """One subject for the live page: the same HTML as inside the whole page."""
        if isinstance(view, EntryView):
            return self._entry(view, blog).strip()
        if isinstance(view, Tombstone):
            return self._tombstone(view, blog).strip()
        return self._day(view, blog).strip()

    def live(self, page: LivePage) -> str:
        """The live page, complete without a script."""
        shown = page.snapshot
        here = _ids(shown.entries)
        pinned_link = ""
        if shown.pinned:
            at_home = shown.pinned.id in here
            pinned_link = f"#entry-{shown.pinned.id}" if at_home else shown.pinned.url
        return self._page(
            "live.html",
            shown.blog,
            shown.blog.url,
            page=page,
            here=here,
            pinned_link=pinned_link,
            updated=_last_update(shown.blog, shown.entries),
            api=f"{self.links.prefix}/api/v1/blogs/{shown.blog.slug}",
        )

    def older(self, page: OlderPage) -> str:
        """An older page, counted from the oldest."""
        canonical = self.links.page(page.blog.slug, page.number)
        return self._page("older.html", page.blog, canonical, page=page)

    def day(self, page: DayPage) -> str:
        """A day: its roll-up and its entries."""
        canonical = f"{self.links.base}/blogs/{page.blog.slug}/days/{page.day.date}"
        return self._page("daypage.html", page.blog, canonical, page=page, here=_ids(page.entries))

    def entry(self, page: EntryPage) -> str:
        """An entry as an article of its own."""
        entry = page.entry
        name = "An update"
        if isinstance(entry, EntryView):
            quoted = entry.quote.text if entry.quote else ""
            name = entry.headline or first_sentence(entry.text or quoted, 100) or name
        return self._single(page, name)

    def gone(self, page: EntryPage) -> str:
        """What is said where a retracted entry was (410)."""
        return self._single(page, "This update was removed")

    def home(self, blogs: Iterable[HomeCard]) -> str:
        """The live pages there are."""
        template = self._templates.get_template("home.html")
        return template.render(cards=list(blogs), canonical=f"{self.links.base}/")

    def error(self, status: int, title: str, detail: str) -> str:
        """What went wrong, in words."""
        template = self._templates.get_template("error.html")
        return template.render(status=status, title=title, detail=detail, noindex=True)

    def _single(self, page: EntryPage, name: str) -> str:
        canonical = self.links.entry(page.blog.slug, page.entry.id)
        return self._page("single.html", page.blog, canonical, page=page, name=name)

    def _page(self, template: str, blog: BlogView, canonical: str, **context: Any) -> str:
        return self._templates.get_template(template).render(
            blog=blog,
            lang=blog.lang,
            dir=blog.dir,
            canonical=canonical,
            noindex=blog.demo or blog.visibility != "public",
            **context,
        )


def _ids(entries: Iterable[EntryView | Tombstone]) -> frozenset[str]:
    return frozenset(entry.id for entry in entries)


def _last_update(blog: BlogView, entries: Iterable[EntryView | Tombstone]) -> datetime:
    """When what the page shows changed last.

    It follows from the content alone: the same cursor gives the same bytes, so the ETag is
    right, and it does not claim to be newer than it is.
    """
    moments = [blog.updated_at]
    for entry in entries:
        if isinstance(entry, Tombstone):
            moments.append(entry.retracted_at or blog.updated_at)
        else:
            moments += [m for m in (entry.published_at, entry.updated_at) if m]
    return max(moments)

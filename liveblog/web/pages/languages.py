"""The languages of the pages' own words: catalogues of gettext, and what CLDR knows (Babel).

A page speaks the language of its blog. ``locales/uk.po`` holds what it says in Ukrainian;
where there is no catalogue, or no translation of one sentence, it is said in English. Dates
and plurals follow CLDR in any language.
"""

import json
from datetime import date
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from liveblog.web.pages.said import COUNTED, SAID

DEFAULT = "en"
"""What the sentences in the code are written in."""

_SAMPLES = (1, 2, 3, 5, 0, 11, 100, *range(4, 31), 1_000_000)
"""Among these is a number of every plural form of every language."""


class Language:
    """One language, as BCP 47 names it: "uk", "en-GB"; an unknown one is English.

    :param tag: of the blog; what it says besides language, script and territory is ignored.
    """

    def __init__(self, tag: str) -> None:
        self.locale = _locale(tag)
        self.translations = _catalogue(self.locale.language)
        self.dir = self.locale.text_direction
        self.gettext = self.translations.gettext
        self.ngettext = self.translations.ngettext

    @property
    def tag(self) -> str:
        """As it is written in ``lang``."""
        return str(self.locale).replace("_", "-")

    @property
    def chrome(self) -> str:
        """The language that the page's own words are really in."""
        return self.locale.language if self.locale.language in shipped() else DEFAULT

    def month_day(self, when: date) -> str:
        """ "July 23"."""
        return _skeleton("MMMMd", when, self.locale)

    def long_date(self, when: date) -> str:
        """ "July 23, 2025"."""
        return format_date(when, "long", self.locale)

    def city(self, zone: str) -> str:
        """Whose clocks a zone means: "Kyiv"; of one without a city its name, "UTC"."""
        if "/" not in zone:
            return zone
        names = self.locale.time_zones
        aliases = get_global("zone_aliases").items()  # CLDR knows a city by its oldest zone
        known = (old for old, new in aliases if new == zone and old in names)
        named = names.get(zone) or names.get(next(known, zone)) or {}
        return named.get("city") or zone.rpartition("/")[2].replace("_", " ")

    def number(self, value: int) -> str:
        """ "1,204"."""
        return format_decimal(value, locale=self.locale)

    def for_script(self) -> str:
        """What the page's script says, as JSON: sentences, and of counted ones a sentence for
        each plural category of CLDR that the language has, by ``Intl.PluralRules``' names."""
        counted = {}
        for name, (one, many) in COUNTED.items():
            counted[name] = {
                category: self.ngettext(one, many, number)
                for category, number in _categories(self.locale).items()
            }
        said = {name: self.gettext(text) for name, text in SAID.items()}
        return json.dumps(said | counted, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=64)
def language(tag: str) -> Language:
    """The language of a tag."""
    return Language(tag)


@cache
def shipped() -> frozenset[str]:
    """The languages there is a catalogue of, English included."""
    found = (item.name for item in _folder().iterdir())
    return frozenset(name.removesuffix(".po") for name in found if name.endswith(".po")) | {DEFAULT}


def _folder() -> Traversable:
    return files("liveblog.web") / "locales"


def _locale(tag: str) -> Locale:
    parts = tag.split("-")
    for length in range(min(3, len(parts)), 0, -1):
        try:
            return Locale.parse("-".join(parts[:length]), sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(DEFAULT)


@cache
def _catalogue(name: str) -> NullTranslations:
    if name == DEFAULT or name not in shipped():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO((_folder() / f"{name}.po").read_bytes()), locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=1024)
def _skeleton(skeleton: str, when: date, locale: Locale) -> str:
    return format_skeleton(skeleton, when, locale=locale)


def _categories(locale: Locale) -> dict[str, int]:
    """A number of each plural category."""
    found: dict[str, int] = {}
    for number in _SAMPLES:
        found.setdefault(locale.plural_form(number), number)
    return found

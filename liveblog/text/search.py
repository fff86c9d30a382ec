"""Words in the form in which they are searched for, and what of them an index holds.

Whoever looks for something types it as they hear it: without stress marks, vowel points or
the hamza, in capitals or not, with another apostrophe. So text and query are folded alike, and
a word is found by any part of it. An index of *grams*, three characters each, says where to
look; the folded text itself says whether it is there.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

LONGEST_QUERY: Final = 200
"""Characters."""
_APART: Final = " \n "
"""Stands between two fields; a query has no line break, so no phrase reaches across."""

_INSIDE: Final = re.compile(r"""(?<=\w)['’‘ʼ`´"”“״׳](?=\w)""")
"""Apostrophes, and the marks of Hebrew abbreviations: inside a word they separate nothing."""
_QUOTES: Final = re.compile("[“”„«»]")
_LETTERS_OF_THEIR_OWN: Final = re.compile("(?<![иу])\u0306|(?<!і)\u0308")
"""Breve and diaeresis are marks, but not in й, ў and ї."""
_WITHOUT_SPACES: Final = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])")
"""Scripts that put no spaces between words: each character is taken for one."""

_ALIKE: Final = str.maketrans(
    # Arabic, with the letters of Persian keyboards; Hebrew letters at the end of a word.
    "ٱىةکیہ" + "ךםןףץ" + "łđøı",
    "ايهكيه" + "כמנפצ" + "ldoi",
    # The line that stretches a word, and the apostrophe that is a letter.
    "\u0640\u02bc",
)


class _Folded(dict[int, str | None]):
    """What each character of decomposed text becomes; found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _folded(chr(code))
        return self[code]


def _folded(character: str) -> str | None:
    category = unicodedata.category(character)
    if ord(character) in _ALIKE:
        return _told(_ALIKE[ord(character)])
    if character in "\u0306\u0308":
        return character
    if category[0] == "M" or category == "Cf":
        return None
    if category == "Nd":
        return str(unicodedata.digit(character))
    return character if category[0] in "LNS" else " "


def _told(found: int | str | None) -> str | None:
    return chr(found) if isinstance(found, int) else found


@cache
def _table() -> _Folded:
    return _Folded()


def fold(text: str) -> str:
    """The words of a text, in the form in which they are searched for, one space between two."""
    # Marks go before, too: to put a pile of them in order takes time by its square.
    bare = _INSIDE.sub("", text).casefold().translate(_table())
    # Letters of a compatibility form (ᴬ) are known as capitals only now.
    bare = unicodedata.normalize("NFKD", bare).casefold().translate(_table())
    bare = unicodedata.normalize("NFC", _LETTERS_OF_THEIR_OWN.sub("", bare))
    return " ".join(_WITHOUT_SPACES.sub(r" \1 ", bare).split())


def searched(fields: Iterable[str]) -> str:
    """What an index is made of: the folded fields, a space before and behind every word."""
    return f" {_APART.join(filter(None, map(fold, fields)))} "


def grams(text: str) -> set[str]:
    """The runs of three characters in folded text that lie in one word, the spaces around it
    counted in."""
    return {text[n : n + 3] for n in range(len(text) - 2) if text[n + 1] not in " \n"}


def terms(query: str) -> list[str]:
    """What must stand in the folded text, all of it, for a query to find it.

    A word of three or more characters is found anywhere in others; one of two where a word
    begins, a single character as a word of its own. What stands in quotes is found as whole
    words in this order. Where no letter, digit or symbol is left there is no term.
    """
    found: list[str] = []
    parts = _QUOTES.sub('"', _INSIDE.sub("", query)).split('"')
    for number, part in enumerate(parts):
        quoted, closed = number % 2 == 1, number < len(parts) - 1
        for words in [part] if quoted else part.split():
            core = fold(words)
            if core and quoted:
                found.append(f" {core} " if closed else _findable(f" {core}", f" {core} "))
            elif core:
                found.append(_findable(core, f" {core}", f" {core} "))
    return list(dict.fromkeys(found))


def _findable(*forms: str) -> str:
    """The first of these that has a gram: as few of the spaces around a word as it takes."""
    return next(form for form in forms if grams(form))

"""What Unicode says about where text may be cut, as far as a teaser needs it.

Not a full segmentation (UAX 29): the standard library has no tables for it, and the
rules here keep together what a reader would see broken: a letter and its accents, an
emoji and its skin tone, a family, a flag.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Scripts written without spaces between words. First those read by the character …
_BY_CHARACTER: Final = (
    "\u2e80-\u2fdf"  # radicals
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b"  # ideographic marks and numerals
    "\u3041-\u309f\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3105-\u312f\u31a0-\u31bf"  # bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # ideographs
)
# … then those whose words have several letters: Thai, Lao, Tibetan, Burmese, Khmer.
_RUN_TOGETHER: Final = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf"
)
# Marks that stand between such characters and carry no space either.
_WIDE_PUNCTUATION: Final = "\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20"

BY_CHARACTER: Final = re.compile(f"[{_BY_CHARACTER}]")
RUN_TOGETHER: Final = re.compile(f"[{_RUN_TOGETHER}]")
_SPACELESS: Final = re.compile(f"[{_BY_CHARACTER}{_RUN_TOGETHER}{_WIDE_PUNCTUATION}]")
_MAY_NOT_BEGIN_A_LINE: Final = frozenset("、。，．・：；？！）］｝」』】〉》ーっッゃゅょャュョ々…")

_JOINER: Final = "\u200d"


def is_grapheme_boundary(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` leaves every visible character whole."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if after == _JOINER or before == _JOINER or _extends(after):
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        # Flags are pairs of letters; a cut is fine only after a whole number of pairs.
        start = at
        while start > 0 and _is_flag_letter(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def is_word_boundary(text: str, at: int) -> bool:
    """Whether a cut before `text[at]` splits no word.

    In a script with spaces: next to a space. In one without: between any two characters,
    as its readers are used to from every narrow column.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before.isspace() or after.isspace():
        return True
    if not is_grapheme_boundary(text, at) or after in _MAY_NOT_BEGIN_A_LINE:
        return False
    return _SPACELESS.match(before) is not None or _SPACELESS.match(after) is not None


def _extends(character: str) -> bool:
    """Whether it belongs to the character before it: accents, vowel signs, skin tones, tags."""
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        # The second and third part of a Korean syllable written in parts, and the two
        # vowels that Thai and Lao write as letters although they follow another one.
        or "\u1160" <= character <= "\u11ff"
        or character in "\u0e33\u0eb3"
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"

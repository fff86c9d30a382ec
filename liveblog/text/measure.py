"""Less of a text: its teaser, its first sentence, and how long it takes to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from liveblog.text.script import (
    BY_CHARACTER,
    RUN_TOGETHER,
    is_grapheme_boundary,
    is_word_boundary,
)

ELLIPSIS: Final = "…"

_SPACES: Final = re.compile(r"[^\S\n\xa0\u202f]+")
_NEWLINES: Final = re.compile(r" ?\n[\n ]*")
# What may not stand before an ellipsis: "talks,…" and "talks.…" look like mistakes.
_DANGLING: Final = " \n\xa0\u202f,;:.–—-…、。，·"


def teaser(text: str, limit: int = 160) -> str:
    """Return the beginning of plain `text`, at most `limit` characters with the "…".

    The cut falls between words. Only where the first word alone is too long it falls
    inside that word, and never inside a visible character. Line ends stay, so the items
    of a list stay apart; HTML shows them as spaces.
    """
    if limit < 1:
        raise ValueError("A teaser needs room for at least one character.")
    text = _NEWLINES.sub("\n", _SPACES.sub(" ", text)).strip()
    if len(text) <= limit:
        return text
    room = limit - len(ELLIPSIS)
    cut = _last(is_word_boundary, text, room) or _last(is_grapheme_boundary, text, room)
    kept = text[:cut].rstrip(_DANGLING)
    # Nothing but dots and dashes up to the cut: then they are the text.
    return (kept or text[:cut].rstrip()) + ELLIPSIS


def _last(may_cut: Callable[[str, int], bool], text: str, room: int) -> int:
    """The last place up to `room` where `may_cut` allows a cut, 0 if there is none."""
    return next((at for at in range(room, 0, -1) if may_cut(text, at)), 0)


# Silent reading of non-fiction in English: 238 words a minute over 190 studies (Brysbaert
# 2019); other languages lie within a quarter of that. Characters a minute for Chinese and
# Japanese, and for scripts like Thai, whose words have about five letters.
_WORDS_A_MINUTE: Final = 240
_CHARACTERS_A_MINUTE: Final = 500
_LETTERS_A_MINUTE: Final = 1200


def reading_minutes(text: str) -> int:
    """Return the minutes a reader needs, to the nearest; 0 when it is less than one.

    A word is what stands between spaces and has a letter or digit. Not what a pattern
    like `\\w+` finds: that splits Hindi words at every vowel sign.
    """
    characters = len(BY_CHARACTER.findall(text))
    letters = len(RUN_TOGETHER.findall(text))
    spaced = RUN_TOGETHER.sub(" ", BY_CHARACTER.sub(" ", text))
    words = sum(1 for word in spaced.split() if any(map(str.isalnum, word)))
    minutes = (
        words / _WORDS_A_MINUTE + characters / _CHARACTERS_A_MINUTE + letters / _LETTERS_A_MINUTE
    )
    return int(minutes + 0.5) if minutes >= 1 else 0


# A sentence ends at one of these, with the quotes and brackets that close after it …
_CLOSING: Final = "[\"'”’»›“‘)\\]}」』】）]*"
_END_BEFORE_SPACE: Final = f"[.!?…؟۔।॥։።]+{_CLOSING}(?=\\s|$)"
# … and these need no space after them.
_END_ANYWHERE: Final = f"[。！？]+{_CLOSING}"
_END: Final = re.compile(f"{_END_BEFORE_SPACE}|{_END_ANYWHERE}")

# The word before a full stop that is not the end of a sentence: an initial ("J.", "U.S."),
# a German or Slavic ordinal ("23. Juli"), a title.
_NOT_AN_END: Final = re.compile(
    r"""(?:^|[\s(„“"'«.-])(?:
        \w | \d{1,2} |
        Mr|Mrs|Ms|Dr|Prof|Rev|Hon|Gen|Lt|Col|Sgt|Maj|Capt|Cpl|Adm|Cmdr|Sen|Rep|Gov|Pres|
        St|Ste|Mt|Jr|Sr|Sra|Mme|Mlle|No|Nr|Art|vs|ca|bzw|usw|bspw|Hr|Fr|approx|est|
        Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Okt|Nov|Dec|Dez
    )$""",
    re.VERBOSE,
)


def first_sentence(text: str, limit: int = 200) -> str:
    """Return the first sentence of plain `text`, shortened like a teaser beyond `limit`.

    A line end ends it too, so a heading without a full stop is one. In doubt it goes on:
    two sentences read better than half a one.
    """
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    for end in _END.finditer(line):
        if not _goes_on(line, end):
            return teaser(line[: end.end()], limit)
    return teaser(line, limit)


def _goes_on(line: str, end: re.Match[str]) -> bool:
    """Whether the sentence goes on after a mark that could have ended it."""
    rest = line[end.end() :].lstrip()
    if rest and rest[0].islower():
        return True  # "What?" he asked.
    is_full_stop = end[0].startswith(".") and not end[0].startswith("..")
    return is_full_stop and bool(rest) and _NOT_AN_END.search(line[: end.start()]) is not None

"""The names every room uses, each with a sentence; no behaviour here.

Times are timezone-aware ``datetime`` in UTC everywhere inside the program; only the
store keeps them as whole microseconds since 1970.
"""

from typing import Literal, NewType

BlogId = NewType("BlogId", str)
"""The store's own name of a blog: 26 characters, in no address;
readers see it only inside opaque paging cursors."""

Slug = NewType("Slug", str)
"""A blog's public name in addresses and messages: ``a-z0-9-``, chosen once, never changed."""

EntryId = NewType("EntryId", str)
"""An entry's public name: 26 lower-case characters that sort by the time they were made."""

MediumId = NewType("MediumId", str)
"""A medium's public name: like an entry's."""

Seq = NewType("Seq", int)
"""The number of a change in its blog: dense, from 1; 0 is before the first."""

Epoch = NewType("Epoch", str)
"""A random word that names one history of a blog's log; another word, another history."""

Cursor = NewType("Cursor", str)
"""A position as a client holds it: opaque text ``epoch:seq``."""

Subject = NewType("Subject", str)
"""What a change is about: ``entry:ID``, ``day:DATE`` or ``blog``."""

Revision = NewType("Revision", int)
"""The version of one subject: from 1, one higher with each change of it."""

View = Literal["data", "page"]
"""How subjects are shown: as data, or as ready HTML fragments for the live page."""

"""Pictures that are uploaded: what they are, what is made of them, where they lie.

============ ============================================================
plan         pure: which sizes and formats are made of a picture
proposals    pure: caption, credit and date out of what a file says
storage      what a storage promises; ``disk`` and ``s3`` keep it
confined     runs ``child``, a process of few rights, for whatever opens a
             file of somebody else's; ``picture`` is what is done there
============ ============================================================

Nothing of a file is believed, its name and its Content-Type least of all. It is opened in a
process that has bounds for memory and time, no secrets in its environment and no way to open a
file or a connection, so that a file made to take over whoever opens it has gained nothing.
"""

from liveblog.media.confined import Confined
from liveblog.media.opening import open_storage
from liveblog.media.storage import Storage

__all__ = ["Confined", "Storage", "open_storage"]

"""The storage that the settings name."""

from pathlib import Path

from liveblog.media.disk import Disk
from liveblog.media.storage import Storage


def open_storage(folder: Path) -> Storage:
    """The storage; nothing is connected yet.

    :param folder: the data folder.
    """
    return Disk(folder / "media")

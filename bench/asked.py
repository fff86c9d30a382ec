"""What a run was asked for; every part is given it."""

from pathlib import Path
from typing import NamedTuple


class Asked(NamedTuple):
    """One run.

    :param tools: the folder of the compiled programs.
    :param folder: where databases lie: the disk that is measured; None: the usual one.
    :param readers: how many; None: what each part takes by itself.
    :param rounds: alternating rounds, after one to warm up.
    :param entries: of the long blog.
    :param most: readers on all processes together, where there are many.
    """

    tools: Path
    folder: Path | None = None
    readers: int | None = None
    rounds: int = 7
    entries: int = 100_000
    most: int = 1_000_000

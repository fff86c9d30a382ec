"""How long to wait before coming back.

Full jitter: any time between nothing and a bound that doubles. When a server restarts, its
ten thousand readers come back spread out, not in one wave (and not in one wave each second
after that).
"""

import random

FIRST = 0.5
MOST = 30.0


class Backoff:
    """The waits of one client, from the last time that things went well."""

    def __init__(self, first: float = FIRST, most: float = MOST) -> None:
        self._first = first
        self._most = most
        self._bound = first

    def reset(self) -> None:
        """Things went well: the next wait is a short one."""
        self._bound = self._first

    def next(self, at_least: float | None = None) -> float:
        """Seconds to wait now; ``at_least`` is what the server asked for, if it did."""
        jitter = random.uniform(0.0, self._bound)
        self._bound = min(self._bound * 2, self._most)
        return jitter if at_least is None else at_least + min(jitter, 1.0)

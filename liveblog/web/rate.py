"""How often one address may ask: so many at once, so many a minute in the long run."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from liveblog.errors import TooMany

KNOWN = 10_000
"""Addresses that are remembered; those that asked longest ago are forgotten."""


class Rate:
    """A bucket for each address, or whatever else has a name: it takes ``a_minute`` requests and
    fills up in a minute."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = a_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def ask(self, address: str) -> None:
        """Count a request.

        :raises TooMany: it was one too many; it says when the next one is taken.
        """
        name, now = network(address), self._clock()
        left, at = self._buckets.pop(name, (float(self._size), now))
        left = min(self._size, left + (now - at) * self._size / 60)
        allowed = left >= 1
        self._buckets[name] = (left - allowed, now)
        if len(self._buckets) > KNOWN:
            self._buckets.popitem(last=False)
        if not allowed:
            refusal = TooMany("Too many requests; try again later.")
            refusal.retry_after = math.ceil((1 - left) * 60 / self._size)
            raise refusal


def network(address: str) -> str:
    """Whom an address belongs to: a household has 2⁶⁴ of IPv6, and one of IPv4, which a socket
    that listens on ``::`` shows within IPv6 (RFC 4291 section 2.5.5.2)."""
    if ":" not in address:
        return address
    try:
        number = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(number), 64), strict=False))

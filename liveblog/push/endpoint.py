"""Which addresses may be sent to: those of push services. (That none of them lies within our own
network, liveblog/guard.py sees to.)

An endpoint comes from a browser, so from anybody. Without a list of services, whoever registers
a stranger's address thousands of times has us call it thousands of times.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from liveblog.guard import is_host

LONGEST = 1000
"""Characters; the longest in use have about 600."""
_TEXT = re.compile(r"[!-~]+")


def of_service(endpoint: str, hosts: Sequence[str]) -> bool:
    """Whether this is an address of one of these services: ``push.example`` is one host,
    ``*.push.example`` any below it, ``*`` every one."""
    if len(endpoint) > LONGEST or not _TEXT.fullmatch(endpoint):
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.fragment or port not in (None, 443):
        return False
    host = (parts.hostname or "").lower()
    if not is_host(host) or "@" in parts.netloc:
        return False
    return any(host == one or (one[:1] == "*" and host.endswith(one[1:])) for one in hosts)

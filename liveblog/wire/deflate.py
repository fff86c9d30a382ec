"""permessage-deflate (RFC 7692) for frames that all readers share.

A frame is compressed once, so nothing in it may depend on what one reader got before: a fresh
window for each message, and one size of window for everybody. An offer that allows less is
declined and the client's next one is looked at. To accept it and send plain frames would be
legal too, but then nobody gains, and the next offer may well allow what we have.

Why 4 KiB (12 bits): the ``change`` frames of the demo's day and its desk, sizes with header,
sum of the compressed against sum of the plain (level 6; level 9 gives the same):

====  =========  =========
bits  data view  page view
====  =========  =========
   9     48.8 %     50.4 %
  10     47.0 %     48.4 %
  11     44.6 %     48.2 %
  12     43.5 %     48.2 %
  15     43.5 %     48.2 %
====  =========  =========

A larger window gains nothing more, and 15 bits take three times as long to set up.
"""

import re
import zlib
from collections.abc import Iterator

WINDOW_BITS = 12

ANSWER = (
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    f"; server_max_window_bits={WINDOW_BITS}"
)
"""Our one answer. Section 7.1 allows a server all three parameters whether they were offered
or not. ``client_max_window_bits`` is the only one that needs an offer, and may always be left
out: what a client sends is inflated with the largest window."""

_BITS = {str(bits): bits for bits in range(8, 16)}
_TAIL = b"\x00\x00\xff\xff"

# The grammar of RFC 6455, section 9.1. Every repetition is possessive: linear in its input.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_SPACE = r"[ \t]*+"
_PARAMETER = re.compile(rf"{_SPACE};{_SPACE}({_TOKEN})(?:{_SPACE}={_SPACE}({_TOKEN}|{_QUOTED}))?+")
_NAME = re.compile(rf"{_SPACE}({_TOKEN})")
_ELEMENT = re.compile(rf'((?:[^,"]|{_QUOTED})*+)(?:,|\Z)', re.DOTALL)


def accept(offers: str) -> str | None:
    """Answer a client's ``Sec-WebSocket-Extensions``.

    :param offers: its value; those of several headers are joined by ``", "``.
    :return: the value of our header, or None: no offer can be met, and frames stay plain.

    What cannot be read as an offer is declined like one that asks for what we have not. RFC
    6455 would have the handshake fail for it; a reader without compression is better off. An
    open quote makes all that follows it unreadable.
    """
    for offer in _elements(offers):
        parameters = _parameters(offer)
        if parameters is not None and _can_meet(parameters):
            return ANSWER
    return None


def deflate(payload: bytes) -> bytes:
    """The payload of a compressed frame (section 7.2.1)."""
    squeeze = zlib.compressobj(wbits=-WINDOW_BITS)
    data = squeeze.compress(payload) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    return data.removesuffix(_TAIL)


def _elements(header: str) -> Iterator[str]:
    """The elements of a list, empty ones too; a comma within quotes does not part them."""
    at = 0
    while at < len(header):
        found = _ELEMENT.match(header, at)
        if found is None:
            return
        yield found[1]
        at = found.end()


def _parameters(offer: str) -> dict[str, str | None] | None:
    """The parameters of a well-formed offer of permessage-deflate, otherwise None."""
    name = _NAME.match(offer)
    if name is None or name[1] != "permessage-deflate":
        return None
    parameters: dict[str, str | None] = {}
    at = name.end()
    while found := _PARAMETER.match(offer, at):
        key, value = found.groups()
        if key in parameters:
            return None
        if value is not None and value[0] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        parameters[key] = value
        at = found.end()
    return None if offer[at:].strip(" \t") else parameters


def _can_meet(parameters: dict[str, str | None]) -> bool:
    """Section 7.1: whether each parameter is known, has a value it may have, and allows ours."""
    for name, value in parameters.items():
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            good = value is None
        elif name == "server_max_window_bits":
            good = value is not None and _BITS.get(value, 0) >= WINDOW_BITS
        else:
            good = name == "client_max_window_bits" and (value is None or value in _BITS)
        if not good:
            return False
    return True

"""Every name Liveblog uses on the server, in one file.

Callers speak of logical channels (``blog:42``); the server sees ``<prefix>:blog:42``. Several
installations can so share one server. Databases do not help with that: pub/sub ignores them.

    blog:ID          a blog's changes, for readers       liveblog/wire/codec.py
    desk:ID, desks   what concerns its desks             liveblog/wire/desk_live.py
    outbox:NAME      wakes a worker                      liveblog/actions/door.py
    probe:WORD       a process hears itself              here
"""


class Keys:
    """Turns logical channel names into the server's and back.

    prefix: put in front of every name, with a colon. process: a random word of this process.
    """

    def __init__(self, prefix: str, process: str) -> None:
        self._front = f"{prefix}:".encode()
        self.probe = self.channel(f"probe:{process}")

    def channel(self, logical: str) -> bytes:
        """The name on the server of a logical channel."""
        return self._front + logical.encode()

    def logical(self, channel: bytes) -> str:
        """The logical name of a channel that `channel` made."""
        return channel[len(self._front) :].decode()

"""Which channels are wanted, what the server was told, and what it confirmed.

Pure bookkeeping without I/O: `commands` says what to send next, `acknowledged` takes what came
back. Wishes come synchronously and in any order (subscribe, unsubscribe, subscribe again before
the first answer). Only the difference between the last thing told and the last wish is sent,
and a channel is *confirmed* when it is wanted, told, and no answer is outstanding.

A confirmation nobody waits for is the only trace a silent re-subscription leaves, so it counts
as a gap. So does one that comes after its caller gave up, and the last one of a new connection.
"""

import asyncio
from collections.abc import Iterator

from liveblog.broker.link import Command

CHUNK = 500  # channels in one command: keeps a single command, and its argument count, small


class _Line:
    """One channel. outstanding: answers we wait for, [unsubscribe, subscribe]."""

    __slots__ = ("confirmation", "late", "outstanding", "told", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self.told = False
        self.late = False
        self.outstanding = [0, 0]
        self.confirmation: asyncio.Future[bool] | None = None

    @property
    def confirmed(self) -> bool:
        return self.wanted and self.told and self.outstanding == [0, 0]

    def settle(self, answer: bool) -> None:
        """Answer whoever waits for the confirmation."""
        if self.confirmation is not None:
            if not self.confirmation.done():
                self.confirmation.set_result(answer)
            self.confirmation = None


class Subscriptions:
    """The wanted channels of one broker, across connections."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()  # set when `commands` has something to say
        self.ready = asyncio.Event()  # set when a new connection knows all it had to be told
        self._lines: dict[bytes, _Line] = {}
        self._dirty: dict[bytes, None] = {}
        self._opening: set[bytes] = set()

    def want(self, channel: bytes) -> None:
        """Wish to hear this channel from now on."""
        line = self._lines.setdefault(channel, _Line())
        line.wanted = True
        self._touch(channel)

    def unwant(self, channel: bytes) -> None:
        """Wish to hear no more of it. Whoever waits for its confirmation is answered False."""
        line = self._lines.get(channel)
        if line is not None:
            line.wanted = line.late = False
            line.settle(False)
            if line.told or line.outstanding != [0, 0]:
                self._touch(channel)
            else:  # the server never heard of it, so there is nothing to take back
                del self._lines[channel]
                self._dirty.pop(channel, None)
                self._opening.discard(channel)

    def wants(self, channel: bytes) -> bool:
        """Whether messages of this channel are to be handed on."""
        line = self._lines.get(channel)
        return line is not None and line.wanted

    async def confirmed(self, channel: bytes, timeout: float) -> bool:
        """Wait at most `timeout` seconds until the server confirmed a wanted channel."""
        line = self._lines[channel]
        if line.confirmed:
            return True
        if line.confirmation is None:
            line.confirmation = asyncio.get_running_loop().create_future()
        future = line.confirmation
        try:
            # wait(), not wait_for(): the future is shared and must survive one impatient caller.
            await asyncio.wait({future}, timeout=timeout)
        finally:
            if not future.done():
                line.late = True
        return future.done() and future.result()

    def reopen(self) -> None:
        """A new connection: the server knows nothing, everything wanted must be told."""
        self._lines = {name: line for name, line in self._lines.items() if line.wanted}
        for line in self._lines.values():
            line.told = False
            line.outstanding = [0, 0]
        self._dirty = dict.fromkeys(self._lines)
        self._opening = set(self._lines)
        self.ready.clear()
        self.changed.set()

    def commands(self) -> list[Command]:
        """What has to be sent now; from here on it counts as told."""
        wishes: tuple[list[bytes], list[bytes]] = ([], [])
        for channel in self._dirty:
            line = self._lines[channel]
            if line.wanted != line.told:
                line.told = line.wanted
                line.outstanding[line.wanted] += 1
                wishes[line.wanted].append(channel)
        self._dirty.clear()
        self.changed.clear()
        return [
            *_chunks(b"UNSUBSCRIBE", wishes[False]),
            *_chunks(b"SUBSCRIBE", wishes[True]),
        ]

    def acknowledged(self, subscribed: bool, channel: bytes) -> bool:
        """The server confirmed one (un)subscription. True when the listener must hear of a gap."""
        line = self._lines.get(channel)
        if line is None or line.outstanding[subscribed] == 0:
            return self._unasked(line, subscribed, channel)
        line.outstanding[subscribed] -= 1
        opened = self._opened(channel)
        late = False
        if line.confirmed:
            late, line.late = line.late, False
            line.settle(True)
        elif not line.wanted and not line.told and line.outstanding == [0, 0]:
            del self._lines[channel]
        return opened or (late and self.ready.is_set())

    def _unasked(self, line: _Line | None, subscribed: bool, channel: bytes) -> bool:
        """An answer to nothing we sent on this connection: something happened behind our back."""
        if line is not None and line.wanted and not subscribed:
            line.told = False
            line.late = True  # the gap is told again when it is heard again
            self._touch(channel)
        return subscribed or line is not None

    def _opened(self, channel: bytes) -> bool:
        if channel not in self._opening:
            return False
        self._opening.discard(channel)
        if self._opening:
            return False
        self.ready.set()
        return True

    def _touch(self, channel: bytes) -> None:
        self._dirty[channel] = None
        self.changed.set()


def _chunks(verb: bytes, channels: list[bytes]) -> Iterator[Command]:
    for start in range(0, len(channels), CHUNK):
        yield (verb, *channels[start : start + CHUNK])

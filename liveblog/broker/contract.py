"""What the rest of Liveblog sees of the carrier.

A broker carries *hints*. It promises speed, not delivery: whoever needs the truth asks the
store. What it does promise is honesty. Whenever something may have been missed, the listener
hears `Listener.on_gap`, and no call here ever waits for a server that is away, except
`Broker.subscribe`, which waits no longer than it was told.

Everything is called from, and calls back in, one event loop.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BrokerStats:
    """Counters since the broker was made, and whether it is connected now.

    published: messages the server acknowledged (own probes excluded).
    dropped: messages given to `Broker.publish` that were not sent or whose fate is unknown.
    received: messages handed to the listener.
    reconnects: times the connection was established again after the first time.
    connected: both connections stand and the server confirmed every wanted channel.
    """

    published: int
    dropped: int
    received: int
    reconnects: int
    connected: bool


class Listener(Protocol):
    """Whoever wants to hear. Both methods are called in the reader task and must be quick."""

    def on_message(self, channel: str, payload: bytes) -> None:
        """One message: the logical channel name as it was subscribed, and the bytes.

        An exception is logged and otherwise ignored: a faulty listener stops no reader.
        """

    def on_gap(self) -> None:
        """Something may have been missed on any channel.

        After the first connection, after every re-connection (when all wanted channels are
        confirmed again), after a late confirmation, after a subscription nobody asked for.
        """


class Broker(Protocol):
    """Publish and subscribe, supervised: a server that is away is a state, not an error."""

    def set_listener(self, listener: Listener) -> None:
        """Name the one listener. Call it before `start`."""

    async def start(self) -> None:
        """Start the background tasks. Never fails or waits because the server is away."""

    async def stop(self) -> None:
        """Send what is queued for at most about one second, then end all tasks and connections."""

    def publish(self, channel: str, payload: bytes) -> None:
        """Queue one message. Never waits, never raises; a full queue drops its oldest."""

    async def subscribe(self, channel: str, timeout: float = 1.0) -> bool:
        """Subscribe, and wait at most `timeout` seconds for the server to confirm it.

        True: everything published from now on will be heard. False: not confirmed in time; the
        channel stays wanted, will be subscribed as soon as that is possible, and `on_gap`
        follows. Subscriptions are not counted: one `unsubscribe` ends any number of them.
        """

    def unsubscribe(self, channel: str) -> None:
        """Hear nothing more of this channel, from this call on."""

    @property
    def heard_at(self) -> float:
        """`time.monotonic()` when the last own probe came back, or ``-inf``."""

    @property
    def stats(self) -> BrokerStats:
        """A snapshot of the counters."""

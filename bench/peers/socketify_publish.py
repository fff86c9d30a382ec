"""socketify (µWebSockets in C++ under Python): every reader subscribes, and one publishes."""

import os
from typing import Any

from bench.house import free_port
from bench.peers.common import cannot, obey, payload, say

try:
    from socketify import App, OpCode
except ImportError as error:
    cannot(error)

TOPIC = "all"


def main() -> None:
    """Serve until there are no more lines."""
    text = payload()
    count = 0
    app = App()

    def come(socket: Any) -> None:
        nonlocal count
        count += 1
        socket.subscribe(TOPIC)

    async def broadcast() -> int:
        app.publish(TOPIC, text, OpCode.TEXT)
        return count

    async def until_the_end() -> None:
        await obey(broadcast)
        os._exit(0)  # its loop has no end of its own

    app.ws("/*", {"open": come, "idle_timeout": 960, "compression": 0})
    port = free_port()
    app.listen({"port": port, "host": "127.0.0.1"}, lambda config: say(f"listening {port}"))
    work = until_the_end()  # kept: nobody else holds it, and it would be collected
    app.loop.run_async(work)
    app.run()


if __name__ == "__main__":
    main()

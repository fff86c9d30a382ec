"""Health for machines: is the process alive, may it have traffic."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.fanout.hub import Hub
from liveblog.fanout.relay import Relay
from liveblog.wire.codec import encode


class Health:
    """``/healthz`` and ``/readyz``."""

    def __init__(self, hub: Hub, relay: Relay) -> None:
        self._hub = hub
        self._relay = relay

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
        ]

    async def healthz(self, _: Request) -> Response:
        """200: the event loop turns."""
        return _json({"status": "ok"}, 200)

    async def readyz(self, _: Request) -> Response:
        """200 while changes can reach readers, by the broker (an own probe was heard) or by
        the store (it told the heads lately); ``degraded`` names the path that does not work.
        503 when neither works, or when the process is letting its readers go."""
        paths = self._relay.paths()
        degraded = [name for name, well in paths.items() if not well]
        ready = len(degraded) < len(paths) and not self._hub.draining
        status = "draining" if self._hub.draining else "ready" if ready else "unavailable"
        readers = self._hub.readers
        value = {"status": status, "degraded": degraded, "readers": readers}
        return _json(value, 200 if ready else 503)


def _json(value: object, status: int) -> Response:
    return Response(encode(value), status, {"Cache-Control": "no-store"}, "application/json")

"""Push messages in the API: a browser asks for a blog's key developments, or has enough."""

from collections.abc import Sequence

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.actions.push import PushActions, Wanted
from liveblog.errors import FieldError, Invalid, NotFound
from liveblog.model.ids import is_id
from liveblog.push import Keys, of_service
from liveblog.web.api.common import answer, read_body, slug_of
from liveblog.web.rate import Rate
from liveblog.wire.requests import read

A_MINUTE = 20
"""Requests from one address; many readers share one."""
LONGEST = 4096
"""Bytes of a request."""


class NewSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser gives for a subscription (``PushSubscription.toJSON()``); ``replaces`` is
    the id that it was given when it had another endpoint."""

    endpoint: str
    keys: Keys
    replaces: str = ""


def push_routes(push: PushActions, hosts: Sequence[str]) -> list[Route]:
    """``/api/v1/blogs/{slug}/push``.

    :param hosts: the push services that may be called; none: push is off.
    """
    rate = Rate(A_MINUTE)

    def allow(request: Request) -> None:
        if not hosts:
            raise NotFound("There are no push messages here.")
        rate.ask(request.client.host if request.client else "")

    async def subscribe(request: Request) -> Response:
        """Begin, or go on; the id ends it."""
        slug = slug_of(request)
        allow(request)
        asked = read(await read_body(request, LONGEST), NewSubscription)
        refuse_unusable(asked, hosts)
        wanted = Wanted(asked.endpoint, asked.keys.p256dh, asked.keys.auth, asked.replaces)
        made = await push.subscribe(slug, wanted)
        return answer({"id": made.id}, headers={"Cache-Control": "no-store"})

    async def unsubscribe(request: Request) -> Response:
        """End it; again, when it has ended."""
        slug = slug_of(request)
        allow(request)
        subscription_id: str = request.path_params["id"]
        if not is_id(subscription_id):
            raise NotFound("There is no subscription of this id.")
        await push.unsubscribe(slug, subscription_id)
        return Response(status_code=204)

    base = "/api/v1/blogs/{slug}/push"
    return [
        Route(base, subscribe, methods=["PUT"]),
        Route(base + "/{id}", unsubscribe, methods=["DELETE"]),
    ]


def refuse_unusable(asked: NewSubscription, hosts: Sequence[str]) -> None:
    """Nothing is kept that could not be sent to.

    :raises Invalid: the endpoint is of no service on the list, or the keys are none.
    """
    if not of_service(asked.endpoint, hosts):
        raise Invalid(FieldError("endpoint", "It is of no push service that is called here."))
    for name in ("point", "secret"):
        try:
            getattr(asked.keys, name)
        except ValueError as error:
            raise Invalid(FieldError("keys", f"They are no keys of a browser: {error}.")) from None

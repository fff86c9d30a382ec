"""People in the API: who works here, who belongs to a blog, who is invited. For chiefs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveblog.errors import BadRequest, NotFound
from liveblog.model.ids import is_id, read_slug
from liveblog.queries.people import PeopleQueries
from liveblog.types import Slug
from liveblog.web.api.common import (
    Services,
    answer,
    number,
    parse,
    read_write,
    slug_of,
    words_of,
)
from liveblog.wire.people import (
    Given,
    Invite,
    InvitedView,
    PatchPerson,
    colleague_view,
    member_view,
    pending_view,
)
from liveblog.wire.requests import Nothing

NO_STORE = {"Cache-Control": "no-store"}


class PeopleApi:
    """The endpoints."""

    def __init__(self, services: Services, people: PeopleQueries) -> None:
        self._s = services
        self._people = people

    def routes(self) -> list[Route]:
        """``/api/v1/people``, the members of a blog, ``/api/v1/invitations``."""
        people, members = "/api/v1/people", "/api/v1/blogs/{slug}/members"
        member, invitations = members + "/{person_id}", "/api/v1/invitations"
        return [
            Route(people, self.list, methods=["GET"]),
            Route(people + "/{person_id}", self.revise, methods=["PATCH"]),
            Route(members, self.members, methods=["GET"]),
            Route(member, self.set_member, methods=["PUT"]),
            Route(member, self.drop_member, methods=["DELETE"]),
            Route(invitations, self.invitations, methods=["GET"]),
            Route(invitations, self.invite, methods=["POST"]),
            Route(invitations + "/{invitation_id}", self.withdraw, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        """Those whose chief the asker is."""
        who = await self._s.auth.required(request)
        found, following = await self._people.people(who, *page_of(request))
        people = [colleague_view(*one) for one in found]
        return answer({"people": people, "next": following}, headers=NO_STORE)

    async def revise(self, request: Request) -> Response:
        """Change a person."""
        write = await read_write(request, self._s)
        patch = parse(write, PatchPerson)
        people = self._s.actions.people
        person = await people.revise(person_id_of(request), patch, write.ask.who)
        return answer(colleague_view(person, {}), headers=NO_STORE)

    async def members(self, request: Request) -> Response:
        """Those who belong to a blog."""
        who = await self._s.auth.required(request)
        found, following = await self._people.members(slug_of(request), who, *page_of(request))
        members = [member_view(*one) for one in found]
        return answer({"members": members, "next": following}, headers=NO_STORE)

    async def set_member(self, request: Request) -> Response:
        """Give somebody a role on a blog."""
        write = await read_write(request, self._s)
        role = parse(write, Given).role
        member = await self._s.actions.people.set_member(
            slug_of(request), person_id_of(request), role, write.ask.who
        )
        return answer(member_view(*member), headers=NO_STORE)

    async def drop_member(self, request: Request) -> Response:
        """Take it away."""
        write = await read_write(request, self._s)
        parse(write, Nothing)
        await self._s.actions.people.drop_member(
            slug_of(request), person_id_of(request), write.ask.who
        )
        return Response(status_code=204)

    async def invitations(self, request: Request) -> Response:
        """Those that nobody has taken, to the blog of the query or to all of the asker's."""
        who = await self._s.auth.required(request)
        slug = words_of(request, "blog")
        found, following = await self._people.invitations(
            read_slug(slug) if slug else None, who, *page_of(request)
        )
        shown = [pending_view(*one) for one in found]
        return answer({"invitations": shown, "next": following}, headers=NO_STORE)

    async def withdraw(self, request: Request) -> Response:
        """End an invitation."""
        write = await read_write(request, self._s)
        parse(write, Nothing)
        invitation_id: str = request.path_params["invitation_id"]
        if not is_id(invitation_id):
            raise NotFound("There is no invitation of this id.")
        await self._s.actions.invitations.withdraw(invitation_id, write.ask.who)
        return Response(status_code=204)

    async def invite(self, request: Request) -> Response:
        """Ask somebody in: 201 and a link, or 200 when they are here already."""
        write = await read_write(request, self._s)
        asked = parse(write, Invite)
        blog = Slug(asked.blog) if asked.blog is not None else None
        invited = await self._s.actions.invitations.invite(
            asked.email, asked.role, blog, write.ask.who
        )
        if invited.person is not None:
            shown = InvitedView(person=member_view(invited.person, asked.role))
            return answer(shown, headers=NO_STORE)
        url = self._s.links.join(invited.token)
        return answer(InvitedView(url, invited.expires_at), 201, NO_STORE)


def person_id_of(request: Request) -> str:
    """The id in the address.

    :raises NotFound: it is none.
    """
    person_id: str = request.path_params["person_id"]
    if not is_id(person_id):
        raise NotFound("There is nobody of this id.")
    return person_id


def page_of(request: Request) -> tuple[str, int]:
    """Where a list of people is to go on, and how many it may have.

    :raises BadRequest: ``after`` is none of ours. :raises Invalid: ``limit`` is out of bounds.
    """
    after = request.query_params.get("after", "")
    if after and not is_id(after):
        raise BadRequest("after is malformed: give back the next you were given.")
    return after, number(request, "limit", 100, 1, 100)

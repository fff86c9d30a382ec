"""The tree of errors; a docstring is the default message.

::

    LiveblogError
    ├── ConfigError             a setting is wrong: the sentence says which and what to do
    └── Refusal                 an answer to whoever asked; carries an HTTP status
        ├── BadRequest          400  the request cannot be read (malformed JSON, cursor, query)
        ├── NotAuthenticated    401  no token or session, or one that is not known
        │   └── SignInFailed    401  e-mail address and password do not belong together
        ├── NotAllowed          403  the token's scope or blog does not cover this
        │   ├── QuotaReached    403  there is no room for one more upload
        │   └── ForeignOrigin   403  a cookie came with a request that our own pages did not make
        ├── NotFound            404
        ├── Conflict            409  the subject is not in a state that allows this
        │   └── MediaNotReady       a picture in it is still being made; come back
        ├── Gone                410  retracted; carries the tombstone
        ├── Moved               412  If-Match is out of date; carries the current subject
        ├── TooLarge            413
        ├── UnsupportedType     415  the Content-Type is none that is taken here
        ├── Invalid             422  a field is wrong; carries path and message of each
        ├── KeyReused           422  the Idempotency-Key was used for another request
        ├── MatchRequired       428  If-Match is missing
        ├── TooMany             429
        └── Unavailable         503  busy or cut off from what it needs; come back
            ├── StoreBusy
            └── StorageTrouble      the storage for media is full or cut off
"""

from typing import Any, NamedTuple


class FieldError(NamedTuple):
    """One wrong field: its path (``quote.text``, ``media[0].url``) and what is wrong."""

    path: str
    message: str


class LiveblogError(Exception):
    """Something went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class ConfigError(LiveblogError):
    """The configuration is not sound."""


class Refusal(LiveblogError):
    """The request was refused."""

    status = 400
    name = "refused"
    retry_after: int | None = None
    """Seconds for the ``Retry-After`` header, where coming back helps."""


class BadRequest(Refusal):
    """The request cannot be understood."""

    name = "bad-request"


class NotAuthenticated(Refusal):
    """Sign in, or show a valid token: Authorization: Bearer TOKEN."""

    status = 401
    name = "not-authenticated"


class SignInFailed(NotAuthenticated):
    """E-mail address and password do not belong together."""

    name = "sign-in-failed"


class NotAllowed(Refusal):
    """This is not allowed."""

    status = 403
    name = "not-allowed"


class QuotaReached(NotAllowed):
    """No more may be uploaded."""

    # Not 429: whoever repeats that by itself would wait for hours, and say nothing.
    name = "quota-reached"


class ForeignOrigin(NotAllowed):
    """What a session allows can only be asked for by pages of this server."""

    name = "foreign-origin"


class NotFound(Refusal):
    """There is nothing at this address."""

    status = 404
    name = "not-found"


class Conflict(Refusal):
    """The subject's present state does not allow that."""

    status = 409
    name = "conflict"


class MediaNotReady(Conflict):
    """A picture is still being prepared; send the request again in a moment."""

    name = "media-not-ready"
    retry_after = 1


class Gone(Refusal):
    """This entry was retracted."""

    status = 410
    name = "gone"

    def __init__(self, tombstone: Any = None, message: str = "") -> None:
        super().__init__(message)
        self.tombstone = tombstone


class Moved(Refusal):
    """The subject has changed since the version named in If-Match."""

    status = 412
    name = "moved"

    def __init__(self, current: Any, revision: int, message: str = "") -> None:
        super().__init__(message)
        self.current = current
        self.revision = revision


class TooLarge(Refusal):
    """The request is larger than the server takes."""

    status = 413
    name = "too-large"


class UnsupportedType(Refusal):
    """This Content-Type is not taken here."""

    status = 415
    name = "unsupported-type"


class Invalid(Refusal):
    """A field is wrong."""

    status = 422
    name = "invalid"

    def __init__(self, *errors: FieldError, message: str = "") -> None:
        told = "; ".join(f"{e.path}: {e.message}" if e.path else e.message for e in errors)
        super().__init__(message or told)
        self.errors = errors


class KeyReused(Refusal):
    """This Idempotency-Key was used before, for another request."""

    status = 422
    name = "idempotency-key-reused"


class MatchRequired(Refusal):
    """If-Match is needed: send the ETag of the version you are changing."""

    status = 428
    name = "match-required"


class TooMany(Refusal):
    """Too many connections or requests; come back later."""

    status = 429
    name = "too-many"
    retry_after = 5


class Unavailable(Refusal):
    """The server cannot answer this for a moment; come back."""

    status = 503
    name = "unavailable"
    retry_after = 2


class StoreBusy(Unavailable):
    """The database is busy; nothing was changed; send the request again."""

    name = "store-busy"


class StorageTrouble(Unavailable):
    """The storage for media does not answer; nothing was kept."""

    name = "storage-unavailable"

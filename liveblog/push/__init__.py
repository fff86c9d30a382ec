"""Web push: from our words to a browser's push service.

encryption.py   a message for one browser only (RFC 8291)
vapid.py        who sends: our key, and a token for each push service (RFC 8292)
endpoint.py     which addresses may be sent to
service.py      the sending (RFC 8030)
"""

from .encryption import Keys, encrypt
from .endpoint import of_service
from .service import Failed, Later, PushServices, Rejected, Unsubscribed
from .vapid import Vapid, vapid_of

__all__ = [
    "Failed",
    "Keys",
    "Later",
    "PushServices",
    "Rejected",
    "Unsubscribed",
    "Vapid",
    "encrypt",
    "of_service",
    "vapid_of",
]

"""How much may be uploaded: each bound to the byte, and what is said at it."""

import pytest

from liveblog.errors import QuotaReached
from liveblog.model.quota import GIB, Quota, Used, require_room, size_of

QUOTA = Quota(day_uploads=3, day_bytes=1000, house_bytes=5000)


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (Used(4, 4, 4), "3 uploads of one person a day (LIVEBLOG_MEDIA_DAY_UPLOADS)"),
        (Used(3, 1001, 4), "1,000 bytes of one person a day (LIVEBLOG_MEDIA_DAY_BYTES)"),
        (Used(3, 1000, 5001), "5,000 bytes (LIVEBLOG_MEDIA_HOUSE_BYTES). Delete in the library"),
    ],
)
def test_what_is_above_a_bound_is_refused_and_told_what_to_do(used: Used, said: str) -> None:
    with pytest.raises(QuotaReached) as refused:
        require_room(QUOTA, used)
    assert said in str(refused.value)
    assert "ask whoever runs this server" in str(refused.value)
    assert (refused.value.status, refused.value.retry_after) == (403, None)


def test_what_is_at_a_bound_is_taken() -> None:
    require_room(QUOTA, Used(3, 1000, 5000))
    require_room(QUOTA, Used())
    assert Used(1, 10, 100).plus(5) == Used(2, 15, 105)


def test_sizes_are_said_as_people_say_them() -> None:
    assert size_of(1023) == "1,023 bytes"
    assert size_of(GIB // 10 + 1) == "0.1 GiB"
    assert size_of(1500 * GIB) == "1,500.0 GiB"

"""Moments as whole microseconds since 1970, as cursors of lists hold them."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(count: int) -> datetime:
    """The moment so many microseconds after 1970.

    :raises OverflowError: there is none.
    """
    return EPOCH + timedelta(microseconds=count)

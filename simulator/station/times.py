"""Times as OCPP writes them."""

from datetime import UTC, datetime, timedelta


def timestamp(time: datetime) -> str:
    """Return a time in the form of the protocol, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_over(since: datetime, seconds: float, now: datetime) -> bool:
    """Return whether an interval is over, or the clock has been set back behind its begin."""
    return not since <= now < since + timedelta(seconds=seconds)


def parse_time(text: str) -> datetime:
    """Read a time of a message. Raises ValueError without a zone, too."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time needs a zone")
    return time

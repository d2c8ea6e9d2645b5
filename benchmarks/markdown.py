"""Tables in Markdown, and what stands in them."""

from collections.abc import Iterable, Sequence


def head(columns: Sequence[str]) -> str:
    """Return the first two lines of a table."""
    return f"{line(columns)}\n|{'---|' * len(columns)}"


def line(cells: Iterable[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def percentile[ValueT](ordered: Sequence[ValueT], share: float) -> ValueT:
    """Return the value below which a share of ordered values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

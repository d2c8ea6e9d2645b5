"""What is installed where a car plugs in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Grid phases and the highest current in A per phase."""

    phases: tuple[int, ...]
    most: float

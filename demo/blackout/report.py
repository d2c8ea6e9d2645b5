"""How the trial is told."""

from collections.abc import Mapping
from typing import Final

from .judgement import Fall, Guard, is_kept

_HEAD: Final = (
    "Connector",
    "Kind",
    "Timeout",
    "Fallback",
    "Before",
    "At fallback after",
    "Then at most",
    "Promise",
)


def fall_table(guards: Mapping[str, Guard], falls: Mapping[str, Fall]) -> str:
    """Return a table of how the connectors came down, as Markdown."""
    rows = [_HEAD, ("---",) * len(_HEAD)]
    rows += [_row(connector, guard, falls[connector]) for connector, guard in guards.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(connector: str, guard: Guard, fallen: Fall) -> tuple[str, ...]:
    if guard.timeout is None:
        timeout, seconds, verdict = "none", "-", "none"
    else:
        timeout, seconds = f"{guard.timeout:.0f} s", f"{fallen.seconds:.0f} s"
        verdict = "kept" if is_kept(guard, fallen) else "BROKEN"
    return (
        connector,
        guard.kind,
        timeout,
        "none" if guard.timeout is None else f"{guard.fallback:.1f} A",
        f"{fallen.before:.1f} A",
        seconds,
        f"{fallen.afterwards:.1f} A",
        verdict,
    )

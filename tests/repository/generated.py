"""Tables on the pages in docs/ that come from the code."""

from dataclasses import dataclass
from pathlib import Path

from .files import ROOT


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands, between two comments that name it."""

    page: str
    table: str

    @property
    def written(self) -> str:
        """Return the table that the page has."""
        _, _, table, _, _ = self._parts()
        return table

    def write(self, table: str) -> None:
        """Put a table in the place of the one that the page has."""
        before, begin, _, end, after = self._parts()
        self._path.write_text(f"{before}{begin}{table}{end}{after}", "utf-8")

    @property
    def _path(self) -> Path:
        return ROOT / "docs" / self.page

    def _parts(self) -> tuple[str, str, str, str, str]:
        text = self._path.read_text("utf-8")
        before, begin, rest = text.partition(f"<!-- table of {self.table}: begin -->\n")
        table, end, after = rest.partition(f"<!-- table of {self.table}: end -->\n")
        return before, begin, table, end, after

"""What people are told of chargers that do something wrong."""

import logging

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN

from .life import Life

LOGGER = "custom_components.headroom.compliance_report"


class Wrongs:
    """The repair issues, the log and the entities of a site's chargers."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        life: Life,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._life = life
        self._caplog = caplog
        caplog.set_level(logging.INFO, LOGGER)

    def issue(self, charger: str) -> ir.IssueEntry | None:
        """Return the repair issue of a charger."""
        issue_id = f"incident_{self._entry.entry_id}_{charger}"
        return ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id)

    def text(self, charger: str) -> str | None:
        """Return the text of a charger's repair issue."""
        issue = self.issue(charger)
        return None if issue is None else issue.translation_key

    def cause(self, connector: str) -> str | None:
        """Return what the binary sensor of a connector says is wrong."""
        state = self._life.state("binary_sensor", f"{connector}_compliance")
        cause: str | None = state.attributes["cause"]
        assert (state.state == "on") == (cause is not None)
        return cause

    @property
    def log(self) -> list[tuple[int, str]]:
        """Return level and message of what was logged."""
        records = (record for record in self._caplog.records if record.name == LOGGER)
        return [(record.levelno, record.getMessage()) for record in records]

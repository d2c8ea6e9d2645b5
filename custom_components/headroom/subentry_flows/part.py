"""The base of the flows that add or change one part of a site."""

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)


class PartSubentryFlow(ConfigSubentryFlow):
    """Add a subentry or change one; whoever listens to the entry applies it."""

    @property
    def _site_entry(self) -> ConfigEntry:
        """Return the entry of the site that the part belongs to."""
        return self._get_entry()

    @property
    def _edited(self) -> ConfigSubentry | None:
        """Return the subentry that is being changed; None while one is added."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_subentry()
        return None

    def _save(self, draft: ConfigSubentry) -> SubentryFlowResult:
        """Keep the finished part and end the flow."""
        edited = self._edited
        if edited is None:
            return self.async_create_entry(
                title=draft.title, data=draft.data, unique_id=draft.unique_id
            )
        return self.async_update_and_abort(
            self._site_entry,
            edited,
            title=draft.title,
            data=draft.data,
            unique_id=draft.unique_id,
        )

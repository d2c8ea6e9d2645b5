"""What the forms of a site and its parts have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import UnitOfElectricCurrent, UnitOfPower, UnitOfTime
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult, section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_CONNECTION, CONF_PARENT, CONNECTION_SERIAL, SUBENTRY_ZONE
from ..installation import fault_of_change
from ..modbus.address import Framing

type Fields = Mapping[probatio.Marker, object]

WHOLE_FORM: Final = "base"


class Refusal(Exception):
    """What a person entered cannot be; `key` and `placeholders` say why, next to a field."""

    def __init__(self, key: str, field: str = WHOLE_FORM, **placeholders: str) -> None:
        """Keep the reason and its place."""
        super().__init__(key)
        self.key = key
        self.field = field
        self.placeholders = placeholders


def show[C: FlowContext, R: FlowResult[Any, Any], H](
    flow: FlowHandler[C, R, H],
    step_id: str,
    fields: Fields,
    *,
    values: Mapping[str, Any] | None,
    refusal: Refusal | None,
    **placeholders: str,
) -> R:
    """Show a form with values filled in and, if need be, why it was not accepted.

    The values of fields in sections stand beside the others, as `flat` returns them, or in a
    mapping of their own under the name of the section.
    """
    filled = None if values is None else {**values, **_by_section(fields, values)}
    return flow.async_show_form(
        step_id=step_id,
        data_schema=flow.add_suggested_values_to_schema(probatio.Schema(fields), filled),
        errors={} if refusal is None else {_place_of(fields, refusal.field): refusal.key},
        description_placeholders=placeholders | (refusal.placeholders if refusal else {}),
    )


def folded(name: str, fields: Fields) -> Fields:
    """Return fields as a section of a form that is closed until somebody opens it."""
    return {probatio.Required(name): section(probatio.Schema(fields), {"collapsed": True})}


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person entered as if the form had no sections."""
    values: dict[str, Any] = {}
    for key, value in user_input.items():
        values |= value if isinstance(value, Mapping) else {key: value}
    return values


def _place_of(fields: Fields, field: str) -> str:
    """Return the section of a field or else the field: pages show no errors inside of sections."""
    sections = {str(name): part for name, part in fields.items() if isinstance(part, section)}
    return next((name for name, part in sections.items() if field in part.schema.schema), field)


def _by_section(fields: Fields, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        str(name): values[str(name)]
        if str(name) in values
        else {str(key): values[key] for key in part.schema.schema if key in values}
        for name, part in fields.items()
        if isinstance(part, section)
    }


def required_text(values: Mapping[str, Any], field: str) -> str:
    """Return a text without spaces around it. Raises Refusal if nothing is left."""
    text = str(values.get(field, "")).strip()
    if not text:
        raise Refusal("empty", field)
    return text


def drafted(
    edited: ConfigSubentry | None,
    *,
    subentry_type: str,
    title: str,
    unique_id: str,
    data: Mapping[str, Any],
) -> ConfigSubentry:
    """Return a subentry as it would be saved, in the place of the edited one if there is one."""
    draft = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=subentry_type,
        title=title,
        unique_id=unique_id,
    )
    return draft if edited is None else replace(draft, subentry_id=edited.subentry_id)


def kept_title(edited: ConfigSubentry | None, unique_id: str) -> str | None:
    """Return the title that a person may have given to the same device."""
    return edited.title if edited is not None and edited.unique_id == unique_id else None


def require_acceptable(entry: ConfigEntry, draft: ConfigSubentry, taken: Refusal) -> ConfigSubentry:
    """Return a draft that may be saved.

    Raises `taken` if another subentry has its unique id, or Refusal if the site could not be
    built with it.
    """
    if any(
        other.unique_id == draft.unique_id and other.subentry_id != draft.subentry_id
        for other in entry.subentries.values()
    ):
        raise taken
    if fault := fault_of_change(entry.subentries.values(), draft):
        raise Refusal(fault.key, **fault.placeholders)
    return draft


def zones(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return all zones of a site."""
    return [item for item in entry.subentries.values() if item.subentry_type == SUBENTRY_ZONE]


def terminal_zones(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the zones that feed no other zone."""
    parents = {zone.data.get(CONF_PARENT) for zone in zones(entry)}
    return [zone for zone in zones(entry) if zone.subentry_id not in parents]


def zone_selector(offered: Iterable[ConfigSubentry]) -> SelectSelector:
    """Return a choice of zones by their names."""
    return choice({zone.subentry_id: zone.title for zone in offered})


def choice(labels: Mapping[str, str]) -> SelectSelector:
    """Return a choice of values that have a label."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[SelectOptionDict(value=value, label=label) for value, label in labels.items()],
            mode=SelectSelectorMode.DROPDOWN,
            sort=True,
        )
    )


def named_choice(
    key: str, values: Iterable[str], mode: SelectSelectorMode = SelectSelectorMode.DROPDOWN
) -> SelectSelector:
    """Return a choice of values that are labelled in the translations under a key."""
    return SelectSelector(
        SelectSelectorConfig(options=list(values), mode=mode, translation_key=key)
    )


def connection_choice() -> SelectSelector:
    """Return a choice of how a Modbus device is spoken with."""
    return named_choice(CONF_CONNECTION, (*Framing, CONNECTION_SERIAL))


def current(lowest: float, highest: float) -> probatio.All[float]:
    """Return a field for a current in A."""
    return _number(lowest, highest, 0.1, UnitOfElectricCurrent.AMPERE)


def seconds(lowest: float, highest: float) -> probatio.All[float]:
    """Return a field for a time in s."""
    return _number(lowest, highest, 0.01, UnitOfTime.SECONDS)


def power(lowest: float, highest: float) -> probatio.All[float]:
    """Return a field for a power in kW."""
    return _number(lowest, highest, 0.1, UnitOfPower.KILO_WATT)


def whole_number(lowest: int, highest: int, unit: str | None = None) -> probatio.All[int]:
    """Return a field for an integer."""
    return probatio.All(_number(lowest, highest, 1, unit), probatio.Coerce(int))


def _number(lowest: float, highest: float, step: float, unit: str | None) -> probatio.All[float]:
    config = NumberSelectorConfig(min=lowest, max=highest, step=step, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    # The selector's own comparison lets NaN pass, the range's does not
    return probatio.All(NumberSelector(config), probatio.Range(min=lowest, max=highest))

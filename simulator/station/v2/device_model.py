"""Reading, writing and reporting the device model of a station."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Any, Final

from ..cabinet import Cabinet
from ..protocol import Protocol
from .variables import ITEMS_PER_MESSAGE, NEEDS_RESTART, Variable, variables

_ACTUAL: Final = "Actual"
_INVENTORIES: Final = {"FullInventory", "ConfigurationInventory"}


class DeviceModel:
    """What can be asked of a station, and changed; keys of messages in snake case."""

    def __init__(self, cabinet: Cabinet, protocol: Protocol) -> None:
        self._cabinet = cabinet
        self._protocol = protocol

    def report(self, base: str) -> list[list[dict[str, Any]]] | None:
        """Return the parts of a report, None if there is no such report."""
        if base not in _INVENTORIES:
            return None
        wanted = [v for v in self._all() if base == "FullInventory" or v.preference is not None]
        parts = batched(wanted, ITEMS_PER_MESSAGE, strict=False)
        return [[_report_data(variable) for variable in part] for part in parts]

    def get(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result for an item of GetVariables."""
        found = self._find(item)
        if isinstance(found, str):
            return _result(item, found)
        if found.write_only:
            return _result(item, "Rejected", reason="WriteOnly")
        return _result(item, "Accepted") | {"attribute_value": found.value}

    def set(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Do what an item of SetVariables asks for and return its result."""
        found = self._find(item)
        if isinstance(found, str):
            return _result(item, found)
        if found.preference is None:
            return _result(item, "Rejected", reason="ReadOnly")
        try:
            self._cabinet.preferences.write(found.preference, item["attribute_value"])
        except ValueError:
            return _result(item, "Rejected", reason="InvalidValue")
        needs_restart = found.preference in NEEDS_RESTART
        return _result(item, "RebootRequired" if needs_restart else "Accepted")

    def _all(self) -> Iterator[Variable]:
        return variables(self._cabinet, self._protocol)

    def _find(self, item: Mapping[str, Any]) -> Variable | str:
        """Return the variable of an item, or the status that says why there is none."""
        if item.get("attribute_type", _ACTUAL) != _ACTUAL:
            return "NotSupportedAttributeType"
        of_component = [v for v in self._all() if _is_of(v, item["component"])]
        if not of_component:
            return "UnknownComponent"
        names = item["variable"]["name"], item["variable"].get("instance")
        found = (v for v in of_component if (v.name, v.instance) == names)
        return next(found, "UnknownVariable")


def too_many(items: Sequence[object]) -> bool:
    """Return whether a message has more items than the station takes."""
    return len(items) > ITEMS_PER_MESSAGE


def _is_of(variable: Variable, component: Mapping[str, Any]) -> bool:
    evse = component.get("evse", {})
    return (variable.component, variable.evse, variable.connector) == (
        component["name"],
        evse.get("id"),
        evse.get("connector_id"),
    )


def _result(item: Mapping[str, Any], status: str, *, reason: str | None = None) -> dict[str, Any]:
    words = {key: item[key] for key in ("component", "variable", "attribute_type") if key in item}
    info = {"attribute_status_info": {"reason_code": reason}} if reason else {}
    return {**words, "attribute_status": status, **info}


def _report_data(variable: Variable) -> dict[str, Any]:
    attribute = {"type": _ACTUAL, "mutability": variable.mutability}
    value = {} if variable.write_only else {"value": variable.value}
    limit = {} if variable.maximum is None else {"max_limit": variable.maximum}
    return {
        "component": variable.component_words,
        "variable": variable.variable_words,
        "variable_attribute": [attribute | value],
        "variable_characteristics": {
            "data_type": variable.kind,
            "supports_monitoring": False,
            "unit": variable.unit,
            "values_list": variable.choices,
            **limit,
        },
    }

"""Telling platforms of the subentries for which they have to make entities."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

type Listener = Callable[[ConfigSubentry], None]


class SubentryNews:
    """Tells listeners of every subentry that exists, appears or changes."""

    def __init__(self, entry: ConfigEntry[Any]) -> None:
        self._entry = entry
        self._listeners: list[Listener] = []
        self._told: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def listen(self, listener: Listener) -> None:
        """Call a listener from now on, and for what exists, until the entry is unloaded."""
        self._listeners.append(listener)
        self._entry.async_on_unload(lambda: self._listeners.remove(listener))
        for item in self._entry.subentries.values():
            listener(item)

    def tell_changed(self, items: Mapping[str, ConfigSubentry]) -> None:
        """Tell of new and changed ones; Home Assistant changes its objects in place."""
        before = self._told
        self._told = {key: (item.title, item.data) for key, item in items.items()}
        self.tell(item for key, item in items.items() if before.get(key) != self._told[key])

    def tell(self, items: Iterable[ConfigSubentry]) -> None:
        """Tell of some of them."""
        for item in items:
            for listener in self._listeners:
                listener(item)

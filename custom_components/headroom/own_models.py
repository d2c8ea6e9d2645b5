"""Meter models that people have made for a site, beside those that Headroom brings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from .const import SUBENTRY_METER_MODEL
from .meters.model_files import load_models, parse_model
from .meters.models import MeterModel, ModelError

OWN: Final = "own:"
"""Begins the key of a site's own model, so that no shipped one, now or later, can have it."""


def own_models(items: Iterable[ConfigSubentry]) -> dict[str, MeterModel]:
    """Return the models among subentries by their keys; one that cannot be read is left out.

    Meters of such a model are reported like those whose model is gone.
    """
    models = {}
    for item in items:
        if item.subentry_type == SUBENTRY_METER_MODEL:
            try:
                model = parse_model(dict(item.data))
            except ModelError:
                continue
            models[OWN + model.id] = model
    return models


async def async_models(
    hass: HomeAssistant, items: Iterable[ConfigSubentry]
) -> Mapping[str, MeterModel]:
    """Return all models that the meters of a site can be of, by their keys."""
    return {**await hass.async_add_executor_job(load_models), **own_models(items)}


class SiteModels(Mapping[str, MeterModel]):
    """The models that the meters of a running site can be of, by their keys."""

    def __init__(self, shipped: Mapping[str, MeterModel]) -> None:
        self._shipped = shipped
        self._all = shipped

    def learn(self, items: Iterable[ConfigSubentry]) -> None:
        """Know the site's own models among subentries, and no others that it had."""
        self._all = {**self._shipped, **own_models(items)}

    @override
    def __getitem__(self, key: str) -> MeterModel:
        return self._all[key]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    @override
    def __len__(self) -> int:
        return len(self._all)

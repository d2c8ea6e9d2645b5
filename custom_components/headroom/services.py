"""Actions: what people and automations can ask of a charger beside its entities."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

import probatio
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util

from .acts import carry_out
from .charger_target import Target, find_target
from .chargers.maintenance import Command, FirmwareFile, LogKind, LogRequest
from .clock.entities import force_charge
from .const import DOMAIN
from .firmware import FirmwareOffer
from .log_files import delete_logs
from .log_transfer import fetch_log
from .parts import connector_id
from .plain import plain
from .plan.goal_actions import (
    GOAL_FIELDS,
    READY_BY_FIELDS,
    clear_goal,
    set_goal,
    set_ready_by,
)
from .report import async_report_of
from .update import install
from .upload import UploadDesk

ATTR_BADGE: Final = "badge"
ATTR_BADGES: Final = "badges"
ATTR_CERTIFICATE: Final = "certificate"
ATTR_CONNECTOR: Final = "connector"
ATTR_INSTALL: Final = "install"
ATTR_KIND: Final = "kind"
ATTR_RETRIEVE_AT: Final = "retrieve_at"
ATTR_SIGNATURE: Final = "signature"
ATTR_SINCE: Final = "since"
ATTR_TIMEOUT: Final = "timeout"
ATTR_UNTIL: Final = "until"
ATTR_URL: Final = "url"
ATTR_VERSION: Final = "version"

_LONGEST_BADGE: Final = 36
"""Characters (OCPP 2.0.1, 2.28); some chargers take less and say so."""
_DOWNLOADS: Final = frozenset({"http", "https", "ftp", "ftps", "sftp"})
"""Protocols that chargers fetch a firmware by."""
_LONGEST_WAIT: Final = timedelta(minutes=30)
_USUAL_WAIT: Final = timedelta(minutes=5)

type Fields = Mapping[probatio.Marker, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action on a charger, or on one of its connectors."""

    name: str
    handle: Callable[[Target, Mapping[str, Any]], Awaitable[ServiceResponse]]
    fields: Fields = field(default_factory=dict)
    answers: SupportsResponse = SupportsResponse.NONE
    for_connectors: bool = False
    for_admins: bool = True
    """Who only uses a site may look and keep it going, not change what chargers are."""

    @property
    def schema(self) -> probatio.Schema:
        """Return what can be passed."""
        target: Fields = {probatio.Required(ATTR_DEVICE_ID): cv.string}
        connector: Fields = {probatio.Optional(ATTR_CONNECTOR): cv.positive_int}
        return probatio.Schema(
            {**target, **(connector if self.for_connectors else {}), **self.fields}
        )


@callback
def async_register_actions(hass: HomeAssistant, desk: UploadDesk) -> None:
    """Register the actions, which find their site when they are called."""
    for action in (*ACTIONS, get_diagnostics(desk)):
        register = (
            partial(async_register_admin_service, hass)
            if action.for_admins
            else hass.services.async_register
        )
        register(
            DOMAIN,
            action.name,
            partial(_run, hass, action),
            schema=action.schema,
            supports_response=action.answers,
        )


async def _run(hass: HomeAssistant, action: Action, call: ServiceCall) -> ServiceResponse:
    target = find_target(hass, call.data[ATTR_DEVICE_ID], call.data.get(ATTR_CONNECTOR))
    return await action.handle(target, call.data)


async def _update_firmware(target: Target, data: Mapping[str, Any]) -> None:
    if Command.FIRMWARE not in target.charger.capabilities.commands:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="charger_unable")
    url = urlsplit(data[ATTR_URL])
    offer = FirmwareOffer(
        file=FirmwareFile(
            url=url.geturl(),
            retrieve_at=_as_utc(data.get(ATTR_RETRIEVE_AT)),
            signature=data.get(ATTR_SIGNATURE),
            certificate=data.get(ATTR_CERTIFICATE),
        ),
        version=data.get(ATTR_VERSION) or PurePosixPath(url.path).stem or str(url.hostname),
    )
    charger = target.item.subentry_id
    await target.coordinator.async_offer_firmware(charger, offer)
    if data[ATTR_INSTALL]:
        await install(target.coordinator, charger, offer)


def get_diagnostics(desk: UploadDesk) -> Action:
    """Return the action that lets a charger send a log to the desk."""

    async def fetch(target: Target, data: Mapping[str, Any]) -> ServiceResponse:
        request = LogRequest(
            kind=LogKind(data[ATTR_KIND]),
            since=_as_utc(data.get(ATTR_SINCE)),
            until=_as_utc(data.get(ATTR_UNTIL)),
        )
        stored: ServiceResponse = plain(await fetch_log(target, desk, request, data[ATTR_TIMEOUT]))
        return stored

    wait = probatio.Range(min=timedelta(seconds=10), max=_LONGEST_WAIT)
    return Action(
        name="get_diagnostics",
        handle=fetch,
        fields={
            probatio.Optional(ATTR_KIND, default=LogKind.DIAGNOSTICS): probatio.In(
                [kind.value for kind in LogKind]
            ),
            probatio.Optional(ATTR_SINCE): cv.datetime,
            probatio.Optional(ATTR_UNTIL): cv.datetime,
            probatio.Optional(ATTR_TIMEOUT, default=_USUAL_WAIT): probatio.All(
                cv.time_period, wait
            ),
        },
        answers=SupportsResponse.OPTIONAL,
    )


async def _delete_logs(target: Target, _: Mapping[str, Any]) -> ServiceResponse:
    deleted = await target.hass.async_add_executor_job(
        delete_logs, target.hass, target.item.subentry_id
    )
    return {"deleted": deleted}


async def _report(target: Target, _: Mapping[str, Any]) -> ServiceResponse:
    return await async_report_of(target.coordinator, target.item)


async def _force_stop(target: Target, _: Mapping[str, Any]) -> None:
    await carry_out(target.charger, lambda charger: charger.force_stop(target.number))


async def _force_charge(target: Target, _: Mapping[str, Any]) -> None:
    force_charge(target.coordinator, connector_id(target.item.subentry_id, target.number))


async def _reserve(target: Target, data: Mapping[str, Any]) -> None:
    until = dt_util.as_utc(data[ATTR_UNTIL])
    if until <= dt_util.utcnow():
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="time_is_past")
    await carry_out(
        target.charger, lambda charger: charger.reserve(target.number, data[ATTR_BADGE], until)
    )


async def _cancel_reservation(target: Target, _: Mapping[str, Any]) -> None:
    await carry_out(target.charger, lambda charger: charger.cancel_reservation(target.number))


async def _send_badges(target: Target, data: Mapping[str, Any]) -> None:
    badges = tuple(dict.fromkeys(data[ATTR_BADGES]))
    await carry_out(target.charger, lambda charger: charger.send_badges(badges))


def _download(value: object) -> str:
    """Return an address that a charger can fetch from. Raises Invalid."""
    url = urlsplit(cv.string(value))
    if url.scheme not in _DOWNLOADS or not url.hostname:
        raise probatio.Invalid(f"an address with one of {', '.join(sorted(_DOWNLOADS))}")
    return url.geturl()


def _as_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else dt_util.as_utc(moment)


_BADGE: Final = probatio.All(cv.string, probatio.Length(min=1, max=_LONGEST_BADGE))

ACTIONS: Final = (
    Action(
        name="update_firmware",
        handle=_update_firmware,
        fields={
            probatio.Required(ATTR_URL): _download,
            probatio.Optional(ATTR_VERSION): cv.string,
            probatio.Optional(ATTR_RETRIEVE_AT): cv.datetime,
            probatio.Optional(ATTR_INSTALL, default=True): cv.boolean,
            probatio.Inclusive(ATTR_SIGNATURE, "signed"): cv.string,
            probatio.Inclusive(ATTR_CERTIFICATE, "signed"): cv.string,
        },
    ),
    Action(name="delete_logs", handle=_delete_logs, answers=SupportsResponse.OPTIONAL),
    Action(name="charger_report", handle=_report, answers=SupportsResponse.ONLY, for_admins=False),
    Action(name="force_stop", handle=_force_stop, for_connectors=True, for_admins=False),
    Action(
        name="set_goal",
        handle=set_goal,
        fields=GOAL_FIELDS,
        for_connectors=True,
        for_admins=False,
    ),
    Action(
        name="set_ready_by",
        handle=set_ready_by,
        fields=READY_BY_FIELDS,
        for_connectors=True,
        for_admins=False,
    ),
    Action(name="clear_goal", handle=clear_goal, for_connectors=True, for_admins=False),
    Action(name="force_charge", handle=_force_charge, for_connectors=True, for_admins=False),
    Action(
        name="reserve",
        handle=_reserve,
        fields={
            probatio.Required(ATTR_BADGE): _BADGE,
            probatio.Required(ATTR_UNTIL): cv.datetime,
        },
        for_connectors=True,
        for_admins=False,
    ),
    Action(
        name="cancel_reservation",
        handle=_cancel_reservation,
        for_connectors=True,
        for_admins=False,
    ),
    Action(
        name="send_badges",
        handle=_send_badges,
        fields={probatio.Required(ATTR_BADGES): probatio.All(cv.ensure_list, [_BADGE])},
    ),
)

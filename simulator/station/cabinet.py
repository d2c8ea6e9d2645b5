"""What a station is without its network and its language."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import floor

from ..plant.ev import VOLTAGE
from ..plant.outlet import Outlet
from .connector import Reservation, Start, StationConnector, StopReason
from .errands import IDLE, FirmwareUpdate, LogKind, LogUpload
from .faults import Faults
from .limits import Limits
from .local_list import LocalList
from .preferences import Preferences
from .profiles import Period, Profile, ProfileError, ProfileStore, Purpose, Reason


class BootReason(StrEnum):
    """Why a station boots, in the words of OCPP 2.0.1."""

    POWER_UP = "PowerUp"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    TRIGGERED = "Triggered"


@dataclass(frozen=True, slots=True)
class Restart:
    """A restart that is due, at once or when no transaction runs any more."""

    boot: BootReason
    stop: StopReason
    when_idle: bool = False


@dataclass(frozen=True, slots=True)
class Trigger:
    """A message that was asked for, of one connector or of all."""

    message: str
    number: int | None = None


class Cabinet:
    """Does what it is asked for; what it has to do in consequence waits for its station."""

    def __init__(
        self,
        name: str,
        outlets: Sequence[Outlet],
        clock: Callable[[], datetime],
        faults: Faults,
        *,
        badges: Mapping[int, str],
        offline_limits: bool = False,
        switches_phases: bool = False,
    ) -> None:
        """Build a cabinet. A connector with a badge starts its cars by itself."""
        self.name = name
        self.clock = clock
        self.faults = faults
        self.firmware = "1.0.0"
        self.offline_limits = offline_limits
        """Whether it knows maxOfflineDuration (2.1)."""
        self.preferences = Preferences()
        self.local_list = LocalList(self.preferences)
        self.profiles = ProfileStore(endless=lambda: faults.endless_limits)
        self.triggered: deque[Trigger] = deque()
        self.restart: Restart | None = None
        self.firmware_update: FirmwareUpdate | None = None
        self.firmware_status = IDLE
        self.log_upload: LogUpload | None = None
        self.log_status = IDLE
        self.connectors = {
            number: StationConnector(number, outlet, faults, badge=badges.get(number))
            for number, outlet in enumerate(outlets, start=1)
        }
        self.limits = Limits(self.connectors, self.profiles, faults, clock)
        self.limits.switches_phases = switches_phases

    @property
    def busy(self) -> bool:
        """Return whether a transaction runs."""
        return any(connector.transaction for connector in self.connectors.values())

    def install(self, profile: Profile) -> None:
        """Install a charging profile. Raises ProfileError."""
        self._check_faults(profile)
        if profile.connector and profile.connector not in self.connectors:
            raise ProfileError(Reason.EVSE, f"there is no connector {profile.connector}")
        if profile.purpose is Purpose.TRANSACTION:
            self._check_transaction(profile)
        if self.profiles.full and not self.profiles.find(profile.replaces):
            raise ProfileError(Reason.PROFILE, "no room for another profile")
        self.profiles.install(profile)

    def _check_faults(self, profile: Profile) -> None:
        faults = self.faults
        if faults.rejects_profile or (
            faults.only_tx_profile and profile.purpose is not Purpose.TRANSACTION
        ):
            raise ProfileError(Reason.PROFILE, "it takes no such profiles")
        if faults.only_watt and not profile.watts:
            raise ProfileError(Reason.UNIT, "it knows W only")
        if faults.rejects_zero and any(period.limit == 0 for period in profile.periods):
            raise ProfileError(Reason.SCHEDULE, "it takes no limit of 0")
        if faults.stack_zero_only and profile.stack:
            raise ProfileError(Reason.STACK, "it takes stack level 0 only")

    def _check_transaction(self, profile: Profile) -> None:
        connector = self.connectors.get(profile.connector)
        running = connector.transaction if connector else None
        if running is None or profile.transaction not in {None, running.id}:
            raise ProfileError(Reason.TRANSACTION, "it has no such transaction")

    def composite(self, number: int, duration: int, *, unit: str) -> list[Period] | None:
        """Return what holds for the next `duration` seconds; None for an unknown connector.

        The limits are in A per phase, or in W for all phases together; connector 0 is the sum.
        """
        selected = self.selected(number or None)
        if not selected:
            return None
        now = self.clock()
        end = now + timedelta(seconds=duration)
        times = {time for c in selected for time in self.profiles.changes(now, end, c.usage)}
        periods: list[Period] = []
        for time in sorted(times):
            total = sum(self.limits.allowed(c, time) * _factor(c, unit) for c in selected)
            limit = floor(total * 10 + 1e-6) / 10
            if not periods or periods[-1].limit != limit:
                periods.append(Period(int((time - now).total_seconds()), limit))
        return periods

    def start_remotely(self, start: Start, number: int | None, profile: Profile | None) -> bool:
        """Start at a connector, or at the first one that is free; return whether it will."""
        candidates = [c for c in self.selected(number) if c.can_start() and _is_for(c, start)]
        with_car = [c for c in candidates if c.outlet.car]
        connector = next(iter(with_car or candidates), None)
        if connector is None:
            return False
        if profile and not self._install_for_start(connector.number, profile):
            return False
        window = timedelta(seconds=self.preferences.connection_timeout)
        connector.start_remotely(start, self.clock() + window)
        return True

    def _install_for_start(self, number: int, profile: Profile) -> bool:
        try:
            self._check_faults(profile)
        except ProfileError:
            return False
        if profile.purpose is not Purpose.TRANSACTION:
            return False
        self.profiles.install(replace(profile, connector=number))
        return True

    def stop_remotely(self, transaction: int | str) -> bool:
        """End a transaction by its id; return whether there is one."""
        connector = self.connector_of(transaction)
        if connector:
            connector.end(self.clock(), StopReason.REMOTE)
        return connector is not None

    def connector_of(self, transaction: int | str) -> StationConnector | None:
        """Return the connector where a transaction runs."""
        running = (c for c in self.connectors.values() if c.transaction)
        return next((c for c in running if c.transaction and c.transaction.id == transaction), None)

    def trigger(self, message: str, number: int | None) -> str:
        """Note a message to be sent and return the status for the answer."""
        if number is not None and number not in self.connectors:
            return "Rejected"
        self.triggered.append(Trigger(message, number))
        return "Accepted"

    def change_availability(self, number: int, *, operative: bool) -> str:
        """Put connectors in or out of service and return the status for the answer."""
        selected = self.selected(number or None)
        if not selected:
            return "Rejected"
        for connector in selected:
            connector.operative = operative
        busy = not operative and any(connector.transaction for connector in selected)
        return "Scheduled" if busy else "Accepted"

    def bring_log(
        self, kind: LogKind, request: int, location: str, *, retries: int, pause: timedelta
    ) -> dict[str, str]:
        """Begin to bring a log away, instead of another one; return the words of the answer."""
        running = self.log_upload
        name = f"{self.name}-{request}.txt"
        self.log_upload = LogUpload(
            location=location,
            at=self.clock(),
            request=request,
            kind=kind,
            file_name=name,
            retries=retries,
            pause=pause,
        )
        return {"status": "AcceptedCanceled" if running else "Accepted", "filename": name}

    def reserve(self, number: int, reservation: Reservation) -> str:
        """Keep a connector for a badge and return the status for the answer."""
        connector = self.connectors.get(number)
        if connector is None or reservation.until <= self.clock():
            return "Rejected"
        if not connector.usable:
            return "Unavailable" if not connector.operative else "Faulted"
        kept = connector.reservation
        if connector.outlet.car or (kept and kept.id != reservation.id):
            return "Occupied"
        self.cancel_reservation(reservation.id)
        connector.reservation = reservation
        return "Accepted"

    def cancel_reservation(self, reservation: int) -> bool:
        """Give a connector free again; return whether there was one."""
        for connector in self.connectors.values():
            if connector.reservation and connector.reservation.id == reservation:
                connector.reservation = None
                return True
        return False

    def selected(self, number: int | None) -> list[StationConnector]:
        """Return one connector by its number, or all of them without a number."""
        return [c for c in self.connectors.values() if number in {None, c.number}]


def _is_for(connector: StationConnector, start: Start) -> bool:
    return connector.reservation is None or connector.reservation.badge == start.badge


def _factor(connector: StationConnector, unit: str) -> float:
    return VOLTAGE * len(connector.outlet.wiring.phases) if unit == "W" else 1.0

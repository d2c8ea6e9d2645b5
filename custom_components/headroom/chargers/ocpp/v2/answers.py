"""Answers that are always the same, to messages that nothing follows from."""

from collections.abc import Mapping
from typing import Final

type Answer = Mapping[str, object]

_DONE: Final[Answer] = {}
_REJECTED: Final[Answer] = {"status": "Rejected"}
_FAILED: Final[Answer] = {"status": "Failed"}

FIXED_201: Final[Mapping[str, Answer]] = {
    "DataTransfer": {"status": "UnknownVendorId"},
    "Get15118EVCertificate": {**_FAILED, "exi_response": ""},
    "GetCertificateStatus": _FAILED,
    "NotifyCustomerInformation": _DONE,
    "NotifyDisplayMessages": _DONE,
    "NotifyEVChargingNeeds": _REJECTED,
    "NotifyEVChargingSchedule": {"status": "Accepted"},
    "NotifyMonitoringReport": _DONE,
    "PublishFirmwareStatusNotification": _DONE,
    "ReportChargingProfiles": _DONE,
    "ReservationStatusUpdate": _DONE,
    "SignCertificate": _REJECTED,
}
"""By action, in the words of the library."""

FIXED_21: Final[Mapping[str, Answer]] = {
    **FIXED_201,
    "BatterySwap": _DONE,
    "ClosePeriodicEventStream": _DONE,
    "NotifyDERAlarm": _DONE,
    "NotifyDERStartStop": _DONE,
    "NotifyEVChargingNeeds": {"status": "NoChargingProfile"},
    "NotifyPriorityCharging": _DONE,
    "NotifySettlement": _DONE,
    "OpenPeriodicEventStream": _REJECTED,
    "PullDynamicScheduleUpdate": _REJECTED,
    "ReportDERControl": _DONE,
}

"""The versions of OCPP that a station may speak."""

from enum import StrEnum


class Protocol(StrEnum):
    """A version, by the name of its websocket subprotocol."""

    OCPP_1_6 = "ocpp1.6"
    OCPP_2_0_1 = "ocpp2.0.1"
    OCPP_2_1 = "ocpp2.1"

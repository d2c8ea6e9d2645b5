"""Names that several parts of Headroom share."""

from typing import Final

DOMAIN: Final = "headroom"

SUBENTRY_ZONE: Final = "zone"
SUBENTRY_METER: Final = "meter"
SUBENTRY_CHARGER: Final = "charger"

CONF_CONNECTOR_COUNT: Final = "connector_count"
CONF_CONNECTORS: Final = "connectors"
CONF_DEGRADED: Final = "degraded"
CONF_FALLBACK: Final = "fallback"
CONF_FLOOR: Final = "floor"
CONF_LIMIT_L1: Final = "limit_l1"
CONF_LIMIT_L2: Final = "limit_l2"
CONF_LIMIT_L3: Final = "limit_l3"
CONF_MAX_CURRENT: Final = "max_current"
CONF_MODEL: Final = "model"
CONF_PARENT: Final = "parent"
CONF_PERIOD: Final = "period"
CONF_STATION_ID: Final = "station_id"
CONF_SUPPLY: Final = "supply"
CONF_UNIT: Final = "unit"
CONF_WIRING: Final = "wiring"
CONF_ZONE: Final = "zone"

DEFAULT_DEGRADED: Final = 0.0
DEFAULT_FLOOR: Final = 6.0
DEFAULT_MAX_CURRENT: Final = 32.0
DEFAULT_ZONE_LIMIT: Final = 16.0
"""The smallest usual main fuse: who overlooks the field charges slowly instead of too fast."""
DEFAULT_OCPP_PORT: Final = 9000
DEFAULT_MODBUS_PORT: Final = 502
DEFAULT_MODBUS_UNIT: Final = 255
DEFAULT_METER_PERIOD_MS: Final = 500
"""Factory polling period of the Schneider managers (A2.5)."""

ATTR_ENTRY_ID: Final = "entry_id"
ATTR_REMOTE: Final = "remote"

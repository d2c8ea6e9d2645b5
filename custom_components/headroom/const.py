"""Names that several parts of Headroom share."""

from typing import Final

DOMAIN: Final = "headroom"

SUBENTRY_ZONE: Final = "zone"
SUBENTRY_METER: Final = "meter"
SUBENTRY_CHARGER: Final = "charger"

CONF_ANY_CERTIFICATE: Final = "any_certificate"
CONF_ASSUMED_L1: Final = "assumed_l1"
CONF_ASSUMED_L2: Final = "assumed_l2"
CONF_ASSUMED_L3: Final = "assumed_l3"
CONF_CERTIFICATE: Final = "certificate"
CONF_CLIENT_CA: Final = "client_ca"
CONF_CLUSTER_MAX: Final = "cluster_max"
CONF_CONNECTORS: Final = "connectors"
CONF_CONNECTOR_COUNT: Final = "connector_count"
CONF_CONTRACTED_POWER: Final = "contracted_power"
CONF_DEGRADED: Final = "degraded"
CONF_FALLBACK: Final = "fallback"
CONF_FIFO_PERCENT: Final = "fifo_percent"
CONF_FLOOR: Final = "floor"
CONF_LIMIT_L1: Final = "limit_l1"
CONF_LIMIT_L2: Final = "limit_l2"
CONF_LIMIT_L3: Final = "limit_l3"
CONF_LOW_DRAW: Final = "low_draw"
CONF_MARGIN: Final = "margin"
CONF_MAX_CURRENT: Final = "max_current"
CONF_MODEL: Final = "model"
CONF_OFFLINE: Final = "offline"
CONF_ORDER: Final = "order"
CONF_PARENT: Final = "parent"
CONF_PERIOD: Final = "period"
CONF_PRIORITY: Final = "priority"
CONF_PRIORITY_HOURS: Final = "priority_hours"
CONF_PRIVATE_KEY: Final = "private_key"
CONF_PROTECTION: Final = "protection"
CONF_REMOVAL: Final = "remove_password"
CONF_REPORTING: Final = "reporting"
CONF_RETRIES: Final = "retries"
CONF_RETRY_PERIOD: Final = "retry_period"
CONF_SCALE_FALLBACK: Final = "scale_fallback"
CONF_SHARING: Final = "sharing"
CONF_SHEDDING: Final = "shedding"
CONF_STATE_B: Final = "state_b"
CONF_STATION_ID: Final = "station_id"
CONF_STOPS: Final = "stops"
CONF_SUPPLY: Final = "supply"
CONF_UNBALANCE: Final = "unbalance"
CONF_UNIT: Final = "unit"
CONF_VIP: Final = "vip"
CONF_WAIT: Final = "wait"
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

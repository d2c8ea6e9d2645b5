"""What the central system and its stations are told from outside."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralSystemConfig:
    """Times and bounds of the central system."""

    lease: timedelta = timedelta(seconds=180)
    """Life of a limit that is not renewed."""
    ping_interval: timedelta = timedelta(seconds=25)
    silence_limit: int = 3
    """So many pings in a row without any sign of life end a connection."""
    command_timeout: timedelta = timedelta(seconds=30)
    trial_timeout: timedelta = timedelta(seconds=10)
    """Wait for the answer to a limit of a kind that has not worked yet; there are many kinds."""
    errand_timeout: timedelta = timedelta(seconds=10)
    """Wait for answers that no current depends on; limits queue behind it."""
    farewell: timedelta = timedelta(seconds=5)
    """Wait for a station to accept that it is paused before it is dropped."""
    boot_patience: timedelta = timedelta(seconds=5)
    """Wait for a BootNotification before asking for one."""
    pending_interval: timedelta = timedelta(seconds=10)
    """A charger that is not to begin yet asks again so often."""
    meter_interval: timedelta = timedelta(seconds=10)
    heartbeat_interval: timedelta = timedelta(seconds=60)
    max_frame: int = 4 * 1024 * 1024
    """Bytes."""
    burst: int = 2000
    """Messages that a connection may send at once; chargers keep some hundred while offline."""
    messages_per_second: float = 20.0
    """What a connection may send for ever; beyond it is read no faster than this."""
    flood_patience: timedelta = timedelta(minutes=5)
    """A connection that was held back for so long without a break is cut."""
    served_at_once: int = 4
    """Messages and handshakes of all stations between two looks at everything else."""
    unknown_repeat: timedelta = timedelta(minutes=10)
    """A station that is not registered is told of again after this time."""
    unknown_limit: int = 32
    """So many unknown stations are told of within that time."""
    handshake_patience: timedelta = timedelta(seconds=20)
    """A peer that has not been let in for so long is cut off."""
    strangers_per_address: int = 256
    """So many peers of one address wait to be let in; behind a proxy that may be all chargers."""
    strangers_at_once: int = 512
    """So many peers of all addresses wait to be let in."""
    wrong_passwords: int = 5
    """So many of one station and address within `wrong_within` make it wait."""
    wrong_within: timedelta = timedelta(seconds=60)
    shortest_block: timedelta = timedelta(seconds=60)
    """Doubles with every further wrong password."""
    longest_block: timedelta = timedelta(minutes=15)
    suspect_memory: timedelta = timedelta(hours=1)
    """Who has stayed away for so long begins anew."""
    suspect_limit: int = 256
    """So many peers with wrong credentials are remembered."""

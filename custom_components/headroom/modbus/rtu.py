"""RTU frames on a serial line, or as gateways pass them on through a socket."""

from typing import Final, override

from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

_READS: Final = frozenset({3, 4})
_FAILED: Final = 0x80
"""Added to the function by a device that refuses."""
_CHECKSUM: Final = 2
"""Bytes at the end of a frame."""

type Frame = tuple[int, int, int, bytes]
"""Bytes used, unit, transaction and content."""


class AnswerFramer(FramerRTU):
    """Takes the answer to the last request out of whatever arrives.

    RTU has no transaction numbers. Another master's frames, noise and echoes may come before an
    answer; pymodbus takes any frame whose checksum is right for one.
    """

    def __init__(self, decoder: DecodePDU) -> None:
        super().__init__(decoder)
        self._answers: tuple[tuple[bytes, int], ...] = ()
        """How answers can begin, and their lengths without the checksum."""

    @override
    def encode(self, payload: bytes, device_id: int, _tid: int) -> bytes:
        unit, function = device_id.to_bytes(), payload[0]
        address, last = payload[1:3], payload[3:5]
        if function in _READS:
            length = 2 * int.from_bytes(last)
            taken = (unit + bytes([function, length]), 3 + length)
        else:
            taken = (unit + bytes([function]) + address, 6)
        self._answers = (taken, (unit + bytes([function | _FAILED]), 3))
        return super().encode(payload, device_id, _tid)

    @override
    def decode(self, data: bytes) -> Frame:
        for start in range(len(data)):
            for head, length in self._answers:
                end = start + length + _CHECKSUM
                frame = data[start:end]
                if frame.startswith(head) and len(frame) == end - start and _is_sound(frame):
                    return end, frame[0], 0, frame[1:-_CHECKSUM]
        return 0, 0, 0, b""


def _is_sound(frame: bytes) -> bool:
    content, checksum = frame[:-_CHECKSUM], frame[-_CHECKSUM:]
    return FramerRTU.check_CRC(content, int.from_bytes(checksum))

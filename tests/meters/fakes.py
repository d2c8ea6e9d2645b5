"""Registers of meters."""

import struct

from tests.modbus.fakes import Table

# Written from the vendors' lists, in their own numbers, not from the model files.
IEM3155: Table = {
    3000 - 1: struct.pack(">3f", 10.5, 20.25, 5.0),
    3028 - 1: struct.pack(">3f", 229.5, 230.5, 231.25),
    3054 - 1: struct.pack(">4f", 2.375, -4.5, 1.125, -1.0),
    3204 - 1: struct.pack(">q", 123_456_789_012),
    3208 - 1: struct.pack(">q", 4321),
}
IEM3150: Table = {address: words for address, words in IEM3155.items() if address != 3207}
KLEFR: Table = {
    0x5002: struct.pack(">3f", 229.5, 230.5, 231.25),
    0x5008: struct.pack(">2f", 50.0, 35.75),
    0x500C: struct.pack(">3f", 16.0, 8.5, 0.25),
    0x5012: struct.pack(">4f", 1.75, -3.625, 5.5, -0.125),
    0x600C: struct.pack(">f", 1234.5),
    0x6018: struct.pack(">f", 77.25),
}

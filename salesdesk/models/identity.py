"""Time-ordered ids for the outside (UUID version 7, 16 bytes)."""

import os

_DRAWN = 4096


class Identities:
    """Makes ids that sort by the moment they were asked for, and in order within one moment."""

    def __init__(self) -> None:
        self._last = 0
        self._chance = memoryview(b"")

    def make(self, now: int) -> bytes:
        """A new id for moment ``now`` (microseconds UTC)."""
        head = (max(now, 0) // 1000) & 0xFFFF_FFFF_FFFF
        high, low = divmod(int.from_bytes(self._drawn(8), "big"), 1 << 56)
        value = (head << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low
        if value <= self._last and value >> 80 == self._last >> 80:
            value = self._last + 1
        self._last = value
        return value.to_bytes(16, "big")

    def _drawn(self, size: int) -> memoryview:
        """Random bytes; the system is asked for many at once, each question costs as much."""
        if len(self._chance) < size:
            self._chance = memoryview(os.urandom(_DRAWN))
        found, self._chance = self._chance[:size], self._chance[size:]
        return found

"""Addresses of pages: ``board?pipeline=2&who=mine``, and the way walked through them.

Like a browser's: parts by name, what is special written as ``%`` and two digits. No page is asked
what its parts mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_SPECIAL = "%&=#?+"
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Address:
    """A page by its key, and where on it, as texts by name."""

    page: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        written = "&".join(f"{_quoted(k)}={_quoted(v)}" for k, v in self.parts.items())
        return f"{self.page}?{written}" if written else self.page


def read(text: str) -> Address:
    """The address that a text holds; parts without a value are left out."""
    page, _, rest = text.strip().partition("?")
    parts = {}
    for part in rest.split("&"):
        name, _, value = part.partition("=")
        if name and value:
            parts[_plain(name)] = _plain(value)
    return Address(page, parts)


def _quoted(text: str) -> str:
    """Blanks stay: an address is for people too."""
    return "".join(f"%{ord(c):02X}" if c in _SPECIAL or ord(c) < 32 else c for c in text)


def _plain(text: str) -> str:
    first, *others = text.split("%")
    found = [first]
    for piece in others:
        try:
            found.append(chr(int(piece[:2], 16)) + piece[2:])
        except ValueError:
            found.append(f"%{piece}")
    return "".join(found)


class Trail:
    """Where a person was, and where among it now."""

    def __init__(self) -> None:
        self._steps: list[Address] = []
        self._at = -1

    @property
    def here(self) -> Address | None:
        """Where it stands."""
        return self._steps[self._at] if self._steps else None

    def visit(self, address: Address, step: bool = True) -> None:
        """Come to an address. What lay ahead is forgotten; without ``step``, or on the same place,
        the present one is only put in other words (if those of the one before, it is that one)."""
        if address == self.here:
            return
        here = self.here
        if here is not None and not step and here.page == address.page:
            self._steps[self._at] = address
            if self._at and self._steps[self._at - 1] == address:
                del self._steps[self._at]
                self._at -= 1
            return
        self._steps[self._at + 1 :] = [address]
        del self._steps[:-_DEPTH]
        self._at = len(self._steps) - 1

    def can_go(self, by: int) -> bool:
        """Whether there is an address so many steps back (negative) or ahead."""
        return bool(self._steps) and 0 <= self._at + by < len(self._steps)

    def go(self, by: int) -> Address | None:
        """Walk, if there is a way; where it leads to."""
        if not self.can_go(by):
            return None
        self._at += by
        return self._steps[self._at]

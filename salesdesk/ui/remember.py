"""What the window remembers on this machine: geometry, page, filters, widths, sort orders.

One INI file in the user's configuration folder, written a moment after each change and on close.
"""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


def default_path() -> Path:
    """The file beside what else this machine remembers."""
    from salesdesk.services import machine

    return machine.file().with_name("window.ini")


class Remember:
    """Typed values under names like ``board/filter``; what cannot be read is the default."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self._settings = QSettings(str(self.path), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self._settings.value(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """A whole number."""
        try:
            return int(str(self._settings.value(name, default)))
        except ValueError:
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no."""
        value = str(self._settings.value(name, default)).lower()
        return default if value not in ("true", "false") else value == "true"

    def numbers(self, name: str) -> list[int]:
        """Whole numbers (column widths, chosen ids); empty when unknown or unreadable."""
        try:
            return [int(part) for part in self.text(name).split()]
        except ValueError:
            return []

    def blob(self, name: str) -> QByteArray:
        """Bytes that Qt made (``saveGeometry``, ``saveState``)."""
        return QByteArray.fromBase64(self.text(name).encode("ascii", "ignore"))

    def set(self, name: str, value: str | int | bool | QByteArray | Iterable[int]) -> None:
        """Keep a value of any of these kinds under ``name``."""
        if isinstance(value, bool):
            self._settings.setValue(name, "true" if value else "false")
        elif isinstance(value, str | int):
            self._settings.setValue(name, str(value))
        elif isinstance(value, QByteArray):
            self._settings.setValue(name, bytes(value.toBase64().data()).decode("ascii"))
        else:
            self._settings.setValue(name, " ".join(str(part) for part in value))

    def forget(self, name: str) -> None:
        """Go back to the default."""
        self._settings.remove(name)

    def save(self) -> None:
        """Write the file now; also done by Qt a moment after each change."""
        self._settings.sync()

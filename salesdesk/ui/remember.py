"""What the window remembers on this machine: geometry, page, filters, widths, sort orders.

One INI file in the user's configuration folder, written when nothing has changed for a moment, and
on close: Qt writes it safely, by a lock, a new file and a wait for the disk, and would do that
between a key and the picture that it asked for.
"""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QElapsedTimer, QSettings, QTimer

#: How long nothing must have changed, and how long a change may wait (milliseconds).
_CALM, _LONGEST = 1_000, 5_000


def default_path() -> Path:
    """The file beside what else this machine remembers."""
    from salesdesk.services import machine

    return machine.file().with_name("window.ini")


class Remember:
    """Typed values under names like ``board/filter``; what cannot be read is the default."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self._settings = QSettings(str(self.path), QSettings.Format.IniFormat)
        #: What is not written yet; None for what goes back to its default.
        self._news: dict[str, str | None] = {}
        self._calm: QTimer | None = None
        self._waiting = QElapsedTimer()

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self._known(name)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """A whole number."""
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no."""
        value = self.text(name).lower()
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
            self._change(name, "true" if value else "false")
        elif isinstance(value, str | int):
            self._change(name, str(value))
        elif isinstance(value, QByteArray):
            self._change(name, bytes(value.toBase64().data()).decode("ascii"))
        else:
            self._change(name, " ".join(str(part) for part in value))

    def forget(self, name: str) -> None:
        """Go back to the default."""
        self._change(name, None)

    def save(self) -> None:
        """Write the file now."""
        if self._calm is not None:
            self._calm.stop()
        news, self._news = self._news, {}
        for name, value in news.items():
            if value is None:
                self._settings.remove(name)
            else:
                self._settings.setValue(name, value)
        self._settings.sync()

    def _known(self, name: str) -> object:
        return self._news[name] if name in self._news else self._settings.value(name)

    def _change(self, name: str, value: str | None) -> None:
        if value == self._known(name):
            return
        if not self._news:
            self._waiting.start()
        self._news[name] = value
        if self._calm is None and QCoreApplication.instance() is not None:
            self._calm = QTimer()
            self._calm.setSingleShot(True)
            self._calm.setInterval(_CALM)
            self._calm.timeout.connect(self.save)
        waits = self._waiting.isValid() and self._waiting.elapsed() > _LONGEST
        if self._calm is not None and not (waits and self._calm.isActive()):
            self._calm.start()

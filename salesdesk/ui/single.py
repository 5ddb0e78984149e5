"""One window a workspace: a second start raises the first window and ends.

The lock is the operating system's own on a small file (released by it even after a crash, so it is
never stale); the message "raise yourself" goes through a local socket. QtNetwork is imported only
for the message, and by the first window after its first paint.
"""

import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QCryptographicHash, QDir, QObject, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

_WAIT_SECONDS = 0.9
_RAISE = b"raise\n"


def name_of(workspace: Path) -> str:
    """A short name for this user's windows on this workspace."""
    mark = f"{Path.home()}|{workspace.resolve()}"
    digest = QCryptographicHash.hash(mark.encode(), QCryptographicHash.Algorithm.Sha256)
    return f"salesdesk-{bytes(digest.toHex().data()).decode()[:16]}"


def bring_to_front(window: QWidget) -> None:
    """Show, un-minimise and activate a window."""
    if window.isMinimized():
        window.showNormal()
    window.show()
    window.raise_()
    window.activateWindow()


class Single(QObject):
    """This process's claim on a workspace. ``raised`` comes when a second start asks for it."""

    raised = Signal()

    def __init__(
        self, workspace: Path, folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name_of(workspace)
        self._path = (folder or Path(QDir.tempPath())) / f"{self._name}.lock"
        self._file: IO[bytes] | None = None
        self._server: QLocalServer | None = None

    def claim(self) -> bool:
        """Whether this is the first window; otherwise ask the first to come to the front.

        Costs the first one a file lock. Without permission for the lock file a window opens
        anyway: SQLite keeps two windows apart, only raising does not work.
        """
        try:
            self._file = self._path.open("ab")
        except OSError:
            return True
        if _lock(self._file):
            return True
        self._file.close()
        self._file = None
        self._ask_first()
        return False

    def listen(self) -> None:
        """Answer second starts; call after the first paint."""
        from PySide6.QtNetwork import QLocalServer

        if self._file is None or self._server is not None:
            return
        # The lock says that nobody else listens: what stands there is left from a crash.
        QLocalServer.removeServer(self._name)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        server.listen(self._name)
        self._server = server

    def release(self) -> None:
        """Let the next start be the first."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _on_connection(self) -> None:
        if self._server is None:
            return
        socket = self._server.nextPendingConnection()
        if socket is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_RAISE)
            socket.flush()
            socket.disconnectFromServer()
            self.raised.emit()

    def _ask_first(self) -> bool:
        from PySide6.QtNetwork import QLocalSocket

        until = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < until:
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            if socket.waitForConnected(200):
                socket.waitForReadyRead(300)
                socket.abort()
                return True
            time.sleep(0.05)
        return False


def _lock(file: IO[bytes]) -> bool:
    """Lock the file for this process without waiting."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

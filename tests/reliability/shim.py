"""Between SQLite and the disk: every operation on files is seen, and may be made to fail.

A VFS of SQLite's own (https://sqlite.org/vfs.html), made of the real one with its operations
wrapped; no compiler and no rights are needed, only that the driver shows ``sqlite3_vfs_find``.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlcipher3 import _sqlite3

Kind = Literal["open", "read", "write", "truncate", "sync", "delete"]
#: What SQLite is told when an operation of the kind failed.
CODES: dict[Kind, int] = {
    "open": 14, "read": 10 | 1 << 8, "write": 10 | 3 << 8, "sync": 10 | 4 << 8,
    "truncate": 10 | 6 << 8, "delete": 10 | 10 << 8,
}  # fmt: skip
#: ... and when there is no room.
FULL = 13


@dataclass(frozen=True, slots=True)
class Operation:
    """What is about to be done to the file ``name``.

    ``at`` is where a write begins, or the new size; ``made``: the file was not there before;
    ``lasting``: the folder is synced with the deletion.
    """

    kind: Kind
    name: str
    at: int = 0
    data: bytes = b""
    made: bool = False
    lasting: bool = False


#: Answers 0, or the code of an error; the operation is then not done, unless ``after``.
Judge = Callable[[Operation], int]

_POINTER, _INT, _LONG = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_DELETE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT)
_MOVE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _LONG)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _LONG)
_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", _INT), ("size_of_file", _INT), ("longest", _INT), ("following", _POINTER),
        ("name", ctypes.c_char_p), ("data", _POINTER), ("open", _POINTER), ("delete", _POINTER),
        *((f"other{n}", _POINTER) for n in range(14)),
    )  # fmt: skip


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", _INT), ("close", _POINTER), ("read", _POINTER), ("write", _POINTER),
        ("truncate", _POINTER), ("sync", _POINTER),
        *((f"other{n}", _POINTER) for n in range(13)),
    )  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


#: Connections may outlive the watching; what they call must not go away.
_kept: list[Any] = []


def possible() -> bool:
    """Whether this build of the driver lets itself be watched."""
    return hasattr(_library(), "sqlite3_vfs_find")


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(_sqlite3.__file__)


@contextmanager
def watching(folder: Path, judge: Judge, *, after: bool = False) -> Iterator[None]:
    """Ask ``judge`` before each operation on files of ``folder`` by connections opened inside.

    ``after``: what fails is done all the same, as a disk that loses only its answer.
    """
    library = _library()
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    watch = _Watch(library.sqlite3_vfs_find(None).contents, folder, judge, after)
    _kept.append(watch)
    library.sqlite3_vfs_register(ctypes.byref(watch.vfs), 1)
    try:
        yield
    finally:
        library.sqlite3_vfs_unregister(ctypes.byref(watch.vfs))
        watch.judge = lambda _operation: 0


class _Watch:
    def __init__(self, real: _Vfs, folder: Path, judge: Judge, after: bool) -> None:
        self.folder = f"{folder.resolve()}/"
        self.judge = judge
        self.after = after
        self._names: dict[int, str] = {}
        #: Methods in place of the real ones, by the address of these (a log has others).
        self._methods: dict[int, _Methods] = {}
        self._ours_of_files: dict[str, Any] = {}
        self._open = _OPEN(real.open)
        self._delete = _DELETE(real.delete)
        self.vfs = _Vfs.from_buffer_copy(real)
        self.vfs.name = b"watched"
        self._ours = (_OPEN(self.open), _DELETE(self.delete))
        self.vfs.open, self.vfs.delete = (ctypes.cast(each, _POINTER) for each in self._ours)

    def _done(self, operation: Operation, real: Callable[..., int], *given: Any) -> int:
        """The operation, if the judge lets it (an exception of his cannot pass through SQLite)."""
        code = self.judge(operation)
        if code and not self.after:
            return code
        return int(real(*given)) or code

    def open(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        """A file is opened: its methods are ours from then on."""
        path = ctypes.string_at(name).decode() if name else ""
        if not path.startswith(self.folder) or path.endswith("-shm"):
            return int(self._open(vfs, name, file, flags, out))
        operation = Operation("open", Path(path).name, made=not Path(path).exists())
        code = self._done(operation, self._open, vfs, name, file, flags, out)
        there = _File.from_address(file)
        if not code and there.methods:
            self._names[file] = operation.name
            there.methods = ctypes.pointer(self._wrapped(there.methods.contents))
        return code

    def _wrapped(self, real: _Methods) -> _Methods:
        address = ctypes.addressof(real)
        if address not in self._methods:
            made = _Methods.from_buffer_copy(real)
            if not self._ours_of_files:  # these four are the same for every sort of file
                self._read, self._write = _MOVE(real.read), _MOVE(real.write)
                self._truncate, self._sync = _TRUNCATE(real.truncate), _SYNC(real.sync)
                self._ours_of_files = {
                    "read": _MOVE(self.read), "write": _MOVE(self.write),
                    "truncate": _TRUNCATE(self.truncate), "sync": _SYNC(self.sync),
                }  # fmt: skip
            for name, each in self._ours_of_files.items():
                setattr(made, name, ctypes.cast(each, _POINTER))
            self._methods[address] = made
        return self._methods[address]

    def delete(self, vfs: int, name: int, lasting: int) -> int:
        """A file is removed."""
        path = ctypes.string_at(name).decode()
        if not path.startswith(self.folder):
            return int(self._delete(vfs, name, lasting))
        operation = Operation("delete", Path(path).name, lasting=bool(lasting))
        return self._done(operation, self._delete, vfs, name, lasting)

    def read(self, file: int, into: int, size: int, at: int) -> int:
        """Some of a file is read."""
        operation = Operation("read", self._names[file], at)
        return self._done(operation, self._read, file, into, size, at)

    def write(self, file: int, given: int, size: int, at: int) -> int:
        """Some of a file is written."""
        operation = Operation("write", self._names[file], at, ctypes.string_at(given, size))
        return self._done(operation, self._write, file, given, size, at)

    def truncate(self, file: int, size: int) -> int:
        """A file is cut."""
        operation = Operation("truncate", self._names[file], size)
        return self._done(operation, self._truncate, file, size)

    def sync(self, file: int, flags: int) -> int:
        """What was written to a file is made to last."""
        return self._done(Operation("sync", self._names[file]), self._sync, file, flags)

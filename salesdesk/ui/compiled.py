"""Code that earlier starts have compiled: read from a file instead of being compiled anew.

What is imported has its byte code beside it. Two kinds of source have not, and are compiled at
every start: those that PySide carries inside itself, and the methods that ``dataclasses`` writes.
A piece is found by its whole source, so what is found is what compiling would give. Any trouble
with the file means that it is compiled as ever.
"""

import __future__

import builtins
import dataclasses
import marshal
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType
from typing import Any

_plain: Callable[..., Any] = builtins.compile
_MOST = 4_000
Key = tuple[str, str | bytes]


class Compiled:
    """Pieces of code by the file they are of and their source, kept in ``file``."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        #: Of another Python, byte code is another; it may be another with ``-O``.
        self._mark = f"{sys.version} {sys.flags.optimize}".encode() + b"\n"
        self._known = _read(file, self._mark) if file is not None else {}
        self._fresh: dict[Key, bytes] = {}

    def code(self, name: str, source: str | bytes, flags: int = 0) -> CodeType:
        """``source`` compiled for ``exec``, as of the file ``name``; raises what ``compile`` does.
        A piece must always be asked for with the same ``flags``."""
        known = self._known.get((name, source))
        if known is not None:
            found: CodeType = marshal.loads(known)
            return found
        made: CodeType = _plain(source, name, "exec", flags, True)
        if self._file is not None and len(self._fresh) < _MOST:
            self._fresh[name, source] = marshal.dumps(made)
        return made

    def execute(self, source: Any, *spaces: Any) -> None:
        """As the built-in ``exec``."""
        exec(self.code("<string>", source) if source.__class__ is str else source, *spaces)  # noqa: S102

    def keep(self) -> None:
        """Write down what was compiled anew, for the next start; nothing where that fails."""
        file, fresh = self._file, self._fresh
        if file is None or not fresh:
            return
        self._fresh = {}
        known = fresh if len(self._known) + len(fresh) > _MOST else self._known | fresh
        content = marshal.dumps(known)
        beside = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(self._mark + zlib.crc32(content).to_bytes(4, "big") + content)
            beside.replace(file)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _read(file: Path, mark: bytes) -> dict[Key, bytes]:
    """What the file keeps; nothing where it is not whole, of another Python, or somebody else's:
    code is run as it stands there."""
    try:
        with file.open("rb") as opened:
            if hasattr(os, "getuid") and os.fstat(opened.fileno()).st_uid != os.getuid():
                return {}
            content = opened.read()
    except OSError:
        return {}
    head, body = content[: len(mark) + 4], content[len(mark) + 4 :]
    if head != mark + zlib.crc32(body).to_bytes(4, "big"):
        return {}
    found: dict[Key, bytes] = marshal.loads(body)
    return found


_kept = Compiled(None)


def begin(folder: Path) -> None:
    """Take what an earlier start left in ``folder``; ``keep`` leaves it what is new."""
    global _kept
    _kept = Compiled(folder / f"compiled-{sys.implementation.cache_tag}")
    vars(dataclasses)["exec"] = _kept.execute  # where its methods are made


def keep() -> None:
    """Leave to the next start what was compiled since ``begin``."""
    _kept.keep()


@contextmanager
def serving(folder: str, empty: str) -> Iterator[None]:
    """Sources of ``folder``, named so by whoever compiles them, are taken from what is kept;
    that of the file ``empty`` is left out."""

    def make(source: Any, filename: Any, mode: Any, *rest: Any, **options: Any) -> Any:
        # As for the built-in one: what whoever asks has of the future.
        flags = sys._getframe(1).f_code.co_flags & __future__.annotations.compiler_flag
        if rest or options:
            return _plain(source, filename, mode, *rest, **options)
        if mode != "exec" or not str(filename).startswith(folder):
            return _plain(source, filename, mode, flags)
        return _kept.code(filename, source if filename != empty else b"", flags)

    builtins.compile = make
    try:
        yield
    finally:
        builtins.compile = _plain

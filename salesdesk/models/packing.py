"""Compressing a backup, on all processors, and reading back what was written.

The file is gzip in parts, one behind the other: whatever reads gzip reads it as one.
"""

import gzip
import hashlib
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

PART = 1 << 22
_LEVEL = 1
_CHUNK = 1 << 20
_MOST_THREADS = 4


def pack(plain: Path, packed: Path, now: int) -> None:
    """Compress ``plain`` to ``packed``, durably. Every part is expanded again and compared, and the
    file is read back: raises ``OSError`` when it differs."""
    digest = hashlib.sha256()
    with packed.open("wb") as out:
        for part in _parts(plain, now // 1_000_000):
            digest.update(part)
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if _digest_of(packed) != digest.digest():
        raise OSError("read back differs")


def _parts(plain: Path, mtime: int) -> Iterator[bytes]:
    """Compressed parts in their order, some of them in work at a time."""
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    waiting: deque[Future[bytes]] = deque()
    with plain.open("rb") as file, ThreadPoolExecutor(threads, "pack") as pool:
        while True:
            part = file.read(PART)
            if part:
                waiting.append(pool.submit(_packed, part, mtime))
            if waiting and (not part or len(waiting) > 2 * threads):
                yield waiting.popleft().result()
            if not part and not waiting:
                return


def _packed(part: bytes, mtime: int) -> bytes:
    made = gzip.compress(part, _LEVEL, mtime=mtime)
    if gzip.decompress(made) != part:
        raise OSError("expanded again it differs")
    return made


def _digest_of(packed: Path) -> bytes:
    digest = hashlib.sha256()
    with packed.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()

"""Pictures of cards and cells: what is painted a second time is copied.

A drop, a toast that goes, a scrolled column, a page that comes back paint again what stood there
before. Text is most of the work; at its first sight (a filter shows forty cards that were never
seen) a thing is painted directly, a picture would only cost more. Where pixels are not whole (a
scale of 125 %) no pictures are kept, for text in them would blur.
"""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPixmap

#: Pixels of all the pictures, four bytes each: what the largest screens show.
_KEEP_PIXELS = 6_000_000
#: So many things are remembered as seen.
_KEEP = 512


class Pictures:
    """Pictures by key; the oldest go first."""

    def __init__(self, keep: int = _KEEP) -> None:
        self._keep_most = keep
        self._found: dict[Hashable, tuple[object, QPixmap | None]] = {}
        self._pixels = 0

    def clear(self) -> None:
        """Forget all of them."""
        self._found.clear()
        self._pixels = 0

    def is_known(self, key: Hashable, shown: object, ratio: float) -> bool:
        """Whether the very same thing was seen before; from now on it was."""
        if ratio % 1:
            return False
        known = self._found.get(key)
        if known is not None and known[0] is shown:
            return True
        self._keep(key, shown, None)
        return False

    def of(
        self,
        key: Hashable,
        shown: object,
        size: QSize,
        ratio: float,
        ground: QColor,
        draw: Callable[[QPainter], object],
    ) -> QPixmap | None:
        """The picture of ``size`` (logical pixels) for a screen of this ratio, drawn by ``draw`` on
        ``ground``; None when the very same thing was not seen before."""
        if not self.is_known(key, shown, ratio):
            return None
        picture = self._found[key][1]
        if picture is None or picture.devicePixelRatio() != ratio:
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(ground)
            with QPainter(picture) as painter:
                draw(painter)
            self._keep(key, shown, picture)
        return picture

    def _keep(self, key: Hashable, shown: object, picture: QPixmap | None) -> None:
        found = self._found
        if key in found:
            self._drop(key)
        found[key] = shown, picture
        if picture is not None:
            self._pixels += picture.width() * picture.height()
        while len(found) > self._keep_most or self._pixels > _KEEP_PIXELS:
            self._drop(next(iter(found)))

    def _drop(self, key: Hashable) -> None:
        known = self._found.pop(key, None)
        if known is not None and known[1] is not None:
            self._pixels -= known[1].width() * known[1].height()

"""Pictures of whole cards: what is painted a second time is copied.

A drop, a toast that goes, a scrolled column paint again what stood there before. Text is most of
the work of a card; at its first sight (a filter shows forty that were never seen) a card is painted
directly, a picture would only cost more. Where pixels are not whole (a scale of 125 %) no pictures
are kept, for text in them would blur.
"""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPixmap

from salesdesk.services.cards import DealCard

#: Deal, width and height of its card.
Key = tuple[int, int, int]
#: Pixels of all the pictures, four bytes each: what the largest screens show.
_KEEP_PIXELS = 6_000_000
#: So many cards are remembered as seen.
_KEEP = 512


class CardPictures:
    """Pictures by card; the oldest go first."""

    def __init__(self) -> None:
        self._found: dict[Key, tuple[DealCard, QPixmap | None]] = {}
        self._pixels = 0

    def clear(self) -> None:
        """Forget all of them."""
        self._found.clear()
        self._pixels = 0

    def of(
        self,
        key: Key,
        deal: DealCard,
        size: QSize,
        ratio: float,
        ground: QColor,
        draw: Callable[[QPainter], object],
    ) -> QPixmap | None:
        """The picture of ``size`` (logical pixels) for a screen of this ratio, drawn by ``draw`` on
        ``ground``; None when the very same card was not seen before."""
        if ratio % 1:
            return None
        known = self._found.get(key)
        if known is None or known[0] is not deal:
            self._keep(key, deal, None)
            return None
        picture = known[1]
        if picture is None or picture.devicePixelRatio() != ratio:
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(ground)
            painter = QPainter(picture)
            draw(painter)
            painter.end()
            self._keep(key, deal, picture)
        return picture

    def _keep(self, key: Key, deal: DealCard, picture: QPixmap | None) -> None:
        self._drop(key)
        self._found[key] = deal, picture
        if picture is not None:
            self._pixels += picture.width() * picture.height()
        while self._pixels > _KEEP_PIXELS or len(self._found) > _KEEP:
            self._drop(next(iter(self._found)))

    def _drop(self, key: Key) -> None:
        known = self._found.pop(key, None)
        if known is not None and known[1] is not None:
            self._pixels -= known[1].width() * known[1].height()

"""A digest with its picture: read once, so that words and numbers of both are the same."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from salesdesk.services import digest, telegram
from salesdesk.services.digest import Choices, Digest
from salesdesk.services.digest_days import Part
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.ranking import picture, query
from salesdesk.ui.ranking.query import Answer, Asked

#: So many people are drawn, and the sum of all: more cannot be read on a phone.
MOST_ROWS = 50
_SMALLER = 0.8
#: Of PNG, which loses nothing: half the time for a tenth more bytes.
_QUICK = 80


@dataclass(frozen=True, slots=True)
class Made:
    """A digest, and the ranking that its picture is drawn of."""

    digest: Digest
    answer: Answer
    look: Choices


def read(r: Any, part: Part) -> Made:
    """One reading for text and picture. A question for the background."""
    answer = query.weighed(r, Asked(part.period), None, now=part.as_of(r.zone))
    return Made(digest.composed(r, part, answer.ranking), answer, digest.choices(r))


def png(made: Made) -> bytes:
    """The picture of a digest, not larger than Telegram takes. Needs no window and no screen."""
    return fitted(image(made))


def image(made: Made) -> QImage:
    """The picture as it was drawn; on the GUI thread."""
    part, answer = made.digest.part, made.answer
    about = [tr("up to {day}", day=formats.day(part.day - 1))] if part.is_cut() else []
    rows = answer.ranking.rows
    if len(rows) > MOST_ROWS:
        about.append(tr("the first {n} of {all}", n=MOST_ROWS, all=len(rows)))
        answer = replace(answer, ranking=replace(answer.ranking, rows=rows[:MOST_ROWS]))
    theme: Literal["light", "dark"] = "dark" if made.look.theme == "dark" else "light"
    return picture.draw(answer, about, theme, without_red=made.look.without_red)


def fitted(
    image: QImage,
    sides: int = telegram.PHOTO_SIDES,
    ratio: int = telegram.PHOTO_RATIO,
    most_bytes: int = telegram.PHOTO_BYTES,
) -> bytes:
    """The picture as PNG within the limits: made smaller where it is too large, with room added
    where it is too long and thin."""
    image = _within_ratio(image, ratio)
    size = image.width() + image.height()
    if size > sides:
        image = _scaled(image, sides / size)
    found = _encoded(image)
    while len(found) > most_bytes and min(image.width(), image.height()) > 1:
        image = _scaled(image, _SMALLER)
        found = _encoded(image)
    return found


def _within_ratio(image: QImage, ratio: int) -> QImage:
    width, height = image.width(), image.height()
    least = -(-max(width, height) // ratio)
    if min(width, height) >= least:
        return image
    wider = QImage(QSize(max(width, least), max(height, least)), QImage.Format.Format_RGB32)
    wider.fill(image.pixelColor(0, 0))
    with QPainter(wider) as painter:
        painter.drawImage(QPoint(0, 0), image)
    return wider


def _scaled(image: QImage, share: float) -> QImage:
    return image.scaled(
        max(int(image.width() * share), 1), max(int(image.height() * share), 1),
        Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip


def _encoded(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", _QUICK)  # type: ignore[call-overload]
    buffer.close()
    return bytes(content.data())

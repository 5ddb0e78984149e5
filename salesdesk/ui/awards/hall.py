"""The hall: a row a quarter, its winners side by side."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from salesdesk.moments import Zone
from salesdesk.services.awards import Quarter, Winner, quarter_name
from salesdesk.ui import theme
from salesdesk.ui.awards import words
from salesdesk.ui.widgets import avatar, icons
from salesdesk.ui.widgets.flatlist import FlatList

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = Qt.AlignmentFlag.AlignCenter
_HEAD, _FACE, _MEDAL, _MORE = 204, 34, 18, 24


class Hall(FlatList[Quarter]):
    """``opened(quarter)``: what can be done with it."""

    row_height = 76

    def __init__(self, zone: Zone) -> None:
        super().__init__("awards-hall")
        self._zone = zone

    def spoken(self, item: Quarter) -> str:
        return f"{words.spoken(item)}. {words.confirmed(item, self._zone)}"

    def tip(self, item: Quarter) -> str:
        return "\n".join(filter(None, (words.spoken(item), words.reasons(item.winners))))

    def paint_item(self, painter: QPainter, rect: QRect, item: Quarter) -> None:
        look = theme.current()
        room = rect.adjusted(theme.S, theme.S, -theme.S, -theme.S)
        if item is not self.items[-1]:
            painter.setPen(look.line)
            painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        painter.setFont(theme.font(theme.TITLE, bold=True))
        painter.setPen(look.text)
        top = QRect(room.left(), room.top() + 4, _HEAD - theme.M, 22)
        painter.drawText(top, _LEFT, quarter_name(item.first_month))
        painter.setFont(theme.font(theme.SECONDARY))
        painter.setPen(look.muted)
        said = [words.given_on(item, self._zone), words.reasons(item.winners)]
        for at, text in enumerate(filter(None, said)):
            line = QRect(room.left(), top.bottom() + 2 + at * 15, _HEAD - theme.M, 15)
            painter.drawText(line, _LEFT, _short(painter, text, line.width()))
        icons.paint(painter, "more", QRectF(room.right() - 16, room.center().y() - 8, 16, 16),
                    look.muted)  # fmt: skip
        wide = (room.width() - _HEAD - _MORE) // max(len(item.winners), 3)
        for at, winner in enumerate(item.winners):
            left = room.left() + _HEAD + at * wide
            self._winner(painter, QRect(left, room.top(), wide, room.height()), winner)

    def _winner(self, painter: QPainter, room: QRect, one: Winner) -> None:
        look = theme.current()
        face = QRectF(room.left(), room.center().y() - _FACE / 2, _FACE, _FACE)
        avatar.paint(painter, face, one.person, one.person_id)
        medal = QRectF(face.right() - _MEDAL + 5, face.bottom() - _MEDAL + 5, _MEDAL, _MEDAL)
        painter.setBrush(look.stage(words.METALS[one.place]))
        painter.setPen(look.surface)
        painter.drawEllipse(medal)
        painter.setFont(theme.font(theme.TINY, bold=True))
        painter.setPen(look.avatar_text)
        painter.drawText(medal, _CENTRE, str(one.place))
        left = int(face.right()) + theme.M
        wide = room.right() - left - theme.S
        painter.setFont(theme.font(theme.BODY, bold=one.place == 1))
        painter.setPen(look.text)
        name = QRect(left, room.center().y() - 18, wide, 18)
        painter.drawText(name, _LEFT, _short(painter, one.person, wide))
        painter.setFont(theme.font(theme.SECONDARY, tabular=True))
        painter.setPen(look.muted)
        below = QRect(left, room.center().y() + 1, wide, 16)
        painter.drawText(below, _LEFT, _short(painter, words.points(one.points), wide))


def _short(painter: QPainter, text: str, wide: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, wide)

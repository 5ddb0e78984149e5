"""A sentence whose words can be changed: plain words and tokens, broken into lines like text.

The plain words are painted; only what can be changed is a widget.
"""

import itertools
import re
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from salesdesk.ui import theme
from salesdesk.ui.settings.cells import Token

_PLACE = re.compile(r"\{(\w+)\}")
_LINE, _BETWEEN = 24, 2
#: A part of a piece that is not broken: plain text, or the name of a token.
_Part = tuple[str, bool]


class Sentence(QWidget):
    """``set_template("When {a}, do {b}.")`` puts the tokens of these names into the words."""

    def __init__(self, name: str, tokens: Mapping[str, Token]) -> None:
        super().__init__()
        self.setObjectName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._tokens = dict(tokens)
        for token in self._tokens.values():
            token.setParent(self)
            token.setFixedHeight(_LINE)
            token.hide()
        self._template = ""
        self._pieces: list[list[_Part]] = []
        self._painted: list[tuple[QRect, str]] = []

    def set_template(self, template: str) -> None:
        """Arrange words and tokens; a token that the template does not name is hidden."""
        self.setAccessibleName(_PLACE.sub(lambda found: self._words(found.group(1)), template))
        if template != self._template:
            self._template = template
            self._pieces = [_parts(piece) for piece in template.split()]
            self._order()
        self.updateGeometry()
        self._arrange(self.width(), move=True)
        self.update()

    def _words(self, name: str) -> str:
        return self._tokens[name].text().replace("&&", "&")

    def _order(self) -> None:
        """Tab walks through the tokens as they are read."""
        named = [text for piece in self._pieces for text, is_token in piece if is_token]
        for name, token in self._tokens.items():
            token.setVisible(name in named)
        for one, after in itertools.pairwise(named):
            QWidget.setTabOrder(self._tokens[one], self._tokens[after])

    # -- where everything is --------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(width, move=False)

    def sizeHint(self) -> QSize:
        wide = max(self.width(), 240)
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._arrange(self.width(), move=True)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
        super().changeEvent(event)

    def _arrange(self, width: int, move: bool) -> int:
        """The height that the sentence takes; ``move``: put everything in its place."""
        metrics = QFontMetrics(theme.font(theme.BODY))
        space = metrics.horizontalAdvance(" ")
        if move:
            self._painted = []
        x = y = 0
        for piece in self._pieces:
            wide = sum(self._wide(part, metrics) for part in piece)
            if x and x + wide > width:
                x, y = 0, y + _LINE + _BETWEEN
            for part in piece:
                room = self._wide(part, metrics)
                if move:
                    self._put(part, QRect(x, y, min(room, max(width - x, 24)), _LINE))
                x += room
            x += space
        return y + _LINE

    def _wide(self, part: _Part, metrics: QFontMetrics) -> int:
        text, is_token = part
        return (
            self._tokens[text].sizeHint().width() if is_token else metrics.horizontalAdvance(text)
        )

    def _put(self, part: _Part, where: QRect) -> None:
        text, is_token = part
        if is_token:
            self._tokens[text].setGeometry(where)
        else:
            self._painted.append((where, text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(theme.font(theme.BODY))
            painter.setPen(theme.current().text)
            for where, text in self._painted:
                painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter), text)


def _parts(piece: str) -> list[_Part]:
    """``({kind}).`` is ``(``, the token ``kind``, and ``).``."""
    return [
        (text, at % 2 == 1) for at, text in enumerate(_PLACE.split(piece)) if text or at % 2 == 1
    ]

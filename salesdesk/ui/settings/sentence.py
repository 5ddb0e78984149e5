"""A sentence whose words can be changed: plain words and tokens, broken into lines like text."""

import re
from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from salesdesk.ui import theme
from salesdesk.ui.settings.cells import Token
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label

_PLACE = re.compile(r"\{(\w+)\}")


class _Flow(FlowLayout):
    """Remembers its height: the layouts around it ask for it again and again."""

    def __init__(self, parent: QWidget, spacing: int) -> None:
        self._heights: dict[int, int] = {}
        super().__init__(parent, spacing)

    def heightForWidth(self, width: int) -> int:
        found = self._heights.get(width)
        if found is None:
            found = self._heights[width] = super().heightForWidth(width)
        return found

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()


class Sentence(QWidget):
    """``set_template("When {a}, do {b}.")`` puts the tokens of these names into the words."""

    def __init__(self, name: str, tokens: Mapping[str, Token]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._tokens = dict(tokens)
        for token in self._tokens.values():
            token.setParent(self)
            token.hide()
        self._flow = _Flow(self, theme.XS)
        self._template = ""
        self._glued: list[QWidget] = []

    def set_template(self, template: str) -> None:
        """Arrange words and tokens; a token that the template does not name is hidden."""
        self.setAccessibleName(_PLACE.sub(lambda found: self._words(found.group(1)), template))
        if template == self._template:
            return
        self._template = template
        self._clear()
        for piece in template.split():
            self._flow.addWidget(self._piece(piece))

    def _words(self, name: str) -> str:
        return self._tokens[name].text().replace("&&", "&")

    def _piece(self, piece: str) -> QWidget:
        """A word, a token, or a token with what stands right before and after it."""
        found = _PLACE.search(piece)
        if found is None:
            return self._word(piece)
        token = self._tokens[found.group(1)]
        token.show()
        token.setFixedHeight(24)
        before, after = piece[: found.start()], piece[found.end() :]
        glued = QWidget()
        row = QHBoxLayout(glued)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        if before:
            row.addWidget(self._word(before))
        row.addWidget(token)
        if after:
            row.addWidget(self._word(after))
        self._glued.append(glued)
        return glued

    def _word(self, text: str) -> QLabel:
        made = label(text)
        made.setFixedHeight(24)
        return made

    def _clear(self) -> None:
        for token in self._tokens.values():
            token.setParent(self)
            token.hide()
        while self._flow.count():
            item = self._flow.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._glued.clear()

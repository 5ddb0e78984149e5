"""A new workspace: its name, where its file is put, its zone, currency and country."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk import text
from salesdesk.errors import SalesDeskError
from salesdesk.services import beginnings
from salesdesk.services.beginnings import Wish
from salesdesk.services.template_names import TEMPLATES
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.welcome.options import Options, Pairs
from salesdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import ElidedLabel, label
from salesdesk.ui.widgets.switcher import Switcher

_SUFFIX = ".salesdesk"
_NONE = ""


class NewForm(QWidget):
    """``wanted(Wish)`` when it is filled in; ``left`` when it is given up."""

    wanted = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome-form")
        self._folder: Path | None = None
        self._file: Path | None = None
        self._named = False
        self.title = label("", "title")
        self.about = label("", "muted", wrap=True)
        self.name = QLineEdit()
        self.name.setObjectName("welcome-name")
        self.name.setMaxLength(80)
        self.place = ElidedLabel("", "muted")
        self.place.setObjectName("welcome-place")
        self.change = LinkButton("", "welcome-change-place", self.choose_place)
        templates = [(key, key) for key in TEMPLATES]
        self.template = ChipRow(templates, "welcome-template", "", wraps=True)
        self.zone = Switcher("welcome-zone")
        self.currency = Switcher("welcome-currency")
        self.country = Switcher("welcome-country")
        self.problem = label("", "problem", wrap=True)
        self.problem.setObjectName("welcome-form-problem")
        self.make = PrimaryButton("", "welcome-make", self.accept)
        self.cancel = Button("", "welcome-cancel", "plain", self.left.emit)
        self._heads = [label("", "muted") for _ in range(6)]
        self._build()
        self.name.textEdited.connect(self._on_name)
        self.name.returnPressed.connect(self.accept)
        self.retranslate()

    def _build(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(theme.S)
        place.addWidget(self.place, 1)
        place.addWidget(self.change)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.L)
        grid.setVerticalSpacing(theme.M)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.name, 0, 1)
        grid.addLayout(place, 1, 1)
        grid.addWidget(self.template, 2, 1)
        for row, field in enumerate((self.zone, self.currency, self.country), 3):
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft)
        for row, head in enumerate(self._heads):
            grid.addWidget(head, row, 0)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.S)
        buttons.addWidget(self.make)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addLayout(grid)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        column.addStretch(1)
        self.problem.hide()

    def begin(self, template: str, file: Path | None = None) -> None:
        """Open for a template, or for a file to import (its name becomes the workspace's)."""
        self._file = file
        self.template.set_value(template)
        self.problem.hide()
        self._name_it()
        self.retranslate()
        self.name.setFocus()
        self.name.selectAll()

    def set_options(self, found: Options) -> None:
        """What there is to choose, and what this machine suggests, unless something was chosen."""
        guess = found.guess
        chosen = [each.value for each in (self.zone, self.currency, self.country)]
        none: Pairs = [(_NONE, tr("No holidays"))]
        self.zone.set_options(found.zones, tr("Time zone"))
        self.currency.set_options(found.currencies, tr("Currency"))
        self.country.set_options(none + found.countries, tr("Country"))
        suggested = (guess.zone, guess.currency, guess.country)
        for each, before, first in zip(
            (self.zone, self.currency, self.country), chosen, suggested, strict=True
        ):
            each.set_value(first if before is None else before)
        self._allow()

    def retranslate(self) -> None:
        """Say everything anew."""
        names = (tr("Name"), tr("File"), tr("Begins with"), tr("Time zone"), tr("Currency"),
                 tr("Country"))  # fmt: skip
        for head, name in zip(self._heads, names, strict=True):
            head.setText(name)
        self.name.setAccessibleName(names[0])
        self.template.setAccessibleName(names[2])
        self.template.set_texts({key: tr(each.title) for key, each in TEMPLATES.items()})
        self.change.set_text(tr("Change…"), tr("Put the file elsewhere"))
        self.cancel.set_text(tr("Cancel"))
        self.title.setText(tr("New workspace"))
        self.make.set_text(tr("Make it"))
        self.about.setText(
            tr("Everything is kept in one file on this computer. Country, currency and all that "
               "the template brings can be changed later in the settings; the time zone stays.")
        )  # fmt: skip
        if self._file is not None:
            self.title.setText(tr("A workspace for {name}", name=self._file.name))
            self.make.set_text(tr("Make it and import"))
            self.about.setText(
                tr("The file is looked at first: nothing is brought in before you say so.")
            )
        if not self._named:
            self._name_it()

    def _name_it(self) -> None:
        """A name to begin with, until somebody types one."""
        if not self._named:
            self.name.setText(self._file.stem if self._file is not None else tr("Sales"))
        self._show_place()

    def _on_name(self, _typed: str) -> None:
        self._named = True
        self._show_place()

    def _show_place(self) -> None:
        try:
            self.place.set_text(str(beginnings.free_path(self.name.text(), self._folder)))
        except SalesDeskError:
            self.place.set_text("")
        self._allow()

    def _allow(self) -> None:
        ready = bool(self.place.text()) and self.zone.value is not None
        self.make.setEnabled(ready)

    def choose_place(self) -> None:
        """Ask where the file is to lie."""
        start = self.place.text() or str(self._folder or Path.home())
        kind = tr("SalesDesk workspace (*{suffix})", suffix=_SUFFIX)
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Where the workspace lies"), start, kind)
        if chosen:
            self.put(Path(chosen))

    def put(self, path: Path) -> None:
        """The file is to lie here."""
        self._folder, self._named = path.parent, True
        self.name.setText(path.name.removesuffix(_SUFFIX))
        self._show_place()

    def fail(self, words: str) -> None:
        """Say why it was not made."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def accept(self) -> None:
        """Ask for the workspace as it stands here."""
        if not self.make.isEnabled():
            return
        self.problem.hide()
        self.wanted.emit(
            Wish(self.template.value(), Path(self.place.text()), self.zone.value,
                 self.currency.value, self.country.value, text.language())
        )  # fmt: skip

"""The bodies of steps 2 and 3: columns, first cards and stages; rejected rows and what is made."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.exchange.mapping import Mapping, StageRule
from salesdesk.services.exchange.table import Table
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.imports.columns import ColumnsCard
from salesdesk.ui.imports.preview import BoardPreview
from salesdesk.ui.imports.rejects import RejectsCard
from salesdesk.ui.imports.stages import StagesCard
from salesdesk.ui.imports.trial import Trial
from salesdesk.ui.widgets.labels import Card, SectionLabel, label

_NAMES_SHOWN = 60


class _Body(QScrollArea):
    """A column that scrolls."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        inside = QWidget()
        inside.setProperty("role", "body")
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        self.column.setSpacing(theme.M)
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setWidget(inside)


class ColumnsBody(_Body):
    """Step 2."""

    def __init__(self) -> None:
        super().__init__("import-columns-scroll")
        self.columns = ColumnsCard()
        self.preview_head = SectionLabel("")
        self.preview = BoardPreview()
        self._strip = QScrollArea()
        self._strip.setObjectName("import-preview-scroll")
        self._strip.setFrameShape(QFrame.Shape.NoFrame)
        self._strip.setWidgetResizable(True)
        self._strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._strip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._strip.setWidget(self.preview)
        self.stages_head = SectionLabel("")
        self.stages = StagesCard()
        for widget in (self.columns, self.preview_head, self._strip, self.stages_head,
                       self.stages):  # fmt: skip
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.show_stages([])
        self.show_trial(None, "")

    def lock(self, locked: bool) -> None:
        """Whether nothing can be changed now (an import runs); without painting all of it anew."""
        self.columns.table.locked = self.stages.table.locked = locked
        for button in (self.columns.add, self.stages.up, self.stages.down):
            button.setEnabled(not locked)

    def show_mapping(self, table: Table, mapping: Mapping, own: tuple[str, ...]) -> None:
        """What feeds what."""
        self.columns.show_mapping(table, mapping, own)

    def show_stages(self, rules: list[StageRule], first: str = "") -> None:
        """The stages of the file; none are not shown. A new pipeline begins with ``first``."""
        self.stages.show_rules(rules, first)
        self.stages.setVisible(bool(rules))
        self.stages_head.setVisible(bool(rules))

    def show_trial(self, trial: Trial | None, problem: str) -> None:
        """What was found, and the first cards."""
        self.columns.model.show_trial(None if problem else trial)
        stages = () if trial is None or problem else trial.preview
        self.preview.show_stages(stages)
        self._strip.setFixedHeight(self.preview.height() + theme.M)
        self.preview_head.setVisible(bool(stages))
        self._strip.setVisible(bool(stages))

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Columns of the file"))
        self.preview_head.set_text(tr("First rows as they will be"))
        self._strip.setAccessibleName(tr("First rows as they will be"))
        self.stages_head.set_text(tr("Stages, in their order"))
        self.columns.retranslate()
        self.stages.retranslate()


class CheckBody(_Body):
    """Step 3: rejected rows, and the names of what the import makes."""

    def __init__(self) -> None:
        super().__init__("import-check-scroll")
        self._trial: Trial | None = None
        self.good = label("", "muted", wrap=True)
        self.rejects_head = SectionLabel("")
        self.rejects = RejectsCard()
        self._made = [(SectionLabel(""), label("", "", wrap=True), Card()) for _ in range(2)]
        for widget in (self.rejects_head, self.good, self.rejects):
            self.column.addWidget(widget)
        for head, names, card in self._made:
            card.body.addWidget(names)
            self.column.addWidget(head)
            self.column.addWidget(card)
        self.column.addStretch(1)

    def show_trial(self, trial: Trial | None) -> None:
        """What the trial run found."""
        self._trial = trial
        self.rejects.show_rejects(trial.rejected if trial is not None else ())
        self.rejects.setVisible(trial is not None and bool(trial.rejected))
        self._show_texts()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.setAccessibleName(tr("Check"))
        self.rejects.retranslate()
        self._show_texts()

    def _show_texts(self) -> None:
        self.rejects_head.set_text(tr("Rejected rows"))
        trial = self._trial
        clean = trial is not None and not trial.rejected
        self.good.setText(
            tr("Every row can be read.") if clean else
            tr("These rows are left out; the others are imported. Save them, mend them and import "
               "that file by the same mapping.") if trial is not None else ""
        )  # fmt: skip
        stages = trial.new_stages if trial is not None else ()
        people = trial.people if trial is not None else ()
        made = ((tr("New stages"), stages), (tr("New people"), people))
        for (head, names, card), (text, found) in zip(self._made, made, strict=True):
            head.set_text(text)
            shown = ", ".join(found[:_NAMES_SHOWN])
            more = len(found) - _NAMES_SHOWN
            names.setText(tr("{names} and {n} more", names=shown, n=more) if more > 0 else shown)
            head.setVisible(bool(found))
            card.setVisible(bool(found))

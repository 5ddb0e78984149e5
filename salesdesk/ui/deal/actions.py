"""The pills below the amount: won, lost, move, task, note; and what a refused move says."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from salesdesk.services import deals, dealview
from salesdesk.services.cards import MoveResult
from salesdesk.services.dealview import Choices, DealView, StageChoice
from salesdesk.services.fulfilling import Given
from salesdesk.services.requirements import needs
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal.inplace import dot_icon
from salesdesk.ui.deal.standing import changeable, sees
from salesdesk.ui.move_words import moved
from salesdesk.ui.requirements import RequirementsForm
from salesdesk.ui.widgets.buttons import ComboButton, LinkButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, show_under


class ActionRow(QWidget):
    """``task_wanted``, ``note_wanted``; moves are written here. ``refused(fields)`` names the
    fields that a stage asks for."""

    task_wanted = Signal()
    note_wanted = Signal()
    restore_wanted = Signal()
    refused = Signal(object)
    moved = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("deal-actions")
        self._context = context
        self._deal: DealView | None = None
        self._choices: Choices | None = None
        self.won = Chip("", "deal-won", False, self._on_won)
        self.lost = Chip("", "deal-lose", False, self._on_lost)
        self.move_button = ComboButton("", "deal-move", "chip")
        self.task = Chip("", "deal-task", False, self.task_wanted.emit)
        self.note = Chip("", "deal-note-pill", False, self.note_wanted.emit)
        self.restore = Chip("", "deal-restore", False, self.restore_wanted.emit)
        self.won.set_tone("good")
        self.lost.set_tone("bad")
        self.move_button.set_opens(self._stage_picker)
        self.refusal = Refusal(self._ask_for)
        pills = QWidget()
        # Five of them stand in one row of a panel of the usual width.
        pills.setStyleSheet(f"QPushButton {{ padding: 0 {theme.S}px; }}")
        flow = FlowLayout(pills, 6)
        for pill in (self.won, self.lost, self.move_button, self.task, self.note, self.restore):
            flow.addWidget(pill)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(pills)
        column.addWidget(self.refusal)

    def show_deal(self, deal: DealView, choices: Choices) -> None:
        """Offer what can be done with the deal."""
        if self._deal is None or (self._deal.id, self._deal.stage_id) != (deal.id, deal.stage_id):
            self.refusal.hide()
        self._deal, self._choices = deal, choices
        kinds = {stage.kind for stage in deal.stages}
        here = changeable(self._context, deal)
        mine = sees(self._context, deal.owner_id)
        self.setVisible(deal.as_of is None and mine)
        self.won.setVisible(here and "won" in kinds and deal.stage_kind != "won")
        self.lost.setVisible(here and "lost" in kinds and deal.stage_kind != "lost")
        for pill in (self.move_button, self.task, self.note):
            pill.setVisible(here)
        self.restore.setVisible(deal.deleted)

    def retranslate(self) -> None:
        """Set every text anew."""
        self.won.set_words(tr("Won"))
        self.lost.set_words(tr("Lost…"))
        self.move_button.set_text(tr("Move to"))
        self.task.set_words(tr("Task"))
        self.note.set_words(tr("Note"))
        self.task.setAccessibleName(tr("Add a task"))
        self.note.setAccessibleName(tr("Add a note"))
        self.restore.set_words(tr("Restore the deal"))

    # -- moving -------------------------------------------------------------------------------

    def _on_won(self) -> None:
        self._go_to_kind("won", self.won)

    def _on_lost(self) -> None:
        self._go_to_kind("lost", self.lost)

    def _go_to_kind(self, kind: str, anchor: QWidget) -> None:
        """Move to the only stage of a kind, or ask which."""
        if self._deal is None:
            return
        found = [stage for stage in self._deal.stages if stage.kind == kind]
        if len(found) == 1:
            self.move_to(found[0], anchor)
            return
        picker = self._picker(found, tr("Move to"))
        show_under(picker, anchor)

    def _stage_picker(self) -> Picker:
        """This pipeline's stages first, then all others with their pipeline."""
        deal = self._deal
        assert deal is not None
        found = [stage for stage in deal.stages if stage.id != deal.stage_id]
        own = {stage.id for stage in deal.stages}
        others = [
            (pipeline, stage)
            for pipeline, stage in self._context.ask(dealview.stages_everywhere)
            if stage.id not in own
        ]
        return self._picker(found, tr("Move to"), others)

    def _picker(
        self,
        found: list[StageChoice],
        title: str,
        others: Sequence[tuple[str, StageChoice]] = (),
    ) -> Picker:
        ratio, now = self.devicePixelRatioF(), theme.current()
        options = [
            Option(stage, stage.name, icon=dot_icon(now.stage(stage.colour), ratio))
            for stage in found
        ]
        options += [
            Option(
                stage, f"{pipeline} · {stage.name}",
                icon=dot_icon(now.stage(stage.colour), ratio),
            )
            for pipeline, stage in others
        ]  # fmt: skip
        picker = Picker(options, "deal-stages", title, None, self)
        picker.picked.connect(lambda stage: self.move_to(stage, self.move_button))
        return picker

    def move_to(self, stage: StageChoice, anchor: QWidget) -> None:
        """Move the deal; a lost one is asked for the reason first."""
        reasons = self._choices.lost_reasons if self._choices is not None else ()
        if stage.kind != "lost" or not reasons:
            self._write(stage.id, None, None)
            return
        options = [Option(reason.id, reason.name) for reason in reasons]
        picker = Picker(options, "deal-reasons", tr("Why is it lost?"), None, self)
        picker.picked.connect(lambda reason: self._write(stage.id, reason, None))
        show_under(picker, anchor)

    def _write(
        self,
        stage_id: int,
        reason: int | None,
        override: str | None,
        given: Sequence[Given] = (),
    ) -> None:
        if self._deal is None:
            return
        self.refusal.hide()
        again = (stage_id, reason)

        def failed(error: Exception) -> bool:
            if not isinstance(error, deals.MoveRefused):
                return False
            self._on_refused(error, again)
            return True

        self._context.write(
            deals.move, [self._deal.id], stage_id, lost_reason_id=reason, override=override,
            given=given, done=self._on_moved, failed=failed, say=moved,
        )  # fmt: skip

    def _on_moved(self, _result: MoveResult) -> None:
        self.moved.emit()

    def _on_refused(self, error: deals.MoveRefused, again: tuple[int, int | None]) -> None:
        """Say what is missing, and ask for it there and then."""
        self.refusal.tell(error, again)
        self.refused.emit(error.fields)
        self._ask_for(again, error)

    def _ask_for(self, again: tuple[int, int | None], error: deals.MoveRefused) -> None:
        form = RequirementsForm(self._context, error.missing, self)
        form.given.connect(lambda given: self._write(*again, None, given))
        form.anyway.connect(lambda reason: self._write(*again, reason))
        show_under(form, self.move_button)
        form.begin()


class Refusal(QFrame):
    """Why a move was refused, in the panel where it can be put right."""

    def __init__(self, asks: Callable[[tuple[int, int | None], deals.MoveRefused], None]) -> None:
        super().__init__()
        self.setObjectName("deal-refusal")
        self.setProperty("role", "card")
        self._asks = asks
        self._told: tuple[tuple[int, int | None], deals.MoveRefused] | None = None
        self.text = label("", wrap=True)
        self.button = LinkButton("", "deal-refusal-again", self._on_again)
        self.button.setStyleSheet("padding: 0;")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        column.setSpacing(theme.XS)
        column.addWidget(self.text)
        column.addWidget(self.button)
        self.hide()

    def tell(self, error: deals.MoveRefused, again: tuple[int, int | None]) -> None:
        """Show what is missing."""
        self._told = (again, error)
        told = [needs(one, formats.money) for one in error.missing]
        self.text.setText(tr("Not moved. First: {needs}.", needs="; ".join(told)))
        self.setAccessibleName(self.text.text())
        self.button.set_text(tr("Fill it in…"))
        self.show()

    def _on_again(self) -> None:
        if self._told is not None:
            self._asks(*self._told)

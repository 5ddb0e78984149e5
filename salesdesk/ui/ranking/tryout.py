"""What if: other points for the stages, and skipped stages counted or not, tried without saving.
Both orders stand side by side; an administrator may apply what was tried."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from salesdesk.services import what_if
from salesdesk.services.what_if import Basis, Tried
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import query
from salesdesk.ui.ranking.orders import OrdersList, Row, rows_of
from salesdesk.ui.ranking.query import Asked
from salesdesk.ui.ranking.stage_weights import StageWeights
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import Button, LinkButton, PrimaryButton
from salesdesk.ui.widgets.checks import Flag
from salesdesk.ui.widgets.labels import SectionLabel, label
from salesdesk.ui.widgets.panel import SidePanel

#: The table follows a slider at rest; the orders beside it follow at once.
_TABLE_MS = 150


class TryPanel(SidePanel):
    """``tried()``: something else is tried (``tried_now``), the table should show it.

    ``person_wanted(id)``: the points of this person are to be explained.
    """

    tried = Signal()
    person_wanted = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("ranking-try", "", parent=parent)
        self._context = context
        self._asked: Asked | None = None
        self._bases: tuple[Basis, Basis] | None = None
        self._skipped: bool | None = None
        self._told = Tried()
        self._all = False
        self.intro = label("", "muted", wrap=True)
        self.weights = StageWeights()
        self.skipped = Flag("ranking-try-skipped", " ", " ")
        self.skipped.chosen.connect(self._on_skipped)
        self.others = LinkButton("", "ranking-try-all", self._on_all)
        self.problem = label("", "problem", wrap=True)
        self.problem.hide()
        self.said = SectionLabel(" ")
        self.said.setWordWrap(True)  # Russian words are wider than the panel
        self.orders = OrdersList("ranking-orders")
        self.reset = Button("", "ranking-try-reset", "plain", self.throw_away)
        self.apply = PrimaryButton("", "ranking-try-apply", self._on_apply)
        self.reading = Reading(
            self, context, self._wanted, query.orders, self._show_bases,
            indifferent=query.INDIFFERENT,
        )  # fmt: skip
        self._build()
        self.weights.changed.connect(self._on_changed)
        self.weights.problem.connect(self._on_problem)
        self.orders.opened.connect(self._on_opened)
        self._resting = QTimer(self, interval=_TABLE_MS, singleShot=True)
        self._resting.timeout.connect(self._tell)

    def _build(self) -> None:
        above: tuple[QWidget, ...] = (self.intro, self.weights)
        below: tuple[QWidget, ...] = (self.skipped, self.problem, self.said, self.orders)
        for widget in above:
            self.body.addWidget(widget)
        self.body.addWidget(self.others, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in below:
            self.body.addWidget(widget)
        self.body.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.reset)
        row.addStretch(1)
        row.addWidget(self.apply)
        self.foot.addLayout(row)

    def retranslate(self) -> None:
        super().retranslate()
        title = tr("What if?")
        self.set_title(title)
        for widget in (self, self.area):
            widget.setAccessibleName(title)
        self.intro.setText(tr("Other points, tried without saving them. The table follows."))
        self.skipped.setText(tr("Count skipped stages"))
        self.skipped.setAccessibleName(tr("Count skipped stages"))
        self.skipped.setToolTip(
            tr("A deal that jumps forward earns the points of the open stages between as well.")
        )
        self.reset.set_text(tr("Throw away"))
        self.apply.set_text(tr("Apply…"))
        self.weights.retranslate()
        self.show_rights()
        self._show_orders()

    def show_rights(self) -> None:
        """Who may not save points is not offered to."""
        self.apply.setVisible(self._context.may("stages"))

    # -- what is asked ------------------------------------------------------------------------

    def tried_now(self) -> Tried:
        """What the table is to show: what is tried, as far as it was told."""
        return self._told

    def opened(self) -> None:
        """The panel was opened: read what people reached, if that is not known."""
        self.reading.refresh()

    def set_asked(self, asked: Asked) -> None:
        """Other days, another team or pipeline, or the data have changed."""
        known = self._asked
        self._asked = asked
        same = known is not None and (known.period, known.team_id, known.pipeline_id) == (
            asked.period, asked.team_id, asked.pipeline_id,
        )  # fmt: skip
        if not same and self.isVisible():
            self.reading.refresh()

    def _wanted(self) -> Asked | None:
        if self._asked is None:
            return None
        one = self._asked
        return Asked(one.period, one.team_id, one.pipeline_id, skipped=self._skipped)

    def _show_bases(self, found: tuple[Basis, Basis]) -> None:
        first = self._bases is None
        self._bases = found
        saved, tried = found
        self.skipped.set_value(tried.skipped)
        self._show_stages()
        self._show_orders()
        if first or self._skipped is not None:
            return
        # Skipped stages the other way round will be there when the switch is tried.
        self._warm(not saved.skipped_saved)

    def _warm(self, skipped: bool) -> None:
        asked = self._wanted()
        if asked is not None:
            one = Asked(asked.period, asked.team_id, asked.pipeline_id, skipped=skipped)
            self._context.read(
                query.orders, one, now=self._context.now(), done=lambda _found: None,
                key="ranking-what-if",
            )  # fmt: skip

    def _show_stages(self) -> None:
        """The stages that earn something or were reached; the others when asked for."""
        assert self._bases is not None
        stages = self._bases[1].stages
        earning = [one for one in stages if one.points or one.stage_id in self._told.points]
        shown = stages if self._all or not earning else earning
        self.weights.set_stages(shown)
        left = len(stages) - len(shown)
        self.others.setVisible(left > 0)
        if left > 0:
            self.others.set_text(
                ntr("{n} stage that earns nothing…", "{n} stages that earn nothing…", left)
            )

    def _on_all(self) -> None:
        self._all = True
        self._show_stages()

    # -- what is tried ------------------------------------------------------------------------

    def _on_changed(self) -> None:
        self._show_orders()
        self._resting.start()

    def _on_skipped(self, on: bool) -> None:
        saved = self._bases[0].skipped_saved if self._bases is not None else not on
        self._skipped = None if on == saved else on
        self.said.set_text(tr("Counting…"))  # of a long period it may take a moment, once
        self.reading.refresh()
        self._resting.start()

    def _on_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _tell(self) -> None:
        self._resting.stop()
        now = Tried(self.weights.values(), self._skipped)
        if now != self._told:
            self._told = now
            self.tried.emit()

    def throw_away(self) -> None:
        """The saved points again."""
        self._skipped = None
        self.weights.set_values({})
        self._tell()
        if self._bases is not None:
            self._show_bases((self._bases[0], self._bases[0]))

    def close_panel(self) -> None:
        self.throw_away()
        super().close_panel()

    def _show_orders(self) -> None:
        if self._bases is None:
            return
        points = self.weights.values()
        places = what_if.orders(*self._bases, points)
        self.orders.set_items(rows_of(places))
        risen = sum(one.up > 0 for one in places)
        fallen = sum(one.up < 0 for one in places)
        self.said.set_text(
            tr("Saved and tried: {up} up, {down} down", up=risen, down=fallen)
            if risen or fallen
            else tr("Saved and tried: the same order")
        )
        self.orders.setAccessibleName(self.said.accessibleName())
        any_tried = bool(points) or self._skipped is not None
        for button in (self.reset, self.apply):
            button.setEnabled(any_tried)

    def _on_opened(self, row: Row) -> None:
        self.person_wanted.emit(row.now.person_id)

    # -- applying -----------------------------------------------------------------------------

    def _on_apply(self) -> None:
        from salesdesk.ui.ranking.applying import ApplyForm
        from salesdesk.ui.widgets.popup import show_under

        tried = Tried(self.weights.values(), self._skipped)
        form = ApplyForm(tried, self._context.today(), self)
        form.given.connect(lambda day: self._save(tried, day))
        show_under(form, self.apply)

    def _save(self, tried: Tried, day: int | None) -> None:
        said: Callable[[object], str] = lambda _: tr("The points that were tried are applied")  # noqa: E731
        self._context.write(
            what_if.apply, tried, valid_from=day, say=said, done=lambda _: self.throw_away()
        )

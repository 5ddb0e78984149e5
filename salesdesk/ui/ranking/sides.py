"""What opens at the side of the ranking: why a number is so, what if points were others, and what a
lead should look at. One of them at a time."""

from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services.ranking_explain import Explanation, Line
from salesdesk.services.what_if import Tried
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts
from salesdesk.ui.context import Context
from salesdesk.ui.ranking import query
from salesdesk.ui.ranking.charts import Charts
from salesdesk.ui.ranking.columns import metric_of
from salesdesk.ui.ranking.explain import ExplainPanel
from salesdesk.ui.ranking.query import Answer
from salesdesk.ui.ranking.review import ReviewPanel
from salesdesk.ui.ranking.review_button import ReviewButton
from salesdesk.ui.ranking.ruling import Rulings
from salesdesk.ui.ranking.table import RankingTable
from salesdesk.ui.ranking.tryout import TryPanel
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.panel import SidePanel

_GROUP = N_("Ranking")
_TRY_KEY, _CHECK_KEY = "W", "C"
_FOLLOW_MS = 120
_WIDE = 1180


class Sides(QObject):
    """``changed()``: other points are tried, read anew; ``moved()``: a panel came or went."""

    changed = Signal()
    moved = Signal()

    def __init__(
        self, context: Context, page: QWidget, table: RankingTable, charts: Charts
    ) -> None:
        super().__init__(page)
        self._context, self._page = context, page
        self._table, self._charts = table, charts
        self._answer: Answer | None = None
        self._followed: tuple[int | None, str] | None = None
        self.rulings = Rulings(context, page)
        self.panel = ExplainPanel(context.store.zone, self.rulings.may)
        self.tryout = TryPanel(context)
        self.review = ReviewPanel(context, self.rulings)
        self.try_button = Button("", "ranking-try-button", "chip", self._on_try)
        self.review_button = ReviewButton(context, page, self._on_review)
        for panel in self.panels():
            panel.hide()
        self._connect()

    def _connect(self) -> None:
        context, panel = self._context, self.panel
        self._table.explained.connect(self.explain)
        self._table.walked.connect(self._on_walked)
        self._table.left.connect(self.close_all)
        self._charts.picked.connect(self.explain)
        panel.closed.connect(self._on_panel_closed)
        panel.deal_wanted.connect(lambda deal: context.go("board", deal))
        panel.task_wanted.connect(lambda task: context.go("tasks", task))
        panel.person_wanted.connect(self.explain)
        panel.beside_wanted.connect(self._on_beside)
        panel.ruling_wanted.connect(self._on_ruling)
        panel.more_wanted.connect(self._read_explanation)
        self.tryout.tried.connect(self.changed)
        self.tryout.person_wanted.connect(lambda person: self.explain(person, "points"))
        self.tryout.closed.connect(self._on_try_closed)
        self.review.closed.connect(self._on_review_closed)
        self.review.person_wanted.connect(lambda person: self.explain(person, "points"))
        context.rights_changed.connect(self._on_rights)
        shortcuts.add(self._page, _TRY_KEY, N_("What if?"), self._on_try, _GROUP)
        shortcuts.add(self._page, _CHECK_KEY, N_("Moves to check"), self._on_check_key, _GROUP)
        for listed in (panel.lines, self.review.lines):
            shortcuts.listed(listed, "Return", N_("Open what the line is about"), _GROUP)
            shortcuts.listed(listed, "Shift+F10", N_("What can be decided about the line"), _GROUP)
        self._follow = QTimer(self, interval=_FOLLOW_MS, singleShot=True)
        self._follow.timeout.connect(self._on_follow)

    def panels(self) -> tuple[SidePanel, ...]:
        """The panels, for the page's layout."""
        return self.panel, self.tryout, self.review

    def actions(self) -> list[QWidget]:
        """The buttons of the header that open them."""
        return [self.try_button, self.review_button]

    @property
    def tried(self) -> Tried:
        """What is tried instead of what is saved."""
        return self.tryout.tried_now()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.try_button.set_text(tr("What if?"))
        tip = tr("Try other points for the stages, without saving them")
        self.try_button.setToolTip(shortcuts.hint(tip, _TRY_KEY))
        self.review_button.retranslate()
        for panel in self.panels():
            panel.retranslate()
        if self._answer is not None:
            self._read_explanation()

    def show_answer(self, answer: Answer) -> None:
        """The page shows another answer."""
        first = self._answer is None
        self._answer = answer
        self.tryout.set_asked(answer.asked)
        self.review_button.set_asked(answer.asked)
        self.review.set_asked(answer.asked)
        if first and answer.ranking.rows:
            self._open_first(answer)
        self._read_explanation()

    def _open_first(self, answer: Answer) -> None:
        """The first cell for the keyboard; on a wide window the panel too, unless it was closed."""
        rows, about = answer.ranking.rows, self.panel.about()
        wanted = self._context.person_id if about is None else about[0]
        own = next((r for r in rows if r.person_id == wanted), rows[0])
        if self._table.current() is None:
            self._table.select(own.person_id, "points")
        wide = self._page.width() >= _WIDE and self._context.remember.flag("ranking/panel", True)
        if wide and self.panel.about() is None and not self._shown():
            self.explain(own.person_id, "points")

    def _shown(self) -> SidePanel | None:
        return next((one for one in self.panels() if one.isVisibleTo(self._page)), None)

    def _show(self, panel: SidePanel) -> None:
        for other in self.panels():
            other.setVisible(other is panel)
        self.try_button.set_tone("accent" if panel is self.tryout or self.tried.is_any else "")
        self.review_button.set_tone("accent" if panel is self.review else "")
        QTimer.singleShot(0, self, self.moved.emit)

    def close_all(self) -> None:
        """Close what is open."""
        shown = self._shown()
        if shown is not None:
            shown.close_panel()

    def _left(self) -> None:
        """A panel was closed."""
        self.try_button.set_tone("accent" if self.tried.is_any else "")
        self.review_button.set_tone("")
        self._table.setFocus()
        self.moved.emit()

    # -- why ----------------------------------------------------------------------------------

    def explain(self, person_id: int | None, metric: str) -> None:
        """Open the panel on a number of a person, or (None) of the last line."""
        self._follow.stop()
        if not self.panel.isVisibleTo(self._page):
            self._show(self.panel)
            self._context.remember.set("ranking/panel", True)
        current = self._table.current()
        if current is None or current[0] != person_id or metric != metric_of(current[1]):
            self._table.select(person_id, self._table.column_of(metric))
        self.panel.begin(person_id, metric)
        self._charts.set_strong(person_id)
        self._read_explanation()
        QTimer.singleShot(0, self, self.moved.emit)

    def _read_explanation(self) -> None:
        about = self.panel.about()
        if about is None or self._answer is None or not self.panel.isVisibleTo(self._page):
            return
        wanted = query.Why(self._answer.asked, *about, *self.panel.wanted())
        self._context.read(
            query.why, wanted, self._people(), now=self._context.now(),
            done=self._show_explanation, key="ranking-explain",
        )  # fmt: skip

    def _people(self) -> tuple[int, ...]:
        rows = self._answer.ranking.rows if self._answer is not None else ()
        return tuple(row.person_id for row in rows if row.person_id is not None)

    def _show_explanation(self, found: Explanation) -> None:
        if self._answer is None or (found.person_id, found.metric) != self.panel.about():
            return
        ranking, now = self._answer.ranking, self._context.now()
        if found.person_id is None:
            self.panel.show_team(found, ranking.rows, ranking.total, now, ranking.currency)
            return
        row = next((r for r in ranking.rows if r.person_id == found.person_id), None)
        self.panel.show_person(found, row, now, ranking.currency)

    def _on_walked(self, person_id: int | None, metric: str) -> None:
        if self.panel.isVisibleTo(self._page):
            self._followed = (person_id, metric)
            self._follow.start()

    def _on_follow(self) -> None:
        if self._followed is not None and self.panel.isVisibleTo(self._page):
            self.explain(*self._followed)

    def _on_beside(self, metric: str) -> None:
        about = self.panel.about()
        if about is not None:
            self.explain(about[0], metric)

    def _on_panel_closed(self) -> None:
        self._context.remember.set("ranking/panel", False)
        self._charts.set_strong(None)
        if self.tried.is_any:  # what is tried stays in sight until it is thrown away
            self._show(self.tryout)
        else:
            self._left()

    def _on_ruling(self, item: Any, place: QPoint) -> None:
        about = self.panel.about()
        if isinstance(item.source, Line) and about is not None:
            holder = about[0] if item.source.person_id is None else item.source.person_id
            if holder is not None:
                self.rulings.open(item.source, holder, place)

    # -- what if ------------------------------------------------------------------------------

    def _on_try(self) -> None:
        if self.tryout.isVisibleTo(self._page):
            self.tryout.close_panel()
        else:
            self._show(self.tryout)
            self.tryout.opened()

    def _on_try_closed(self) -> None:
        self._left()

    # -- what to look at ----------------------------------------------------------------------

    def _on_check_key(self) -> None:
        if self._context.may("rulings"):
            self._on_review()

    def _on_review(self) -> None:
        if self.review.isVisibleTo(self._page):
            self.review.close_panel()
        else:
            self._show(self.review)
            self.review.opened()

    def _on_review_closed(self) -> None:
        if self.tried.is_any:
            self._show(self.tryout)
        else:
            self._left()

    def _on_rights(self) -> None:
        self.review_button.refresh()
        self.tryout.show_rights()
        if not self._context.may("rulings") and self.review.isVisibleTo(self._page):
            self.review.close_panel()

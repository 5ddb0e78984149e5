"""What the page of the ranking is about: which days, against which, whose, of which pipeline."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from salesdesk.services.what_if import Tried
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.page import number_in
from salesdesk.ui.ranking.against import AgainstButton
from salesdesk.ui.ranking.query import Asked
from salesdesk.ui.scopes import Choices, choices
from salesdesk.ui.widgets.period import PeriodBar
from salesdesk.ui.widgets.switcher import Switcher
from salesdesk.ui.widgets.treepick import Node, TreeSwitcher

_ALL = 0


class Asking(QObject):
    """The widgets of the header and what they say together; ``changed()`` when a person chose."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        remember = context.remember
        self.days = PeriodBar("ranking-period", context.store.zone, context.now, remember)
        self.against = AgainstButton("ranking-against", self.days.period, self._today, remember)
        self.team = TreeSwitcher("ranking-team")
        self.pipeline = Switcher("ranking-pipeline")
        self.days.changed.connect(self._on_days)
        self.against.changed.connect(self.changed)
        self.team.chosen.connect(lambda value: self._on_chosen("ranking/team", value))
        self.pipeline.chosen.connect(lambda value: self._on_chosen("ranking/pipeline", value))

    def widgets(self) -> list[QWidget]:
        """From the left."""
        return [self.days, self.against, self.team, self.pipeline]

    def retranslate(self) -> None:
        """Set every text anew."""
        self.days.retranslate()
        self.against.refresh()

    def asked(self, tried: Tried) -> Asked:
        """What is chosen, as of now, with what is ``tried``."""
        return Asked(
            self.days.period(), self.team.value or None, self.pipeline.value or None,
            tuple(sorted(tried.points.items())), self.against.period(), tried.skipped,
            self._context.person_id,
        )  # fmt: skip

    def refresh(self) -> None:
        """Show the days as of now (midnight has passed)."""
        self.days.refresh()
        self.against.refresh()

    def about(self) -> list[str]:
        """The team and the pipeline that it is limited to, in words."""
        limited = [self.team, self.pipeline]
        return [one.text().strip() for one in limited if one.value]

    def widen(self) -> None:
        """Every team and every pipeline."""
        for switcher, name in ((self.team, "team"), (self.pipeline, "pipeline")):
            switcher.set_value(_ALL)
            self._context.remember.set(f"ranking/{name}", _ALL)
        self.changed.emit()

    def read_choices(self) -> None:
        """Which teams and pipelines there are now; the first time also which were chosen."""
        found, remember = self._context.ask(choices), self._context.remember
        first = self.team.value is None
        self._set_choices(found)
        if first:
            self.team.set_value(remember.number("ranking/team"))
            self.pipeline.set_value(remember.number("ranking/pipeline"))

    def _set_choices(self, found: Choices) -> None:
        teams = [Node(key, name, depth) for key, name, depth in found.teams]
        self.team.set_nodes([Node(_ALL, tr("Everybody")), *teams], tr("Team"))
        self.team.setVisible(bool(found.teams))
        counting = [(key, name) for key, name, counts in found.pipelines if counts]
        self.pipeline.set_options([(_ALL, tr("All pipelines")), *counting], tr("Pipeline"))
        self.pipeline.setVisible(len(counting) > 1)

    def address(self) -> dict[str, str]:
        """What is chosen as the page's address has it."""
        parts = {"days": self.days.text()}
        chosen = {"team": self.team.value, "pipeline": self.pipeline.value,
                  "with": self.against.address()}  # fmt: skip
        return parts | {name: str(value) for name, value in chosen.items() if value}

    def go_to(self, parts: Mapping[str, str]) -> None:
        """Choose what an address has, without telling."""
        self.days.set_text(parts.get("days", "month"))
        self.against.set_address(parts.get("with", ""))
        self.team.set_value(number_in(parts, "team"))
        self.pipeline.set_value(number_in(parts, "pipeline"))

    def _today(self) -> int:
        return self._context.store.zone.day_of(self._context.now())

    def _on_days(self) -> None:
        self.against.refresh()
        self.changed.emit()

    def _on_chosen(self, name: str, value: Any) -> None:
        self._context.remember.set(name, int(value))
        self.changed.emit()

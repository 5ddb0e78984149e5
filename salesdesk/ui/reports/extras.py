"""What a report shows beside its table: widgets of their own, made when the report is shown."""

from importlib import import_module
from importlib.util import find_spec

from PySide6.QtWidgets import QWidget

from salesdesk.services.report_table import Query
from salesdesk.ui.context import Context

#: By report: the module in this package, and its widget, which is made of a context.
_EXTRAS = {"forecast": ("forecast_replay", "ReplayView")}


class Extra(QWidget):
    """What such a widget does."""

    def show(self, query: Query | None = None) -> None:
        """Show what belongs to a question; without one just be shown."""

    def retranslate(self) -> None:
        """Set every text anew."""


def extra(report: str, context: Context) -> Extra | None:
    """The widget of a report; None for those that have none."""
    module, name = _EXTRAS.get(report, ("", ""))
    if not module or find_spec(f"salesdesk.ui.reports.{module}") is None:
        return None
    made: Extra = getattr(import_module(f"salesdesk.ui.reports.{module}"), name)(context)
    return made

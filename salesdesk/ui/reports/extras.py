"""What a report shows beside its table: widgets of their own, made when the report is shown."""

from importlib import import_module
from importlib.util import find_spec

from PySide6.QtWidgets import QWidget

from salesdesk.ui.context import Context

#: By report: the module in this package, and its widget, which is made of a context.
_EXTRAS = {"forecast": ("forecast_replay", "ReplayView")}


def extra(report: str, context: Context) -> QWidget | None:
    """The widget of a report; None for those that have none."""
    module, name = _EXTRAS.get(report, ("", ""))
    if not module or find_spec(f"salesdesk.ui.reports.{module}") is None:
        return None
    made: QWidget = getattr(import_module(f"salesdesk.ui.reports.{module}"), name)(context)
    return made

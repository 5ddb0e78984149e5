"""The reports by name, in the order in which they are offered (domain.md section 5)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from salesdesk.errors import NotFound
from salesdesk.services.report_table import Report
from salesdesk.text import N_

#: Name and module. Modules are imported when their report is asked for.
MODULES = {
    "transitions": "report_transitions",
    "stage-time": "report_stage_time",
    "funnel": "report_funnel",
    "plan-fact": "report_plan_fact",
    "forecast": "report_forecast",
    "workload": "report_workload",
    "actions": "report_actions",
    "inactive": "report_inactive",
    "repeat": "report_repeat",
    "refusals": "report_refusals",
    "payments": "report_payments",
    "industry": "report_industry",
    "source": "report_source",
    "children": "report_children",
    "pivot": "report_pivot",
}
NAMES = tuple(MODULES)

#: How a chooser groups them: title, and names in their order.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Sales"), ("transitions", "stage-time", "funnel", "forecast", "refusals")),
    (N_("People"), ("plan-fact", "workload", "actions")),
    (N_("Money"), ("payments", "children")),
    (N_("Clients"), ("inactive", "repeat", "industry", "source")),
    (N_("Your own"), ("pivot",)),
)


@cache
def is_there(name: str) -> bool:
    """Whether the report of that name is part of this version."""
    return name in MODULES and find_spec(f"salesdesk.services.{MODULES[name]}") is not None


def report(name: str) -> Report:
    """The report of that name; raises ``NotFound``."""
    if not is_there(name):
        raise NotFound(N_("There is no report “{name}”."), name=name)
    found: Report = import_module(f"salesdesk.services.{MODULES[name]}").REPORT
    return found

"""The reports by name, in the order in which they are offered (domain.md section 5)."""

from importlib import import_module

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
}
NAMES = tuple(MODULES)


def report(name: str) -> Report:
    """The report of that name; raises ``NotFound``."""
    if name not in MODULES:
        raise NotFound(N_("There is no report “{name}”."), name=name)
    found: Report = import_module(f"salesdesk.services.{MODULES[name]}").REPORT
    return found

"""The report by source: deals, amounts and conversion by where the first contact came from."""

from salesdesk.services.report_origin import SOURCE, report
from salesdesk.text import N_

REPORT = report(
    SOURCE,
    "source",
    N_("By source"),
    N_("How many deals came from which source of first contact, and how many of them were won"),
)

"""The report by industry: deals, amounts and conversion by the company's line of business."""

from salesdesk.services.report_origin import INDUSTRY, report
from salesdesk.text import N_

REPORT = report(
    INDUSTRY,
    "industry",
    N_("By industry"),
    N_("How many deals came from which industry, and how many of them were won"),
)

"""Real data that nobody here wrote, beside the checkout; and how its deals are read."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PIPELINE = DATA / "maven_crm" / "sales_pipeline.csv"
ACCOUNTS = DATA / "maven_crm" / "accounts.csv"
HELPDESK = DATA / "bpi_event_logs" / "helpdesk.csv"
needs_files = pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not here")

#: The mapping of ``PIPELINE``.
DEALS = """as = "deals"
pipeline = "Sales"
[columns]
external_id = "opportunity_id"
title = ["product", "account"]
owner = "sales_agent"
company = "account"
stage = "deal_stage"
created_at = "engage_date"
closed_at = "close_date"
amount = "close_value"
[stages]
Prospecting = { stage = "Prospecting" }
Engaging = { stage = "Engaging", milestone = "meeting_scheduled", points = "1" }
Won = { stage = "Won", kind = "won" }
Lost = { stage = "Lost", kind = "lost" }
"""

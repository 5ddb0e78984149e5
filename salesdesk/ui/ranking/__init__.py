"""The page of the ranking: who earned what in a period, against plans, and why."""

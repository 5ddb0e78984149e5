"""The moment at which all benchmarks take place (nothing else, so that a start may import it)."""

from datetime import UTC, datetime

from salesdesk.moments import SECOND, moment_of

NOW = moment_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
DAY = 86_400 * SECOND

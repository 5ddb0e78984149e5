"""The whole schema, as first released."""

from salesdesk.models.migrations import (
    first_change,
    first_clients,
    first_contractors,
    first_deals,
    first_people,
    first_pipelines,
    first_results,
    first_sums,
    first_sync,
    first_tasks,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    for subject in (
        first_change,
        first_people,
        first_pipelines,
        first_clients,
        first_contractors,
        first_deals,
        first_tasks,
        first_results,
        first_sums,
        first_sync,
    ):
        subject.create()

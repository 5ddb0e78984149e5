"""A revision of the tests alone: parents altered in batch mode, a column and a table more."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Batch mode makes ``deal`` and ``command`` anew: others refer to both."""
    with op.batch_alter_table("deal") as deal:
        deal.alter_column("title", nullable=True)
        deal.add_column(sa.Column("colour", sa.String(), nullable=True))
    with op.batch_alter_table("command") as command:
        command.add_column(sa.Column("machine", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("change") as change:
        change.add_column(sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.create_table("colour", sa.Column("id", sa.Integer(), primary_key=True))

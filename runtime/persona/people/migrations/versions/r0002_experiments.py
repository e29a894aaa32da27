"""Figures of visits in experiments: `runtime.experiments.store` uses them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "experiment_visit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("experiment", sa.String(40), nullable=False, index=True),
        sa.Column("variant", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("interrupted", sa.Integer(), nullable=False),
        sa.Column("thumbs_up", sa.Integer(), nullable=False),
        sa.Column("thumbs_down", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=True),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("experiment_visit")

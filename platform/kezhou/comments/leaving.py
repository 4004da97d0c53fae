"""Comments leave with their record, once that was removed for good."""

from kezhou.records.rows import execute
from kezhou.records.sql import Sql
from tenants.tasks import task


@task(name="kezhou.comments.delete_with_records")
def delete_with_records() -> int:
    """Delete this tenant's comments on records that were purged; says how many."""
    return execute(
        Sql(
            "DELETE FROM comments_comment c USING records_history h "
            "WHERE h.kind = 'purged' AND h.type = c.type AND h.record = c.record"
        )
    )

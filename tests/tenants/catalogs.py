"""Everything PostgreSQL's catalogs know of a schema, without its name: for comparing two schemas."""

from django.db import connection

_PARTS = {
    "columns": (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, collation_name,"
        " character_maximum_length, generation_expression FROM information_schema.columns WHERE table_schema = %s"
    ),
    "constraints": (
        "SELECT r.relname, c.conname, c.contype::text, pg_get_constraintdef(c.oid), c.condeferrable, c.convalidated"
        " FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
        " LEFT JOIN pg_class r ON r.oid = c.conrelid WHERE n.nspname = %s"
    ),
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
    "sequences": (
        "SELECT sequencename, data_type::text, start_value, increment_by, last_value FROM pg_sequences"
        " WHERE schemaname = %s"
    ),
    "triggers": (
        "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers"
        " WHERE trigger_schema = %s"
    ),
    "functions": (
        "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = %s AND p.prokind = 'f'"
    ),
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = %s",
    "statistics": (
        "SELECT s.stxname FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE n.nspname = %s"
    ),
}


def portrait(schema: str) -> dict[str, list[tuple[str, ...]]]:
    """Columns, constraints, indexes, sequences, triggers, functions, views of a schema, as sorted text."""
    found: dict[str, list[tuple[str, ...]]] = {}
    with connection.cursor() as cursor:
        for part, statement in _PARTS.items():
            cursor.execute(statement, [schema])
            rows = [tuple(str(cell).replace(schema, "SCHEMA") for cell in row) for row in cursor.fetchall()]
            found[part] = sorted(rows)
    return found


def tables(schema: str) -> list[str]:
    """The names of a schema's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        return [row[0] for row in cursor.fetchall()]

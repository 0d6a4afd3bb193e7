"""Rows that are never edited: a trigger in the database refuses every UPDATE, whoever asks.

Django rebuilds a table on SQLite when a later migration alters it, and drops its triggers: repeat the operation then
(a test looks for each trigger).
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

SQLITE = (
    "CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} rows are never edited'); END"
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '{table} rows are never edited' USING ERRCODE = '23000'; END $$; "
    "CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
)


def trigger_name(table: str) -> str:
    return f"{table}_is_never_edited"


class NeverEdit(Operation):
    """Migration operation: from here on, rows of this model can be added and read."""

    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The trigger is no part of Django's model state."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        sql = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
        table = self._table(app_label, to_state)
        self._drop(schema_editor, table)
        schema_editor.execute(sql.format(name=trigger_name(table), table=table), params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._drop(schema_editor, self._table(app_label, from_state))

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model_name], {}

    def describe(self) -> str:
        return f"Never edit rows of {self.model_name}"

    def _drop(self, schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
        on_table = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {trigger_name(table)}{on_table}", params=None)

    def _table(self, app_label: str, state: ProjectState) -> str:
        table: str = state.apps.get_model(app_label, self.model_name)._meta.db_table  # noqa: SLF001  documented for such use
        return table

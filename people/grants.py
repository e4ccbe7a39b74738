"""Rights of the app role: everything that the site needs, and no way to change what has been logged."""

from django.apps import AppConfig, apps
from django.db import connections

APP_ROLE = "gridmap_app"


def grant_app_role(sender: AppConfig, using: str, **kwargs: object) -> None:
    """After each migrate: the app role may read and write, but only read and add where a model is `append_only`."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
        present = set(connection.introspection.table_names(cursor))
        for model in apps.get_models():
            table = model._meta.db_table
            if getattr(model, "append_only", False) and table in present:
                cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {APP_ROLE}')

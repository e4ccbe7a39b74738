"""Django's own permissions, which only the admin asks for, answered from the role grants."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from people.access import scope_of
from people.models import User
from people.permissions import Role

# what data managers look after; people, roles and the log of looks are the administrators'
DATA_APPS = frozenset({"gridmap", "dispatch", "inspectors", "leaflet"})
# what background tasks did, and what waits: seen, never edited
LOGS = frozenset({"django_q"})


class RoleBackend(ModelBackend):
    """Administrators may do everything in the admin, data managers what belongs to the city's data."""

    def has_perm(self, user_obj: object, perm: str, obj: Model | None = None) -> bool:
        app, _dot, right = perm.partition(".")
        return (app not in LOGS or right.startswith("view_")) and self.has_module_perms(user_obj, app)

    def has_module_perms(self, user_obj: object, app_label: str) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        roles = scope_of(user_obj).roles
        return Role.ADMIN in roles or (Role.DATA_MANAGER in roles and app_label in DATA_APPS)

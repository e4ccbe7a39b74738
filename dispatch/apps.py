from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("案件")

    def ready(self) -> None:
        """A profile that cannot be read stops the start."""
        from dispatch.profile import ProfileError, profile

        try:
            profile()
        except ProfileError as error:
            raise ImproperlyConfigured(str(error)) from error

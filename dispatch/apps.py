from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = _("案件")

    def ready(self) -> None:
        """A city's profile that cannot be read stops the start; messages to units follow the events."""
        from dispatch.profile import ProfileError, read_profile

        try:
            read_profile(settings.CITY.profile)
        except ProfileError as error:
            raise ImproperlyConfigured(str(error)) from error
        from dispatch import events, texting

        events.register("texts", texting.on_event)

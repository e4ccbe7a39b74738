"""Static files under names that carry a digest of their content."""

from pathlib import PurePosixPath

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files import File


class HashedFiles(ManifestStaticFilesStorage):
    """Also rewrites the imports between our ES modules, so that a new module never meets an old one in a cache.

    A file that was never collected keeps its plain name: tests and `runserver` serve those from the sources.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name

    def hashed_name(self, name: str, content: "File[bytes] | None" = None, filename: str | None = None) -> str:
        """Leaves a name without an ending alone: only a type in a comment of htmx's extensions looks like that."""
        if not PurePosixPath(name).suffix:
            return name
        return super().hashed_name(name, content, filename)

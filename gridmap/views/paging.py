"""Pages of long lists: page 1,500 of a list costs about what page 1 does."""

from typing import Any

from django.core.paginator import Page, Paginator


class KeyPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """A paginator of a queryset that finds the keys of a page first and reads only those rows.

    Skipping to a late page otherwise reads and joins every row before it, with its geometry. The queryset must be
    ordered; one statement more than Django's own.
    """

    def page(self, number: int | str) -> "Page[Any]":
        """The page of a number; raises what Django's raises."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        end = number * self.per_page if number * self.per_page + self.orphans < self.count else self.count
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[begin:end])
        found = {row.pk: row for row in rows.filter(pk__in=keys)}
        return Page([found[key] for key in keys if key in found], int(number), self)

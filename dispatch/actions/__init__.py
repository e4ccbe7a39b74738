"""Writes that cross models. Every action takes the case and a Doing; doing it twice does it once."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db import IntegrityError, transaction

from dispatch.lifecycle import Doing, StaleStepError, done_before
from dispatch.models import Case, Step

P = ParamSpec("P")
ActionFunction = Callable[Concatenate[Case, Doing, P], Step]


def once(action: ActionFunction[P]) -> ActionFunction[P]:
    """Run an action in one transaction; an operation that was done before answers with the step that it made then."""

    @wraps(action)
    def guarded(case: Case, doing: Doing, /, *args: P.args, **kwargs: P.kwargs) -> Step:
        before = done_before(doing.operation)
        if before is not None:
            return before
        try:
            with transaction.atomic():
                return action(case, doing, *args, **kwargs)
        except (StaleStepError, IntegrityError):
            # the same operation, sent twice at the same moment: the other one has won
            before = done_before(doing.operation)
            if before is None:
                raise
            return before

    wrapped: ActionFunction[P] = guarded
    return wrapped

"""Who is asking: roles in force, and the decorator that every page carries."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext

from people.models import Agency, RoleGrant, User
from people.permissions import ALLOWED, Role, may

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class Scope(NamedTuple):
    """What somebody holds today: roles, the prefixes of area codes ("" is everywhere), agencies with all below."""

    roles: frozenset[Role]
    area_codes: tuple[str, ...]
    agencies: tuple[Agency, ...]
    units: tuple[int, ...] = ()  # keys of these agencies and of everything below them


def _below() -> QuerySet[Any, Any]:
    """Keys of the agency of a grant and of everything below it, as a subquery of the grant: no query of its own."""
    branch = Concat(OuterRef("agency__path"), OuterRef("agency__code"), Value("/"))
    return Agency.objects.filter(Q(pk=OuterRef("agency")) | Q(path__startswith=branch)).values("pk")


def scope_of(user: User) -> Scope:
    """The grants in force today; read once and kept on the user object, because every page asks several times."""
    kept: Scope | None = getattr(user, "_scope", None)
    if kept is None:
        grants: list[RoleGrant] = list(
            user.grants.active(timezone.localdate())  # type: ignore[attr-defined]
            .select_related("agency")
            .annotate(units=ArraySubquery(_below()))
        )
        kept = Scope(
            frozenset(Role(grant.role) for grant in grants),
            tuple(sorted({grant.area_code for grant in grants if grant.agency is None})),
            tuple(grant.agency for grant in grants if grant.agency is not None),
            tuple(sorted({unit for grant in grants for unit in grant.units})),  # type: ignore[attr-defined]
        )
        user._scope = kept  # type: ignore[attr-defined]
    return kept


def of_agencies(scope: Scope, field: str = "agency") -> Q:
    """Rows whose agency is one of the scope's or below it; no row for a scope without agencies.

    By keys, so that an index on the agency serves: a pattern on the agency's path would need every row's agency.
    """
    return Q(**{f"{field}__in": scope.units})


def current_user(request: HttpRequest) -> User:
    """The logged-in user of a page behind `@allow`; raises PermissionDenied for anybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def roles_of(request: HttpRequest) -> frozenset[Role]:
    """Roles in force for the request; none for a visitor."""
    user = getattr(request, "user", None)
    return scope_of(user).roles if isinstance(user, User) else frozenset()


def allow(**methods: str) -> Callable[[View[P]], View[P]]:
    """Let a page be asked by these methods, each with the permission that it needs: `@allow(GET="lead")`.

    HEAD counts as GET. Without a login: to the login page; without the right: 403; another method: 405.
    """
    for permission in methods.values():
        ALLOWED[permission]  # a misspelt permission stops the import

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method or ""
            if method not in methods:
                return HttpResponseNotAllowed(sorted(methods))
            if not may(roles_of(request), methods[method]):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        secured: Any = login_required(guarded)
        secured.permissions = methods
        return secured  # type: ignore[no-any-return]

    return decorate


def allow_script(**methods: str) -> Callable[[View[P]], View[P]]:
    """`allow` for addresses that a script asks: 401, 403 and 405 in JSON with code and sentence, never a page."""
    for permission in methods.values():
        ALLOWED[permission]

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else request.method or ""
            if not request.user.is_authenticated:
                return JsonResponse({"code": "login", "sentence": gettext("登录已过期，请重新登录。")}, status=401)
            if method not in methods:
                answer = JsonResponse({"code": "method", "sentence": gettext("这个地址不接受这样的请求。")}, status=405)
                answer.headers["Allow"] = ", ".join(sorted(methods))
                return answer
            if not may(roles_of(request), methods[method]):
                sentence = gettext("您现在没有办理这一步的权限。")
                return JsonResponse({"code": "forbidden", "sentence": sentence}, status=403)
            return view(request, *args, **kwargs)

        secured: Any = guarded
        secured.permissions = methods
        return secured  # type: ignore[no-any-return]

    return decorate


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a page that visitors may open; the walk over all pages fails for one with neither mark."""
    view.permissions = {}  # type: ignore[attr-defined]
    return view

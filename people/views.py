"""Login, logout, language, and the page for a form that came without its token."""

from typing import cast

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.http import HttpResponseClientRefresh

from people.access import public
from people.models import User


def local_target(request: HttpRequest, default: str) -> str:
    """The page named by `next`, if it is one of ours; otherwise the default."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url(default)


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the reader's language for a year, also after logging out."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax", httponly=True)


@public
@sensitive_post_parameters("password")
@never_cache
def login(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; a part of a page that meets an ended session reloads the whole page."""
    if request.headers.get("HX-Request"):
        return cast(HttpResponse, HttpResponseClientRefresh())
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.user.is_authenticated:
        return HttpResponseRedirect(local_target(request, settings.LOGIN_REDIRECT_URL))
    form = AuthenticationForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        auth.login(request, user)
        response = HttpResponseRedirect(local_target(request, settings.LOGIN_REDIRECT_URL))
        if user.language:
            remember_language(response, user.language)
        return response
    status = 422 if form.is_bound else 200
    return render(request, "people/login.html", {"form": form, "next": local_target(request, "/")}, status=status)


@public
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; only by POST, so that no link on another site can do it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@public
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, for this browser and for the user who is logged in."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    response = HttpResponseRedirect(local_target(request, "/"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        remember_language(response, chosen)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: usually a page that was open while somebody logged in elsewhere."""
    return render(request, "people/csrf.html", status=403)

"""Login, logout and language, and the log of changes."""

from django.urls import path

from people.logpage import changes
from people.views import language, login, logout

app_name = "people"
urlpatterns = [
    path("login/", login, name="login"),
    path("logout/", logout, name="logout"),
    path("changes/", changes, name="changes"),
    path("language/", language, name="language"),
]

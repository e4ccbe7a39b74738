"""Login, logout and language."""

from django.urls import path

from people.views import language, login, logout

app_name = "people"
urlpatterns = [
    path("login/", login, name="login"),
    path("logout/", logout, name="logout"),
    path("language/", language, name="language"),
]

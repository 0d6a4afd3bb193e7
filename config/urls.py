"""Every address of the product. No app lists another's."""

from django.urls import include, path

urlpatterns = [
    path("", include("courses.urls")),
    path("", include("assignments.urls")),
    path("", include("projects.urls")),
    path("", include("grading.urls")),
    path("api/", include("grading.api_urls")),
    path("accounts/", include("allauth.account.urls")),
]

"""Every address of the product. No app lists another's."""

from allauth.account import urls as allauth_urls
from django.urls import include, path, register_converter

from courses.converters import NumberConverter, OwnerConverter

# Mail addresses are set by course staff: receipts and grades go there.
account_urls = [pattern for pattern in allauth_urls.urlpatterns if pattern.name != "account_email"]

register_converter(NumberConverter, "number")
register_converter(OwnerConverter, "owner")

urlpatterns = [
    path("", include("courses.urls")),
    path("", include("groups.urls")),
    path("", include("assignments.urls")),
    path("", include("projects.urls")),
    path("", include("grading.urls")),
    path("", include("gradebook.urls")),
    path("", include("term.urls")),
    path("api/", include("grading.api_urls")),
    path("accounts/", include(account_urls)),
]

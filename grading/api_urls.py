"""Addresses of the JSON interface."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from grading import api

ASSIGNMENTS = "courses/<slug:course>/assignments/"
SUBMISSIONS = ASSIGNMENTS + "<slug:assignment>/submissions/"

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("courses/", api.course_list, name="api-course-list"),
    path(ASSIGNMENTS, api.assignment_list, name="api-assignment-list"),
    path(SUBMISSIONS, api.submission_create, name="api-submission-create"),
    path(SUBMISSIONS + "<owner:owner>/<int:number>/", api.submission_detail, name="api-submission-detail"),
]

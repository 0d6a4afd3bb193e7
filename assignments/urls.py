"""Addresses of assignments and of what was handed in."""

from django.urls import path

from assignments import behalf_views as behalf
from assignments import views

COURSE = "courses/<slug:course>/assignments/"
ASSIGNMENT = COURSE + "<slug:assignment>/"
SUBMISSION = ASSIGNMENT + "submissions/<owner:owner>/<number:number>/"

urlpatterns = [
    path(COURSE, views.assignment_list, name="assignment-list"),
    path(COURSE + "new/", views.assignment_create, name="assignment-create"),
    path(ASSIGNMENT, views.assignment_detail, name="assignment-detail"),
    path(ASSIGNMENT + "notebook/", views.notebook_create, name="notebook-create"),
    path(ASSIGNMENT + "notebook/student-version/", views.student_version, name="student-version"),
    path(ASSIGNMENT + "notebook/source/", views.notebook_source, name="notebook-source"),
    path(ASSIGNMENT + "data/", views.data_list, name="data-list"),
    path(ASSIGNMENT + "data/<str:name>/", views.data_detail, name="data-detail"),
    path(ASSIGNMENT + "data/<str:name>/remove/", views.data_remove, name="data-remove"),
    path(ASSIGNMENT + "submit/", views.submission_create, name="submission-create"),
    path(ASSIGNMENT + "replace/", views.replacement_confirm, name="replacement-confirm"),
    path(ASSIGNMENT + "more-time/", views.extension_request, name="extension-request"),
    path(ASSIGNMENT + "skeleton.tex", views.paper_skeleton, name="paper-skeleton"),
    path(ASSIGNMENT + "check/", views.paper_check, name="paper-check"),
    path(ASSIGNMENT + "on-behalf/", behalf.submission_on_behalf, name="submission-on-behalf"),
    path(SUBMISSION + "members/", behalf.member_add, name="member-add"),
    path(SUBMISSION + "file/", views.submission_file, name="submission-file"),
    path(SUBMISSION + "code/", views.submission_code, name="submission-code"),
    path(SUBMISSION + "receipt/", views.submission_receipt, name="submission-receipt"),
    path("receipts/verify/", views.receipt_verify, name="receipt-verify"),
]

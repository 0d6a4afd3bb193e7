"""Addresses of people and courses."""

from django.urls import path

from courses import views
from courses.history import views as history
from courses.identities import views as identities
from courses.invited import views as invited

urlpatterns = [
    path("", views.course_list, name="course-list"),
    path("courses/<slug:course>/as-student/", views.student_view, name="student-view"),
    path("courses/<slug:course>/announcements/", views.announcement_list, name="announcement-list"),
    path(
        "courses/<slug:course>/announcements/<number:announcement>/remove/",
        views.announcement_remove,
        name="announcement-remove",
    ),
    path("courses/<slug:course>/materials/<number:material>/", views.material_file, name="material-file"),
    path("courses/<slug:course>/history/", history.setting_history, name="setting-history"),
    path("courses/<slug:course>/people/", views.people_list, name="people-list"),
    path("courses/<slug:course>/people/mail/", views.people_mail, name="people-mail"),
    path("courses/<slug:course>/people/add/", views.person_create, name="person-create"),
    path("courses/<slug:course>/people/<number:person>/", views.person_update, name="person-update"),
    path("courses/<slug:course>/people/<number:person>/account/", identities.identity_update, name="identity-update"),
    path("courses/<slug:course>/people/<number:person>/merge/", identities.account_merge, name="account-merge"),
    path("courses/<slug:course>/people/merge/undo/", identities.account_merge_undo, name="account-merge-undo"),
    path("invitation/", invited.invitation_code, name="invitation-code"),
    path("invitation/<str:key>/", invited.invitation_accept, name="invitation-accept"),
    path("courses/<slug:course>/people/codes/", invited.code_list, name="code-list"),
    path("courses/<slug:course>/people/import/", views.roster_create, name="roster-create"),
    path("courses/<slug:course>/people/import/<number:roster>/", views.roster_detail, name="roster-detail"),
    path("courses/<slug:course>/people/import/<number:roster>/undo/", views.roster_undo, name="roster-undo"),
]

"""Addresses of a course's home, calendar, files, set-up and next year."""

from django.urls import path

from term.archive import views as archive
from term.attendance import views as attendance
from term.calendar_feed import views as feed
from term.course_file import views as files
from term.home import views as home
from term.person import views as person
from term.rollover import views as rollover
from term.setup import views as setup
from term.syllabus import views as outline

COURSE = "courses/<slug:course>/"

urlpatterns = [
    path(COURSE, home.course_detail, name="course-detail"),
    path(COURSE + "syllabus/", outline.syllabus, name="syllabus"),
    path(COURSE + "students/<number:student>/", person.student_detail, name="student-detail"),
    path(COURSE + "attendance/", attendance.attendance_list, name="attendance-list"),
    path(COURSE + "attendance/<number:meeting>/", attendance.attendance_detail, name="attendance-detail"),
    path(COURSE + "setup/", files.course_setup, name="course-setup"),
    path(COURSE + "setup/<slug:part>/", setup.course_part, name="course-part"),
    path(COURSE + "archive/", archive.export_list, name="export-list"),
    path(COURSE + "archive/<number:export>.zip", archive.export_file, name="export-file"),
    path(COURSE + "archive/put-away/", archive.course_archive, name="course-archive"),
    path(COURSE + "archive/delete/", archive.course_delete, name="course-delete"),
    path(COURSE + "publish/", files.course_publish, name="course-publish"),
    path(COURSE + "next/", rollover.rollover_create, name="rollover-create"),
    path(COURSE + "came-from/", rollover.rollover_report, name="rollover-report"),
    path(COURSE + "course-file/", files.course_file, name="course-file"),
    path("new-course/", files.course_create, name="course-create"),
    path("calendar/", feed.calendar_address, name="calendar-address"),
    path("calendar/<str:key>.ics", feed.calendar_feed, name="calendar-feed"),
]

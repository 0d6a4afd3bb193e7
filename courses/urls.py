"""Addresses of people and courses."""

from django.urls import path

from courses import views

urlpatterns = [
    path("", views.course_list, name="course-list"),
    path("courses/<slug:course>/syllabus/", views.syllabus, name="syllabus"),
    path("courses/<slug:course>/people/", views.people_list, name="people-list"),
]

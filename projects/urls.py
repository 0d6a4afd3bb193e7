"""Addresses of the group project."""

from django.urls import path

from projects import views

PROJECT = "courses/<slug:course>/project/"

urlpatterns = [
    path(PROJECT, views.project_detail, name="project-detail"),
    path(PROJECT + "group/", views.group_update, name="group-update"),
    path(PROJECT + "groups/", views.group_list, name="group-list"),
]

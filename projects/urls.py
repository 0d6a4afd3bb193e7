"""Addresses of the group project."""

from django.urls import path

from projects import views

urlpatterns = [path("courses/<slug:course>/project/", views.project_detail, name="project-detail")]

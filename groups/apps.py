"""Who works together, and how they find each other."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"

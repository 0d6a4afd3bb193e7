"""Addresses of groups: one's own, the board on which they find each other, and all of them for staff."""

from django.urls import path

from groups.members import views as members
from groups.search import views as search

GROUPS = "courses/<slug:course>/groups/<slug:group_set>/"

urlpatterns = [
    path(GROUPS, members.group_list, name="group-list"),
    path(GROUPS + "mine/", members.group_update, name="group-update"),
    path(GROUPS + "<number:group>/", members.group_decide, name="group-decide"),
    path(GROUPS + "find/", search.group_board, name="group-board"),
    path(GROUPS + "find/<number:approach>/", search.approach_answer, name="approach-answer"),
]

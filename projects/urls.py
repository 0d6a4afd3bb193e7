"""Addresses of the group project."""

from django.urls import path

from projects import views
from projects.ballots import outcome_views as outcomes
from projects.ballots import views as ballots
from projects.contributions import views as contributions
from projects.talks import lecturer_views as lecturers
from projects.talks import views as talks
from projects.topics import views as topics

PROJECT = "courses/<slug:course>/project/"
TALK = PROJECT + "talks/<number:talk>/"

urlpatterns = [
    path(PROJECT, views.project_detail, name="project-detail"),
    path(PROJECT + "topics/", topics.topic_list, name="topic-list"),
    path(PROJECT + "topics/<number:group>/", topics.topic_detail, name="topic-detail"),
    path(PROJECT + "talks/", talks.talk_programme, name="talk-programme"),
    path(PROJECT + "talks/choose/", lecturers.talk_selection, name="talk-selection"),
    path(PROJECT + "talks/day/", lecturers.talk_day, name="talk-day"),
    path(TALK, lecturers.talk_review, name="talk-review"),
    path(TALK + "attendance/", lecturers.talk_attendance, name="talk-attendance"),
    path(PROJECT + "ballot/", ballots.ballot_update, name="ballot-update"),
    path(PROJECT + "vote/", outcomes.vote_detail, name="vote-detail"),
    path(PROJECT + "vote/ballots/<number:ballot>/", outcomes.ballot_exclude, name="ballot-exclude"),
    path(PROJECT + "vote/screen/", ballots.vote_screen, name="vote-screen"),
    path(PROJECT + "contribution/", contributions.contribution_update, name="contribution-update"),
    path(PROJECT + "contributions/<slug:assignment>/", contributions.contribution_list, name="contribution-list"),
]

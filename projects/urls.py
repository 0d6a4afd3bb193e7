"""Addresses of the group project."""

from django.urls import path

from projects import views
from projects.ballots import views as ballots
from projects.handing_in import views as handing_in
from projects.talks import views as talks
from projects.topics import views as topics

PROJECT = "courses/<slug:course>/project/"
STAGE = PROJECT + "stages/<slug:stage>/"
DELIVERABLE = STAGE + "groups/<number:group>/<number:number>/"

urlpatterns = [
    path(PROJECT, views.project_detail, name="project-detail"),
    path(PROJECT + "topics/", topics.topic_list, name="topic-list"),
    path(PROJECT + "topics/<number:group>/", topics.topic_detail, name="topic-detail"),
    path(PROJECT + "talks/", talks.talk_programme, name="talk-programme"),
    path(PROJECT + "ballot/", ballots.ballot_update, name="ballot-update"),
    path(PROJECT + "vote/screen/", ballots.vote_screen, name="vote-screen"),
    path(PROJECT + "contribution/", ballots.contribution_update, name="contribution-update"),
    path(STAGE, handing_in.stage_detail, name="stage-detail"),
    path(STAGE + "submit/", handing_in.deliverable_create, name="deliverable-create"),
    path(STAGE + "replace/", handing_in.deliverable_confirm, name="deliverable-confirm"),
    path(STAGE + "check/", handing_in.paper_check, name="paper-check"),
    path(DELIVERABLE + "file/", handing_in.deliverable_file, name="deliverable-file"),
    path(DELIVERABLE + "receipt/", handing_in.deliverable_receipt, name="deliverable-receipt"),
]

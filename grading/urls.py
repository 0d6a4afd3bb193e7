"""Addresses of results, marks, release and standing."""

from django.urls import path

from grading import views
from grading.desk import presence
from grading.desk import views as desk
from grading.entered import views as entered
from grading.feedback import views as feedback
from grading.marking import views as marking
from grading.notes import views as notes
from grading.papers import setup as papers_setup
from grading.papers import submissions as paper_pages
from grading.regrades import views as appeals
from grading.release import views as release
from grading.rendering import views as reading
from grading.rubrics import views as rubrics
from grading.similarity import views as similarity
from grading.versions import views as versions

COURSE = "courses/<slug:course>/"
ASSIGNMENT = COURSE + "assignments/<slug:assignment>/"
MARKS = COURSE + "marks/<slug:assignment>/"
SUBMISSION = ASSIGNMENT + "submissions/<owner:owner>/<number:number>/"

urlpatterns = [
    path(ASSIGNMENT + "criteria/", papers_setup.criteria_update, name="criteria-update"),
    path(ASSIGNMENT + "submissions/", views.submission_list, name="submission-list"),
    path(ASSIGNMENT + "review/", desk.review_next, name="review-next"),
    path(ASSIGNMENT + "marking/", marking.marking_plan, name="marking-plan"),
    path(ASSIGNMENT + "statistics/", marking.assignment_statistics, name="assignment-statistics"),
    path(ASSIGNMENT + "second/", marking.second_next, name="second-next"),
    path(SUBMISSION + "second/", marking.second_create, name="second-create"),
    path(ASSIGNMENT + "rubric/", rubrics.rubric_update, name="rubric-update"),
    path(ASSIGNMENT + "similarity/", similarity.similarity_report, name="similarity-report"),
    path(ASSIGNMENT + "similarity/<number:pair>/", similarity.similar_pair, name="similar-pair"),
    path(ASSIGNMENT + "release/", release.release_create, name="release-create"),
    path(ASSIGNMENT + "notebook/check/", views.notebook_check, name="notebook-check"),
    path(ASSIGNMENT + "notebook/check/report.json", views.check_report, name="check-report"),
    path(SUBMISSION, views.submission_detail, name="submission-detail"),
    path(SUBMISSION + "read/", reading.submission_read, name="submission-read"),
    path(SUBMISSION + "read/frame/", reading.submission_frame, name="submission-frame"),
    path(SUBMISSION + "feedback/", feedback.submission_feedback, name="submission-feedback"),
    path(SUBMISSION + "rerun/", reading.submission_rerun, name="submission-rerun"),
    path(SUBMISSION + "rerun/frame/", reading.rerun_frame, name="rerun-frame"),
    path(SUBMISSION + "versions/", versions.submission_versions, name="submission-versions"),
    path(SUBMISSION + "put-back/", views.submission_put_back, name="submission-put-back"),
    path(SUBMISSION + "run/", views.run_create, name="run-create"),
    path(SUBMISSION + "review/", desk.review_create, name="review-create"),
    path(SUBMISSION + "pages/<number:page>.png", paper_pages.submission_page, name="submission-page"),
    path(SUBMISSION + "notes/", notes.note_create, name="note-create"),
    path(SUBMISSION + "review/hold/", presence.review_hold, name="review-hold"),
    path(SUBMISSION + "review/leave/", presence.review_leave, name="review-leave"),
    path(ASSIGNMENT + "review/saved/", presence.review_saved, name="review-saved"),
    path(COURSE + "regrades/", appeals.regrade_list, name="regrade-list"),
    path(COURSE + "regrades/<number:regrade>/", appeals.regrade_detail, name="regrade-detail"),
    path(ASSIGNMENT + "regrade/", appeals.regrade_create, name="regrade-create"),
    path(COURSE + "marks/", entered.entered_list, name="entered-list"),
    path(MARKS, entered.entered_update, name="entered-update"),
    path(MARKS + "undo/", entered.entered_undo, name="entered-undo"),
    path("operations/", views.operations, name="operations"),
]

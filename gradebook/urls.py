"""Addresses of the gradebook, of standings, and of what changes them."""

from django.urls import path

from gradebook.due_times import accommodations
from gradebook.due_times import views as due_times
from gradebook.final import views as final
from gradebook.late_rule import own as own_rule
from gradebook.late_rule import views as late_rule
from gradebook.release_preview import views as preview
from gradebook.removal import views as removal
from gradebook.schemes import views as weights
from gradebook.standings import views as standings
from gradebook.table import views as table

COURSE = "courses/<slug:course>/"
ASSIGNMENT = COURSE + "assignments/<slug:assignment>/"
urlpatterns = [
    path(COURSE + "gradebook/", table.gradebook, name="gradebook"),
    path(COURSE + "gradebook/summary/", table.gradebook_summary, name="gradebook-summary"),
    path(COURSE + "gradebook/downloads/", table.gradebook_downloads, name="gradebook-downloads"),
    path(COURSE + "gradebook/columns/", table.export_columns, name="export-columns"),
    path(COURSE + "gradebook/registrar.xlsx", table.gradebook_workbook, name="gradebook-workbook"),
    path(COURSE + "gradebook/<slug:kind>.csv", table.gradebook_export, name="gradebook-export"),
    path(COURSE + "gradebook/final/", final.final_grades, name="final-grades"),
    path(COURSE + "final-grade/<number:student>/", final.final_change, name="final-change"),
    path(COURSE + "gradebook/<slug:assignment>/<number:student>/", table.cell_detail, name="cell-detail"),
    path(COURSE + "more-time/", accommodations.accommodation_list, name="accommodation-list"),
    path(COURSE + "grades/", standings.standing, name="standing"),
    path(ASSIGNMENT + "edit/", due_times.assignment_update, name="assignment-update"),
    path(ASSIGNMENT + "late-rule/", own_rule.assignment_late_rule, name="assignment-late-rule"),
    path(ASSIGNMENT + "remove/", removal.assignment_remove, name="assignment-remove"),
    path(ASSIGNMENT + "extensions/", due_times.extension_list, name="extension-list"),
    path(
        ASSIGNMENT + "extensions/<number:extension>/withdraw/", due_times.extension_withdraw, name="extension-withdraw"
    ),
    path(ASSIGNMENT + "extensions/decline/<number:asked>/", due_times.extension_decline, name="extension-decline"),
    path(ASSIGNMENT + "release/as/<number:student>/", preview.release_preview, name="release-preview"),
    path(COURSE + "late-rule/", late_rule.late_rule, name="late-rule"),
    path(COURSE + "weights/", weights.scheme_update, name="scheme-update"),
]

"""Members' marks are consequences of what counts for their group, whoever moved, replaced, withdrew or corrected something."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from assignments.extensions import grant_extension, withdraw_extension
from assignments.selectors import history_of
from assignments.services import put_back_version
from courses.policy.lateness import LateRule, Replacing, Tier
from courses.services import create_late_policy
from grading.models import ContributionFactor, ReleasedGrade
from grading.papers.selectors import earlier_work
from grading.selectors.grades import grades_of
from grading.services.recomputation import recompute
from grading.services.rulings import rule
from groups.members.services import move_student
from groups.models import Membership
from projects.contributions.services import apply_factors, close_ratings, save_contribution
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D, HOUR = Decimal, timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/"
total_of = groups.total_of


class TestWhole:
    def test_they_follow_when_the_sheet_is_whole(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        assert total_of(stage, world.student) is None

        groups.mark_group(stage, owls, world.ta, 45, 40)

        assert {total_of(stage, world.student), total_of(stage, world.classmate)} == {85}
        assert groups.grade_of(stage, world.student).state == "ready"

    def test_the_late_factor_and_more_time_of_the_group_reach_its_members(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert total_of(stage, world.student) == 70
        until = stage.due_at + 48 * HOUR

        granted = grant_extension(assignment=stage, group=owls, by=world.ta, due_at=until, reason="Ill.")
        assert total_of(stage, world.student) == 100
        groups.release(stage, world.lecturer, world.student)
        withdraw_extension(extension=granted, by=world.ta, reason="Not ill.")

        assert total_of(stage, world.student) == 70
        assert groups.grade_of(stage, world.student).shown.total == 100
        assert recompute().different == 0

    def test_a_due_time_that_moves_after_the_release_moves_nothing_shown(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        groups.release(stage, world.lecturer, world.student)

        stage.due_at += timedelta(days=7)
        stage.save()

        assert (groups.grade_of(stage, world.student).shown.total, total_of(stage, world.student)) == (70, 100)

    def test_points_that_were_ruled_for_one_stay_whatever_the_group_gets(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 45, 40)
        rule(assignment=stage, student=world.classmate, by=world.lecturer, reason="Did nothing.", points=D(20), code="")

        groups.mark_group(stage, owls, world.ta, 60, 40)

        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (100, 20)

    def test_a_mark_belongs_to_a_version(self, world, stage, criteria, owls):
        first = groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 45, 40)
        groups.make_deliverable(stage, owls, late=HOUR)

        assert (total_of(stage, world.student), groups.grade_of(stage, world.student).state) == (None, "review")
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert total_of(stage, world.student) == 90
        put_back_version(submission=first, by=world.ta, at=timezone.now(), review_began=True, reason="A draft.")
        assert total_of(stage, world.student) == 85

    def test_a_rule_under_which_the_first_version_decides(self, world, stage, criteria, owls):
        late = LateRule((Tier(1, True, D("0.9")),), D("0.5"), replacing=Replacing.LATEST)
        create_late_policy(course=world.course, rule=late)
        groups.make_deliverable(stage, owls)
        groups.make_deliverable(stage, owls, late=30 * HOUR)

        groups.mark_group(stage, owls, world.ta, 60, 40)

        assert history_of(stage, owls).factor == 1
        assert total_of(stage, world.student) == 100

    def test_the_stage_before_stands_beside(self, client, world, project, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 45, 40, comment="Too wide.")
        report = groups.stage_of(project, "report")
        groups.make_criteria(report, 100)
        later = groups.make_deliverable(report, owls)

        assert earlier_work(later).raw_percent == 85
        assert earlier_work(groups.make_deliverable(stage, owls)) is None
        page = as_person(client, world.ta).get(f"/courses/dl/assignments/report/submissions/g{owls.pk}/1/review/")
        assert "Said of their proposal" in words_of(page)


class TestContribution:
    @pytest.fixture
    def third(self, world, project, owls):
        project.group_set.contribution_span = 20
        project.group_set.save()
        third = make.enrol(world.course, section=world.section)
        Membership.objects.create(group=owls, group_set=project.group_set, student=third, seat=3)
        return third

    def said(self, world, owls, third):
        for who, whom in ((world.student, (world.classmate, third)), (world.classmate, (world.student, third))):
            ratings = {student.pk: 5 if student == third else 10 for student in whom}
            save_contribution(group=owls, student=who, statement="", ratings=ratings)

    def test_the_worked_case_one_clamp_at_the_end(self, world, stage, criteria, owls):
        """Report 100, contribution 1.1, × 0.9 → 99, not 90."""
        groups.make_deliverable(stage, owls, late=HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        fields = {"assignment": stage, "group": owls, "set_by": world.lecturer}
        ContributionFactor.objects.create(student=world.student, factor=D("1.1"), **fields)

        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (99, 90)
        sentence = groups.grade_of(stage, world.student).grade.sentence
        assert sentence == "100 × 1.1 for the contribution × 0.9, 1 h late = 99 of 100"

    def test_it_stays_when_the_group_is_marked_again_and_is_shown_when_released(
        self, world, project, stage, criteria, owls, third
    ):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)
        groups.release(stage, world.lecturer, third)
        self.said(world, owls, third)

        close_ratings(project=project, closed=True)
        assert apply_factors(project=project, stage=stage, by=world.lecturer) == 3
        assert apply_factors(project=project, stage=stage, by=world.lecturer) == 0
        assert total_of(stage, third) == 40
        assert groups.grade_of(stage, third).state == "changed"
        assert groups.grade_of(stage, third).shown.total == 50
        groups.mark_group(stage, owls, world.ta, 60, 20)
        assert (total_of(stage, third), total_of(stage, world.student)) == (64, 88)

        groups.release(stage, world.lecturer, third, world.student)
        assert set(ReleasedGrade.objects.values_list("total", "contribution")) == {
            (50, 1),
            (64, D("0.8")),
            (88, D("1.1")),
        }
        assert groups.grade_of(stage, third).state == "released"
        assert recompute().different == 0

    def test_the_groups_own_state_asks_for_no_members_factor(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)
        fields = {"assignment": stage, "group": owls, "set_by": world.lecturer, "student": world.classmate}
        ContributionFactor.objects.create(factor=D("1.1"), **fields)
        groups.release(stage, world.lecturer, world.student, world.classmate)

        assert grades_of([stage], [owls])[stage.pk, owls.pk].state == "released"

    def test_a_factor_that_nobody_set_is_found_at_night(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)
        fields = {"assignment": stage, "group": owls, "set_by": world.lecturer, "student": world.student}
        ContributionFactor.objects.create(factor=D("1.1"), **fields)
        groups.release(stage, world.lecturer, world.student)
        assert recompute().different == 0
        ContributionFactor.objects.all().delete()

        assert "another factor of contribution" in recompute().differences[0]

    def test_it_is_never_edited(self, world, stage, owls):
        fields = {"assignment": stage, "group": owls, "set_by": world.lecturer, "student": world.student}
        ContributionFactor.objects.create(factor=D("1.1"), **fields)

        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            ContributionFactor.objects.update(factor=D(2))

    def test_of_a_group_that_somebody_left_it_does_not_follow_them(self, world, project, stage, criteria, owls, bees):
        fields = {"assignment": stage, "group": owls, "set_by": world.lecturer, "student": world.student}
        ContributionFactor.objects.create(factor=D("0.5"), **fields)
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")
        groups.make_deliverable(stage, bees)

        groups.mark_group(stage, bees, world.ta, 60, 40)

        assert total_of(stage, world.student) == 100

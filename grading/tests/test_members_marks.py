"""Members' marks follow what counts for their group, whoever moved, replaced, withdrew or corrected something meanwhile."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone

from assignments.extensions import grant_extension
from assignments.selectors import history_of
from assignments.services import SubmissionRefused, put_back_version
from courses.policy.lateness import LateRule, Replacing, Tier
from courses.services import create_late_policy
from grading.entered.selectors import EnteredGrade, entered_grades
from grading.entered.services import release_entered, undo_last_batch
from grading.models import EnteredMark
from grading.papers.members import carry_over
from grading.papers.selectors import feedback_for, stages_for_staff, works_in_reach, works_of
from grading.papers.services import change_criteria
from grading.talks.peers import apply_factors
from groups.members.selectors import group_of, groups_with_members
from groups.members.services import GroupRefused, join_group, move_student
from groups.models import Group, Membership
from projects.ballots.services import save_contribution
from projects.models import Talk, TalkList
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D, HOUR = Decimal, timedelta(hours=1)
STAGE = "/courses/dl/project/stages/proposal/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def criteria(stage):
    return groups.make_criteria(stage, 60, 40)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


def grade_of(stage, student) -> EnteredGrade:
    return entered_grades(stage.course, [student]).get((stage.pk, student.pk), EnteredGrade())


def total_of(stage, student):
    grade = grade_of(stage, student).grade
    return grade.total if grade else None


def marks_page(client, world, stage):
    """The page of entered marks as a lecturer's browser would send it back, untouched."""
    page = as_person(client, world.lecturer).get(f"/courses/dl/marks/{stage.slug}/")
    sent = {}
    for row in page.context["rows"]:
        for name in ("percent", "received", "note", "seen"):
            sent[f"{name}-{row['student'].pk}"] = row[name]
    return f"/courses/dl/marks/{stage.slug}/", sent


class TestEnteringBeside:
    """The page where marks are entered shows group marks too."""

    def test_saving_it_untouched_changes_nothing(self, client, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=30 * HOUR)
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=stage.due_at + 72 * HOUR, reason="Ill.")
        groups.mark_group(stage, owls, world.ta, 50, 30)
        page, sent = marks_page(client, world, stage)

        client.post(page, sent)

        assert EnteredMark.objects.count() == 2
        assert total_of(stage, world.student) == 80

    def test_a_figure_by_hand_keeps_the_groups_more_time_and_stays(self, client, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=30 * HOUR)
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=stage.due_at + 72 * HOUR, reason="Ill.")
        groups.mark_group(stage, owls, world.ta, 50, 30)
        page, sent = marks_page(client, world, stage)

        client.post(page, sent | {f"percent-{world.student.pk}": "60"})

        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (60, 80)
        assert groups.mark_group(stage, owls, world.ta, 60, 40) == [world.student]
        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (60, 100)

    def test_a_note_alone_leaves_it_the_groups(self, client, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 50, 30)
        page, sent = marks_page(client, world, stage)

        client.post(page, sent | {f"note-{world.student.pk}": "Talked to them."})

        assert groups.mark_group(stage, owls, world.ta, 60, 40) == []
        assert total_of(stage, world.student) == 100

    def test_undoing_puts_the_groups_mark_back_as_it_was(self, client, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=30 * HOUR)
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=stage.due_at + 72 * HOUR, reason="Ill.")
        groups.mark_group(stage, owls, world.ta, 50, 30)
        page, sent = marks_page(client, world, stage)
        client.post(page, sent | {f"percent-{world.student.pk}": "10"})

        undo_last_batch(target=stage, by=world.lecturer)

        mark = EnteredMark.objects.filter(student=world.student).latest("pk")
        assert (mark.group, mark.by_hand, total_of(stage, world.student)) == (owls, False, 80)


class TestMoving:
    def test_who_moved_has_the_mark_of_their_present_group_whichever_is_marked_last(
        self, world, project, stage, criteria, owls
    ):
        bees = groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
        groups.make_deliverable(stage, owls)
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")
        groups.make_deliverable(stage, bees)

        groups.mark_group(stage, bees, world.ta, 60, 40)
        groups.mark_group(stage, owls, world.ta, 10, 10)

        assert (total_of(stage, world.student), total_of(stage, world.classmate)) == (100, 20)

    def test_who_moved_before_the_new_group_handed_in_keeps_the_old_ones(self, world, project, stage, criteria, owls):
        bees = groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
        groups.make_deliverable(stage, bees)
        groups.make_deliverable(stage, owls)
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")

        groups.mark_group(stage, owls, world.ta, 30, 20)
        groups.mark_group(stage, bees, world.ta, 60, 40)

        assert total_of(stage, world.student) == 50

    def test_who_moved_reads_their_own_work_and_not_what_was_said_of_others(
        self, client, world, project, stage, criteria, owls
    ):
        bees = groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
        theirs = groups.make_deliverable(stage, bees)
        mine = groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20, comment="Of the owls.")
        groups.mark_group(stage, bees, world.ta, 60, 40, comment="Of the bees.")
        move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")
        release_entered(target=stage, by=world.lecturer)

        own = as_person(client, world.student).get(f"{STAGE}groups/{owls.pk}/1/")
        other = client.get(f"{STAGE}groups/{bees.pk}/1/")

        assert "Of the owls." in words_of(own)
        assert other.status_code == 200
        assert "Of the bees." not in words_of(other)
        assert feedback_for(world.student, theirs).rows == ()
        assert feedback_for(world.student, mine).percent == 50

    def test_who_was_moved_out_changes_nothing_any_more(self, client, world, project, stage, owls):
        first = groups.make_deliverable(stage, owls)
        stage.due_at = timezone.now()
        stage.save()
        groups.make_deliverable(stage, owls, late=timedelta(seconds=-20))
        move_student(group_set=project.group_set, student=world.student, group=None, by=world.ta, reason="x")

        as_person(client, world.student).post(f"{STAGE}groups/{owls.pk}/1/put-back/")

        assert history_of(stage, owls).counting.number == 2
        with pytest.raises(SubmissionRefused, match="in Owls no longer"):
            put_back_version(submission=first, by=world.student, at=timezone.now(), review_began=False)

    def test_the_work_of_a_group_that_is_gone_stays_in_the_queue(self, world, project, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        for student in (world.student, world.classmate):
            move_student(group_set=project.group_set, student=student, group=None, by=world.ta, reason="Both left.")
        assert Group.objects.get(pk=owls.pk).dissolved_at

        (work,) = works_in_reach(world.ta, project, stage)

        assert (work.group, work.state) == (owls, "waiting")
        counts = [counts for found, counts in stages_for_staff(world.ta, project) if found == stage]
        assert counts == [{"groups": 1, "handed_in": 1, "waiting": 1, "asked": 0}]
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert total_of(stage, world.student) == 100

    def test_who_left_the_course_holds_no_seat(self, world, project, owls):
        others = [make.enrol(world.course, section=world.section) for _ in range(4)]
        for student in others[:3]:
            join_group(
                group_set=project.group_set, by=student, code=owls.code, now=timezone.now() - timedelta(days=300)
            )
        world.classmate.left_at = timezone.now()
        world.classmate.save()

        join_group(group_set=project.group_set, by=others[3], code=owls.code, now=timezone.now() - timedelta(days=300))

        assert len(group_of(project.group_set, world.student).members) == 5
        assert Membership.objects.get(student=world.classmate).reason == "Left the course."

    def test_nobody_is_moved_into_a_group_that_is_gone(self, world, project, owls):
        bees = groups.make_group(project, make.enrol(world.course), name="Bees")
        Group.objects.filter(pk=bees.pk).update(dissolved_at=timezone.now())

        with pytest.raises(GroupRefused, match="Bees is gone"):
            move_student(group_set=project.group_set, student=world.student, group=bees, by=world.ta, reason="x")


class TestWhatCounts:
    def test_a_version_that_is_put_back_brings_its_mark_back(self, world, stage, criteria, owls):
        first = groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)
        groups.make_deliverable(stage, owls, late=30 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert total_of(stage, world.student) == 70

        put_back_version(
            submission=first, by=world.ta, at=timezone.now(), review_began=True, reason="The other was a draft."
        )

        assert total_of(stage, world.student) == 50

    def test_a_criterion_that_is_taken_out_reaches_the_members(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 60, 0)
        assert total_of(stage, world.student) == 60

        change_criteria(stage=stage, wanted=[(criteria[0].pk, "Only this", D(60))], by=world.lecturer)

        assert total_of(stage, world.student) == 100

    def test_what_students_read_is_reckoned_by_the_criteria_of_the_release(self, world, stage, criteria, owls):
        paper = groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 60, 0)
        change_criteria(stage=stage, wanted=[(criteria[0].pk, "Only this", D(60))], by=world.lecturer)
        release_entered(target=stage, by=world.lecturer)
        change_criteria(
            stage=stage, wanted=[(criteria[0].pk, "Only this", D(60)), (0, "New", D(10))], by=world.lecturer
        )

        shown = feedback_for(world.student, paper)

        assert (shown.percent, shown.own, len(shown.rows)) == (100, None, 1)

    def test_a_mark_that_is_rounded_is_no_mark_of_ones_own(self, world, stage, owls):
        groups.make_criteria(stage, 60, 30)
        paper = groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 20, 10)
        release_entered(target=stage, by=world.lecturer)

        shown = feedback_for(world.student, paper)

        assert (shown.percent, shown.own) == (Fraction(100, 3), None)

    def test_a_rule_under_which_the_first_version_decides(self, world, stage, criteria, owls):
        rule = LateRule((Tier(1, True, D("0.9")),), D("0.5"), replacing=Replacing.LATEST)
        create_late_policy(course=world.course, rule=rule)
        groups.make_deliverable(stage, owls)
        groups.make_deliverable(stage, owls, late=30 * HOUR)

        groups.mark_group(stage, owls, world.ta, 60, 40)

        assert history_of(stage, owls).factor == 1
        assert total_of(stage, world.student) == 100

    def test_contribution_stays_when_the_group_is_marked_again(self, world, project, stage, criteria, owls):
        project.group_set.contribution_span = 20
        project.group_set.save()
        stage.group_set = project.group_set
        third = make.enrol(world.course, section=world.section)
        Membership.objects.create(group=owls, group_set=project.group_set, student=third, seat=3)
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)
        for who, whom in ((world.student, (world.classmate, third)), (world.classmate, (world.student, third))):
            ratings = {student.pk: 5 if student == third else 10 for student in whom}
            save_contribution(group=owls, student=who, statement="", ratings=ratings)
        apply_factors(project=project, stage=stage, by=world.lecturer)
        assert total_of(stage, third) == 40

        groups.mark_group(stage, owls, world.ta, 60, 20)

        assert (total_of(stage, third), total_of(stage, world.student)) == (64, 96)

    def test_carrying_over_twice_writes_once(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 30, 20)

        carry_over(works_of(stage, groups_with_members([owls]))[0], by=world.lecturer)

        assert EnteredMark.objects.count() == 2


class TestTalks:
    @pytest.fixture
    def last(self, project):
        project.talks = {"groups": 1, "minutes": 10, "ranked_by": "report", "others": "poster"}
        project.save()
        stage = groups.stage_of(project, "presentation")
        groups.make_criteria(stage, 100)
        return stage

    @pytest.fixture
    def talk(self, world, project, last, owls):
        ranking = [[owls.pk, "90"]]
        talk_list = TalkList.objects.create(project=project, ranking=ranking, confirmed_by=world.lecturer)
        return Talk.objects.create(talk_list=talk_list, group=owls)

    def test_a_talk_that_is_withdrawn_takes_its_mark_back(self, client, world, last, owls, talk):
        report = groups.stage_of(last.groups.project, "report")
        groups.make_criteria(report, 100)
        groups.make_deliverable(report, owls)
        groups.mark_group(report, owls, world.lecturer, 90)
        groups.mark_group(last, owls, world.lecturer, 80)
        assert total_of(last, world.student) == 80

        page = "/courses/dl/project/talks/choose/"
        as_person(client, world.lecturer).post(page, {"section": "", "withdraw": talk.pk, "reason": "Ill."})

        assert total_of(last, world.student) is None
        assert total_of(report, world.student) == 90

    def test_the_list_of_groups_work_leads_talks_to_their_day(self, client, world, last, owls, talk):
        page = "/courses/dl/project/stages/presentation/papers/"
        assert "Talk" in words_of(as_person(client, world.ta).get(page))

        groups.mark_group(last, owls, world.lecturer, 80)
        groups.make_deliverable(last, owls)

        assert "80" in words_of(client.get(page))
        answer = client.get(f"/courses/dl/project/stages/presentation/groups/{owls.pk}/1/review/", follow=True)
        assert "its talk is marked, not its slides" in words_of(answer)
        assert "Nothing waits for you here" in words_of(client.get(page + "next/", follow=True))

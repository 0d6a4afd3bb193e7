"""The doors to a course, and the rows that are never edited."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from courses.access import enrolment_or_404, students_in_reach
from courses.immutable import NeverEdit, trigger_name
from courses.models import Role
from courses.selectors import people_in_reach, sections_with_sizes
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("needed", list(Role))
def test_a_higher_role_may_do_all_that_a_lower_one_may(world, role, needed):
    person = make.enrol(world.course, role)

    if role >= needed:
        assert enrolment_or_404(person.user, "dl", at_least=needed) == person
    else:
        with pytest.raises(PermissionDenied):
            enrolment_or_404(person.user, "dl", at_least=needed)


def test_strangers_and_unknown_courses_look_the_same(world):
    for slug in ("dl", "no-such-course"):
        with pytest.raises(Http404, match="No such course"):
            enrolment_or_404(world.stranger.user, slug)


def test_an_unpublished_course_is_open_to_its_staff(world):
    world.course.is_published = False
    world.course.save()

    assert enrolment_or_404(world.ta.user, "dl") == world.ta
    with pytest.raises(Http404):
        enrolment_or_404(world.student.user, "dl")


def test_who_left_has_no_door(world):
    world.ta.left_at = timezone.now()
    world.ta.save()

    with pytest.raises(Http404):
        enrolment_or_404(world.ta.user, "dl")


@pytest.mark.parametrize(
    ("who", "reach"),
    [("lecturer", {"student", "classmate"}), ("ta", {"student", "classmate"}), ("other_ta", set())],
)
def test_students_in_reach(world, who, reach):
    found = students_in_reach(getattr(world, who))

    assert {student.user.username for student in found} == reach


def test_a_ta_of_two_sections_sees_each_student_once(world):
    world.ta.sections.add(world.other_section)
    world.student.sections.add(world.other_section)

    assert students_in_reach(world.ta).count() == 2


def test_a_lab_instructor_sees_all_sections(world):
    lab = make.enrol(world.course, Role.LAB_INSTRUCTOR)

    assert students_in_reach(lab).count() == 2


def test_people_come_staff_first_then_by_name(world):
    names = [person.user.username for person in people_in_reach(world.lecturer)]

    assert names == ["lecturer", "other_ta", "ta", "classmate", "student"]


def test_a_ta_reads_of_own_students_only(world):
    assert {person.user.username for person in people_in_reach(world.other_ta)} == {"lecturer", "other_ta", "ta"}


def test_sections_count_students_only(world):
    sections: Any = sections_with_sizes(world.course)
    assert {s.name: s.students for s in sections} == {"Informatics": 2, "Intelligence": 0}


def test_never_edit_is_written_into_migrations_and_says_what_it_does():
    name, arguments, keywords = NeverEdit("Mark").deconstruct()

    assert (name, arguments, keywords) == ("NeverEdit", ["Mark"], {})
    assert NeverEdit("Mark").describe() == "Never edit rows of Mark"
    assert trigger_name("grading_mark") == "grading_mark_is_never_edited"


def test_people_and_courses_are_named_as_people_read_them(world):
    assert str(world.student.user) == "Student"
    assert str(world.student) == "Student in Deep Learning"
    assert (world.student.user.get_full_name(), world.student.user.get_short_name()) == ("Student", "Student")
    assert str(world.section) == "Informatics"
    assert str(world.course.late_policies.get()) == "Deep Learning: late rule v1"


@pytest.mark.parametrize(
    ("role", "staff", "lecturer", "everyone"),
    [
        (Role.STUDENT, False, False, False),
        (Role.STUDENT_ASSISTANT, True, False, False),
        (Role.TA, True, False, False),
        (Role.LAB_INSTRUCTOR, True, False, True),
        (Role.LECTURER, True, True, True),
    ],
)
def test_what_a_role_means(world, role, staff, lecturer, everyone):
    person = make.enrol(world.course, role)

    assert (person.is_staff, person.is_lecturer, person.sees_all_sections) == (staff, lecturer, everyone)

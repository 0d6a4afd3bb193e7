"""The page of the weight editor: what was seen is saved, and nothing that was typed is lost."""

import re

import pytest

from assignments.models import Assignment
from courses.models import Role
from gradebook.models import Scheme
from gradebook.schemes.rows import read_draft, stored_rows
from gradebook.schemes.scheme import SchemeOutdated, save_scheme
from gradebook.standings.selectors import current_components
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of
from tests.schemes import changed, posted

PAGE = "/courses/dl/weights/"


@pytest.fixture
def marked(world):
    """The exam: 90 for one student, 50 for the other."""
    make.make_scheme(world.course, world.assignment)
    exam = Assignment.objects.entered().get(course=world.course)
    for student, percent in ((world.student, 90), (world.classmate, 50)):
        entered.enter(exam, world.lecturer, student, percent)
    make.run_of(make.make_submission(world.assignment, world.classmate), analysis="passed")
    return world


def seen_in(answer):
    return re.search(r'name="seen" value="(\w+)"', text_of(answer))[1]


@pytest.mark.django_db
class TestPage:
    def test_it_shows_the_effect_then_saves_what_was_seen(self, client, marked):
        as_person(client, marked.lecturer)
        rows = changed(changed(stored_rows(marked.course), "Exam", weight="4/10"), "Assignments", weight="60%")
        shown = client.post(PAGE, posted(rows, look="1"))

        assert "would stand elsewhere" in words_of(shown)
        assert Scheme.objects.count() == 1
        saved = client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))
        assert (saved.status_code, Scheme.objects.count()) == (302, 2)
        assert {c.name: c.weight for c in current_components(marked.course)}["Exam"] == 40

    def test_what_was_not_seen_is_not_saved(self, client, marked):
        rows = changed(changed(stored_rows(marked.course), "Exam", weight="40"), "Assignments", weight="60")

        refused = as_person(client, marked.lecturer).post(PAGE, posted(rows, save="1", seen="x"))

        assert "look at it again" in words_of(refused)
        assert (refused.status_code, Scheme.objects.count()) == (422, 1)

    def test_a_published_course_takes_only_exactly_100(self, client, marked):
        rows = changed(stored_rows(marked.course), "Exam", weight="79.9999")
        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))

        refused = client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))

        assert "Course: the parts sum to 99.9999, 0.0001 are left." in words_of(refused)
        assert Scheme.objects.count() == 1

    def test_a_draft_may_be_incomplete_and_then_cannot_be_published(self, client, marked):
        marked.course.is_published = False
        marked.course.save()
        rows = changed(stored_rows(marked.course), "Exam", weight="70")
        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))
        client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))

        told = client.post("/courses/dl/publish/", follow=True)

        assert "Not published: Course: the parts sum to 90, 10 are left." in words_of(told)
        marked.course.refresh_from_db()
        assert not marked.course.is_published

    def test_after_a_release_a_reason_is_needed_and_kept(self, client, marked):
        exam = Assignment.objects.entered().get(course=marked.course)
        entered.release(exam, marked.lecturer)
        rows = changed(changed(stored_rows(marked.course), "Exam", weight="40"), "Assignments", weight="60")
        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))

        refused = client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))
        assert "say why the weights change" in words_of(refused)
        client.post(PAGE, posted(rows, save="1", seen=seen_in(shown), reason="The faculty board said so."))
        assert Scheme.objects.get(version=2).reason == "The faculty board said so."

    def test_a_part_is_added_without_losing_what_was_typed(self, client, marked):
        rows = changed(stored_rows(marked.course), "Exam", weight="12.5")

        page = as_person(client, marked.lecturer).post(PAGE, posted(rows, add="1", part="entered:"))

        assert page.status_code == 200
        assert 'name="new1-name" value=""' in text_of(page)
        assert 'value="12.5"' in text_of(page)

    def test_the_rest_is_distributed(self, client, marked):
        rows = changed(stored_rows(marked.course), "Exam", weight="")

        page = as_person(client, marked.lecturer).post(PAGE, posted(rows, distribute="root"))

        assert re.search(r'name="c\d+-weight" value="80"', text_of(page))

    def test_what_is_wrong_stands_at_its_row_and_keeps_what_was_typed(self, client, marked):
        rows = changed(stored_rows(marked.course), "Exam", weight="lots")

        page = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))

        assert page.status_code == 422
        assert "“lots” is no weight. Write 30, 30% or 3/10." in words_of(page)
        assert 'value="lots"' in text_of(page)

    def test_a_course_without_a_scheme_gets_its_first_one(self, client, world):
        world.course.is_published = False
        world.course.save()
        as_person(client, world.lecturer)
        assert "How it sums" in words_of(client.get(PAGE))
        added = client.post(PAGE, {"root-kind": "group", "root-name": "Course", "add": "1", "part": "entered:"})
        assert 'name="new1-name"' in text_of(added)
        rows = {
            "root-kind": "group", "root-name": "Course", "new1-kind": "entered", "new1-name": "Exam",
            "new1-weight": "100", "new1-parent": "root",
        }  # fmt: skip
        shown = client.post(PAGE, {**rows, "look": "1"})

        assert client.post(PAGE, {**rows, "save": "1", "seen": seen_in(shown)}).status_code == 302
        assert [c.name for c in current_components(world.course)] == ["Course", "Exam"]

    def test_who_begins_to_fail_is_shown_also_where_nobody_moves(self, client, marked):
        rows = changed(stored_rows(marked.course), "Exam", minimum="60")

        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))

        assert "Below what is needed to pass from then on: Classmate" in words_of(shown)

    def test_a_cap_is_typed_kept_shown_again_and_said_to_students(self, client, marked):
        rows = changed(stored_rows(marked.course), "Course", cap="105")
        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))
        client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))

        assert stored_rows(marked.course)[0]["cap"] == "105"
        assert "Course: counts at most 105 %, whatever a bonus adds." in words_of(
            as_person(client, marked.student).get("/courses/dl/grades/")
        )

    def test_what_a_colleague_saved_meanwhile_is_not_overwritten(self, client, marked):
        rows = changed(changed(stored_rows(marked.course), "Exam", weight="40"), "Assignments", weight="60")
        shown = as_person(client, marked.lecturer).post(PAGE, posted(rows, look="1"))
        save_scheme(course=marked.course, components=read_draft(stored_rows(marked.course), marked.course).components)

        refused = client.post(PAGE, posted(rows, save="1", seen=seen_in(shown)))

        assert "look at it again" in words_of(refused)
        assert Scheme.objects.count() == 2

    def test_a_version_that_changed_under_the_lock_is_refused_too(self, client, marked):
        components = read_draft(stored_rows(marked.course), marked.course).components

        with pytest.raises(SchemeOutdated):
            save_scheme(course=marked.course, components=components, based_on=0)

    def test_a_form_that_nobody_could_have_typed_breaks_nothing(self, client, marked):
        as_person(client, marked.lecturer)

        for form in (
            {"look": "1"},
            {"look": "1", "x-kind": "y"},
            {"save": "1", "root-kind": "group", "root-name": "a\x00b"},
        ):
            assert client.post(PAGE, form).status_code in (200, 422)

    def test_assistants_do_not_set_weights(self, client, world):
        helper = make.enrol(world.course, Role.LAB_INSTRUCTOR)

        assert as_person(client, helper).get(PAGE).status_code == 403

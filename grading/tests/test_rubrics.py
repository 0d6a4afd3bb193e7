"""Rubrics: points by what applies, changed while people mark, seen by students after the release."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.models import Role
from grading.models import Mark, RubricItem
from grading.policy.rubric import Applied, adjustment_for, rubric_points
from grading.rows import signed, thawed
from grading.selectors.grades import item_of
from grading.selectors.queues import comments_of
from grading.selectors.rubrics import current_items, rubrics_of
from grading.services.marks import NewMark, record_marks
from grading.services.rubrics import (
    add_item,
    change_item,
    retire_item,
    set_start,
)
from tests import factories as make
from tests.marking import RUBRIC, seen_in, ticked
from tests.pages import NUMBERS, address_of, as_person, text_of, words_of

D = Decimal
POINTS = st.decimals(-5, 5, places=2)
ITEMS = st.lists(st.builds(Applied, POINTS, st.sampled_from([None, 1, 2])), max_size=6)


@given(st.decimals(0, 10, places=2), st.booleans(), ITEMS, POINTS)
def test_points_lie_within_what_the_cell_has(maximum, full, items, adjustment):
    assert 0 <= rubric_points(maximum=maximum, starts_full=full, items=items, adjustment=adjustment) <= maximum


@given(st.decimals(0, 10, places=2), st.booleans(), ITEMS, st.data())
def test_the_order_of_items_does_not_matter(maximum, full, items, data):
    other = data.draw(st.permutations(items))

    assert rubric_points(maximum=maximum, starts_full=full, items=items) == rubric_points(
        maximum=maximum, starts_full=full, items=other
    )


@given(st.decimals(0, 10, places=2), st.decimals(0, 10, places=2), st.booleans())
def test_a_mark_without_a_rubric_is_an_adjustment_alone(maximum, points, full):
    points = min(points, maximum)
    adjustment = adjustment_for(points, maximum=maximum, starts_full=full)

    assert rubric_points(maximum=maximum, starts_full=full, items=[], adjustment=adjustment) == points


@pytest.mark.parametrize(("points", "text"), [("2", "+2"), ("-1.5", "−1.5"), ("0", "0"), ("0.25", "+0.25")])
def test_points_are_said_with_their_sign(points, text):
    assert signed(D(points)) == text


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made)
    return made


@pytest.mark.django_db
class TestMarking:
    def test_ticks_make_the_points(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")

        mark = Mark.objects.get()
        assert (mark.points, mark.rubric, mark.adjustment) == (2, [RubricItem.objects.get(text="Not clear").pk], 0)

    def test_an_adjustment_is_added_and_clamped(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "No reason given", **{"adjustment-analysis": "-2"})

        assert Mark.objects.get().points == 0

    def test_none_of_them_is_a_mark_too(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, **{"none-analysis": "on"})

        assert Mark.objects.get().points == 3

    def test_nothing_ticked_is_no_mark(self, client, world, submission, rubric):
        told = ticked(as_person(client, world.ta), submission).status_code

        assert (told, Mark.objects.count()) == (302, 0)

    @pytest.mark.parametrize(
        ("texts", "fields", "said"),
        [
            (["Not clear"], {"none-analysis": "on"}, "choose one"),
            ([], {"comment-analysis": "Hm."}, "Tick what applies"),
            ([], {"adjustment-analysis": "9"}, "less than or equal to 3"),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, client, world, submission, rubric, texts, fields, said):
        refused = ticked(as_person(client, world.ta), submission, *texts, **fields)

        assert said in words_of(refused)
        assert not Mark.objects.exists()

    def test_an_item_of_another_cell_is_no_choice(self, client, world, submission, rubric):
        other = add_item(assignment=world.assignment, grade_id="other", text="Other", points=D(1))

        refused = ticked(as_person(client, world.ta), submission, **{"ticks-analysis": [other.pk]})

        assert "not one of the available choices" in words_of(refused)

    def test_a_mark_given_before_the_rubric_is_shown_as_an_adjustment(self, client, world, submission):
        record_marks(
            submission=submission,
            by=world.ta,
            marks={"analysis": NewMark(D(2), "Fine.")},
            maxima={"analysis": D(3)},
            seen=0,
        )
        add_item(assignment=world.assignment, grade_id="analysis", text="Good", points=D(1))

        page = as_person(client, world.ta).get(address_of(submission, "review/"))

        assert page.context["form"]["adjustment-analysis"].value() == 2

    def test_saving_again_what_is_there_adds_nothing(self, client, world, submission, rubric):
        for _ in range(2):
            ticked(as_person(client, world.ta), submission, "Not clear")

        assert Mark.objects.count() == 1

    def test_cells_without_a_rubric_are_marked_as_always(self, client, world, submission):
        as_person(client, world.ta).post(
            address_of(submission, "review/"), {"seen": 0, "points-analysis": "2", "comment-analysis": "Fine."}
        )

        assert Mark.objects.get().points == 2

    def test_students_read_what_applied_after_the_release(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear", **{"adjustment-analysis": "0.5"})
        assert "Not clear" not in words_of(as_person(client, world.student).get(address_of(submission)))

        as_person(client, world.lecturer).post(NUMBERS + "release/")

        page = words_of(as_person(client, world.student).get(address_of(submission)))
        assert "Not clear −1" in page
        assert "Adjustment +0.5" in page

    def test_another_wording_after_the_release_is_shown_only_when_released_again(
        self, client, world, submission, rubric
    ):
        ticked(as_person(client, world.ta), submission, "Not clear")
        as_person(client, world.lecturer).post(NUMBERS + "release/")
        item = RubricItem.objects.get(text="Not clear")

        change_item(item=item, text="Hard to follow", points=item.points, by=world.ta)

        assert item_of(submission).state == "changed"
        page = words_of(as_person(client, world.student).get(address_of(submission)))
        assert ("Not clear" in page, "Hard to follow" in page) == (True, False)


@pytest.mark.django_db
class TestChanging:
    def test_other_points_reach_every_mark_that_has_the_item(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        item = RubricItem.objects.get(text="Not clear")

        moved = change_item(item=item, text=item.text, points=D("-0.5"), by=world.lecturer)

        assert [(each.before.points, each.points) for each in moved] == [(2, D("2.5"))]
        latest = Mark.objects.latest("pk")
        assert (latest.points, latest.marker, Mark.objects.count()) == (D("2.5"), world.lecturer, 2)

    def test_marks_without_it_stay(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        item = RubricItem.objects.get(text="No reason given")

        assert change_item(item=item, text="x", points=D(-3), by=world.ta) == []
        assert Mark.objects.count() == 1

    def test_a_retired_item_counts_no_more_and_cannot_be_ticked(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear", "No reason given")
        item = RubricItem.objects.get(text="Not clear")

        retire_item(item=item, by=world.ta)

        latest = Mark.objects.latest("pk")
        assert (latest.points, item.pk in latest.rubric) == (1, False)
        assert "Not clear" not in text_of(client.get(address_of(submission, "review/")))

    def test_another_beginning_moves_every_mark_of_the_rubric(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")

        moved = set_start(rubric=rubric, starts_full=False, by=world.ta)

        assert [each.points for each in moved] == [0]

    def test_old_marks_of_a_submission_do_not_count(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        ticked(client, submission, "No reason given")
        item = RubricItem.objects.get(text="Not clear")

        assert change_item(item=item, text="x", points=D(-3), by=world.ta) == []


@pytest.mark.django_db
class TestPage:
    def test_a_ta_makes_a_rubric_and_comes_back_to_the_desk(self, client, world, submission):
        desk = address_of(submission, "review/")
        page = as_person(client, world.ta).get(desk)
        assert "Make a rubric" in words_of(page)
        address = f"{RUBRIC}&back={desk}"

        client.post(address, {"add": "1", "text": "Good", "points": "2"})

        assert f'href="{desk}"' in text_of(client.get(address))
        assert "Good (+2)" in words_of(client.get(desk))

    def test_a_double_click_adds_one_item(self, client, world):
        for _ in range(2):
            as_person(client, world.ta).post(RUBRIC, {"add": "1", "text": "Good", "points": "2"})

        assert RubricItem.objects.count() == 1

    def test_what_a_change_would_do_is_shown_before_it_is_made(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        item = RubricItem.objects.get(text="Not clear")
        form = {"item": item.pk, "text": "Not clear", "points": "-2.5"}

        shown = client.post(RUBRIC, form)

        assert "1 mark would change." in words_of(shown)
        assert Mark.objects.count() == 1
        client.post(RUBRIC, {**form, "seen": "something else"})
        assert Mark.objects.count() == 1
        client.post(RUBRIC, {**form, "seen": seen_in(shown)})
        assert Mark.objects.latest("pk").points == D("0.5")

    def test_a_change_that_moves_nobody_is_made_at_once(self, client, world, rubric):
        item = RubricItem.objects.get(text="Not clear")

        as_person(client, world.ta).post(RUBRIC, {"item": item.pk, "text": "Hard to follow", "points": "-1"})

        assert RubricItem.objects.filter(text="Hard to follow").exists()

    def test_the_beginning_is_changed_and_items_are_retired_there(self, client, world, rubric):
        item = RubricItem.objects.get(text="Not clear")
        as_person(client, world.ta).post(RUBRIC, {"start": "empty"})
        client.post(RUBRIC, {"item": item.pk, "retire": "1"})

        rubric = rubrics_of([world.assignment])[world.assignment.pk, "analysis"]
        assert (rubric.starts_full, [i.text for i in current_items(rubric)]) == (False, ["No reason given"])

    @pytest.mark.parametrize(
        "form", [{"add": "1", "text": "", "points": "2"}, {"add": "1", "text": "x", "points": "two"}]
    )
    def test_what_is_no_item_is_said(self, client, world, form):
        assert as_person(client, world.ta).post(RUBRIC, form).status_code == 422
        assert not RubricItem.objects.exists()

    def test_an_item_that_is_not_there_is_not_found(self, client, world, rubric):
        assert as_person(client, world.ta).post(RUBRIC, {"item": "x", "text": "x", "points": "1"}).status_code == 404

    @pytest.mark.parametrize("cell", ["double_test", "nothing", ""])
    def test_only_cells_that_people_mark_have_one(self, client, world, cell):
        assert as_person(client, world.ta).get(f"{NUMBERS}rubric/?cell={cell}").status_code == 404

    def test_the_way_back_leads_only_to_pages_of_ours(self, client, world):
        page = as_person(client, world.ta).get(f"{RUBRIC}&back=https://evil.example/")

        assert "evil.example" not in text_of(page)

    def test_student_assistants_use_rubrics_and_make_none(self, client, world, submission, rubric):
        helper = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)

        assert as_person(client, helper).get(RUBRIC).status_code == 403
        ticked(client, submission, "Not clear")
        assert Mark.objects.get().points == 2


@pytest.mark.django_db
class TestDesk:
    def test_comments_that_were_given_can_be_inserted(self, client, world, submission):
        for student, comment in ((world.student, "Why?"), (world.classmate, "Why?"), (world.classmate, "Well put.")):
            work = submission if student == world.student else make.make_submission(world.assignment, student)
            Mark.objects.create(submission=work, grade_id="analysis", points=1, comment=comment, marker=world.ta)

        assert comments_of(world.assignment) == {"analysis": ["Why?", "Well put."]}
        assert "Insert a comment" in words_of(as_person(client, world.ta).get(address_of(submission, "review/")))

    def test_rows_frozen_before_there_were_rubrics_are_read(self):
        row = {
            "grade_id": "a",
            "status": "marked",
            "points": "3",
            "score": "2",
            "message": "",
            "comment": "",
            "marker": "T",
        }

        assert thawed(row).rubric == ()

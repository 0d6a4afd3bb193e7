"""Groups of a rubric with a limit, rubrics copied, and who got an item."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.models import Role
from grading.models import Mark, Rubric, RubricChange, RubricGroup, RubricItem
from grading.policy.rubric import Applied, rubric_points
from grading.selectors.rubrics import current_items, fingerprint, others_of
from grading.services.rubrics import add_item, change_item, copy_rubric, retire_item, set_group
from tests import factories as make
from tests.marking import RUBRIC, seen_in, ticked
from tests.pages import NUMBERS, address_of, as_person, text_of, words_of

D = Decimal
THREE: dict[str, Any] = {"maximum": D(3), "starts_full": True}


@pytest.mark.parametrize(
    ("items", "caps", "points"),
    [
        ([Applied(D(-1), 1), Applied(D(-1), 1)], {1: D(1)}, 2),
        ([Applied(D(-1), 1), Applied(D(-1), 2)], {1: D(1), 2: D(1)}, 1),
        ([Applied(D(-1), 1), Applied(D(-1))], {1: D("0.5")}, D("1.5")),
        ([Applied(D(-2), 1), Applied(D(1), 1)], {1: D(1)}, 2),
        ([Applied(D(-1), 1)], {1: D(0)}, 3),
        ([Applied(D(-1), 1)], {}, 2),
    ],
)
def test_a_group_takes_no_more_than_its_limit(items, caps, points):
    assert rubric_points(**THREE, items=items, caps=caps) == points


def test_a_group_adds_no_more_than_its_limit():
    items = [Applied(D(2), 1), Applied(D(2), 1), Applied(D("0.5"))]
    assert rubric_points(maximum=D(10), starts_full=False, items=items, caps={1: D(3)}) == D("3.5")


@given(
    st.lists(st.builds(Applied, st.decimals(-5, 5, places=1), st.sampled_from([None, 1])), max_size=5),
    st.decimals(0, 5, places=1),
    st.booleans(),
)
def test_a_limit_never_moves_points_further_from_the_start(items, cap, full):
    start = D(10) if full else D(0)
    loose = [item for item in items if item.group is None]
    fields = {"maximum": D(10), "starts_full": full}
    alone = rubric_points(**fields, items=loose)
    capped = rubric_points(**fields, items=items, caps={1: cap})
    assert abs(capped - alone) <= cap or start in (capped, alone) or capped in (0, 10)


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made)
    return made


@pytest.fixture
def grouped(world, rubric):
    """Both items in one group: at most 2 together."""
    set_group(rubric=rubric, name="Style", cap=D(2), by=world.ta)
    group = RubricGroup.objects.get()
    for item in rubric.items.all():
        change_item(item=item, text=item.text, points=item.points, by=world.ta, group=group)
    return group


@pytest.mark.django_db
class TestGroups:
    def test_marking_knows_the_limit(self, client, world, submission, grouped):
        ticked(as_person(client, world.ta), submission, "Not clear", "No reason given")

        assert Mark.objects.get().points == 1

    def test_the_desk_says_the_group(self, client, world, submission, grouped):
        page = words_of(as_person(client, world.ta).get(address_of(submission, "review/")))
        assert "Style: Not clear (−1)" in page

    def test_another_limit_reaches_every_mark_after_it_was_seen(self, client, world, submission, grouped):
        ticked(as_person(client, world.ta), submission, "Not clear", "No reason given")

        shown = client.post(RUBRIC, {"name": "Style", "cap": "1"})
        assert "1 → 2" in words_of(shown)
        assert Mark.objects.latest("pk").points == 1
        client.post(RUBRIC, {"name": "Style", "cap": "1", "seen": seen_in(shown)})

        assert Mark.objects.latest("pk").points == 2
        assert RubricChange.objects.latest("pk").said == "Group Style: at most 1 together"

    def test_without_a_limit_all_of_it_counts(self, world, client, submission, grouped):
        ticked(as_person(client, world.ta), submission, "Not clear", "No reason given")

        set_group(rubric=grouped.rubric, name="Style", cap=None, by=world.ta)

        assert Mark.objects.latest("pk").points == 0

    def test_a_page_that_is_older_than_the_limit_is_told(self, world, rubric, grouped):
        before = fingerprint(Rubric.objects.get())
        set_group(rubric=rubric, name="Style", cap=D(1), by=world.ta)
        assert fingerprint(Rubric.objects.get()) != before

    @pytest.mark.parametrize("form", [{"name": ""}, {"name": "Style", "cap": "much"}, {"name": "Style", "cap": "-1"}])
    def test_what_is_no_group_is_refused(self, client, world, rubric, form):
        assert as_person(client, world.ta).post(RUBRIC, form).status_code == 422
        assert not RubricGroup.objects.exists()

    def test_items_of_a_group_stand_together(self, world, rubric, grouped):
        for text, group in (("Loose", None), ("Wordy", grouped)):
            add_item(assignment=world.assignment, grade_id="analysis", text=text, points=D(-1), group=group)
        assert [item.text for item in current_items(Rubric.objects.get())] == [
            "Loose", "No reason given", "Not clear", "Wordy",
        ]  # fmt: skip

    def test_an_older_page_that_knows_no_groups_leaves_them(self, client, world, rubric, grouped):
        item = RubricItem.objects.get(text="Not clear")
        as_person(client, world.ta).post(RUBRIC, {"item": item.pk, "text": "Unclear", "points": "-1"})
        assert RubricItem.objects.get(text="Unclear").group == grouped

    def test_a_group_is_chosen_for_an_item(self, client, world, rubric):
        set_group(rubric=rubric, name="Style", cap=None, by=world.ta)
        group = RubricGroup.objects.get()
        as_person(client, world.ta)
        client.post(RUBRIC, {"add": "1", "text": "Wordy", "points": "-1", "group": group.pk})
        assert RubricItem.objects.get(text="Wordy").group == group

        item = RubricItem.objects.get(text="Wordy")
        client.post(RUBRIC, {"item": item.pk, "text": "Wordy", "points": "-1", "group": ""})
        assert RubricItem.objects.get(text="Wordy").group is None


@pytest.mark.django_db
class TestCopies:
    @pytest.fixture
    def other(self, world):
        made = make.make_assignment(world.course, "other")
        make.make_notebook(made, world.lecturer)
        return made

    def test_items_groups_and_start_are_copied_once(self, world, other, grouped, rubric):
        retire_item(item=RubricItem.objects.get(text="Not clear"), by=world.ta)
        for _ in range(2):
            copied = copy_rubric(source=Rubric.objects.get(pk=rubric.pk), assignment=other, grade_id="analysis")

        assert copied.starts_full
        [item] = current_items(Rubric.objects.get(pk=copied.pk))
        assert (item.text, item.points, item.group.name, item.group.cap) == ("No reason given", -2, "Style", 2)
        assert item.group != grouped

    def test_by_the_page(self, client, world, other, rubric):
        address = "/courses/dl/assignments/other/rubric/?cell=analysis"
        page = as_person(client, world.ta).get(address)
        assert "Numbers: analysis" in words_of(page)

        done = client.post(address, {"copy": rubric.pk}, follow=True)

        assert "Copied from Numbers, analysis." in words_of(done)
        assert Rubric.objects.get(assignment=other).items.count() == 2

    def test_a_rubric_of_another_course_is_not_there(self, client, world, rubric):
        foreign = make.make_assignment(world.stranger.course, "foreign")
        theirs = add_item(assignment=foreign, grade_id="x", text="Theirs", points=D(1)).rubric
        assert others_of(world.course, (0, "")) == [rubric]

        as_person(client, world.ta).post(RUBRIC, {"copy": theirs.pk})

        assert "Theirs" not in text_of(client.get(RUBRIC))

    def test_marks_there_stay_as_they_are(self, client, world, submission, rubric, other):
        ticked(as_person(client, world.ta), submission, "Not clear")
        copy_rubric(source=rubric, assignment=other, grade_id="analysis")
        assert Mark.objects.count() == 1


@pytest.mark.django_db
class TestWhoGotIt:
    def test_names_lead_to_the_desk(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")

        page = text_of(client.get(RUBRIC))

        assert f'href="{address_of(submission, "review/")}"> Student</a>' in page

    def test_those_of_other_sections_are_counted_and_not_named(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")

        page = as_person(client, world.other_ta).get(NUMBERS + "rubric/?cell=analysis")

        assert "1 mark" in words_of(page)
        assert ">Student</a>" not in text_of(page)

    def test_a_student_assistant_makes_no_rubric(self, client, world, rubric):
        helper = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)
        assert as_person(client, helper).post(RUBRIC, {"copy": "1"}).status_code == 403

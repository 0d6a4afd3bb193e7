"""Rubrics and marks that change at once: nothing typed is lost, nothing seen is overwritten, nobody else's is touched."""

from decimal import Decimal

import pytest

from grading.models import Mark, Rubric, RubricChange, RubricItem
from grading.selectors.rubrics import current_items, fingerprint
from grading.services.marks import MarkRefused, NewMark, record_marks
from grading.services.rubrics import add_item, change_item, retire_item, set_start
from tests import factories as make
from tests.marking import RUBRIC, seen_in, ticked
from tests.pages import address_of, as_person, text_of, words_of

D = Decimal


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made)
    return made


@pytest.mark.django_db
class TestCareful:
    def test_each_cell_keeps_the_points_that_its_own_run_gave_it(self, client, world, submission, rubric):
        """The notebook in use now says 10; this submission was run when the cell had 3."""
        ticked(as_person(client, world.ta), submission, "Not clear")
        newer = make.make_notebook(world.assignment, world.lecturer)
        newer.cells.filter(grade_id="analysis").update(points=10)

        change_item(item=RubricItem.objects.get(text="Not clear"), text="Not clear", points=D(5), by=world.lecturer)

        assert Mark.objects.latest("pk").points == 3

    def test_leaving_a_mark_alone_leaves_it_alone(self, client, world, submission):
        marks = {"analysis": NewMark(D("1.125"), "Fine.")}
        record_marks(submission=submission, by=world.lecturer, marks=marks, maxima={"analysis": D(3)}, seen=0)
        add_item(assignment=world.assignment, grade_id="analysis", text="Good", points=D(1))
        page = as_person(client, world.ta).get(address_of(submission, "review/")).context["form"]
        sent = {f.html_name: f.value() for f in page if f.value() not in (None, "", False, [])}

        client.post(address_of(submission, "review/"), {**sent, "rubric-analysis": fingerprint(Rubric.objects.get())})

        assert (Mark.objects.count(), Mark.objects.get().points) == (1, D("1.125"))

    def test_a_rubric_that_changed_meanwhile_loses_nothing_that_was_typed(self, client, world, submission):
        form = {"seen": 0, "points-analysis": "2.5", "comment-analysis": "Well put."}
        as_person(client, world.ta).get(address_of(submission, "review/"))
        add_item(assignment=world.assignment, grade_id="analysis", text="Good", points=D(1))

        refused = client.post(address_of(submission, "review/"), form)

        assert refused.status_code == 409
        assert "changed while you were marking" in words_of(refused)
        assert "Well put." in text_of(refused)
        assert not Mark.objects.exists()

    def test_ticks_of_a_rubric_that_is_gone_are_refused(self, client, world, submission, rubric):
        stale = fingerprint(rubric)
        items = [item.pk for item in current_items(rubric)]
        for item in RubricItem.objects.all():
            retire_item(item=item, by=world.ta)

        refused = as_person(client, world.ta).post(
            address_of(submission, "review/"), {"seen": 0, "ticks-analysis": items, "rubric-analysis": stale}
        )

        assert refused.status_code == 409

    def test_the_service_reckons_with_the_rubric_as_it_is_under_its_lock(self, world, submission, rubric):
        item = RubricItem.objects.get(text="Not clear")
        new = NewMark(None, "", (item.pk,))
        RubricItem.objects.filter(pk=item.pk).update(points=D(-2))

        record_marks(submission=submission, by=world.ta, marks={"analysis": new}, maxima={"analysis": D(3)}, seen=0)

        assert Mark.objects.get().points == 1
        retire_item(item=item, by=world.ta)
        with pytest.raises(MarkRefused, match="changed while you were marking"):
            record_marks(
                submission=submission, by=world.ta, marks={"analysis": new}, maxima={"analysis": D(3)}, seen=99
            )

    def test_a_tas_other_page_is_not_saved_over(self, world, submission):
        first = {"analysis": NewMark(D(3), "")}
        record_marks(submission=submission, by=world.ta, marks=first, maxima={"analysis": D(3)}, seen=0)

        record_marks(submission=submission, by=world.ta, marks=first, maxima={"analysis": D(3)}, seen=0)
        with pytest.raises(MarkRefused, match="another page"):
            stale = {"analysis": NewMark(D(1), "")}
            record_marks(submission=submission, by=world.ta, marks=stale, maxima={"analysis": D(3)}, seen=0)

    def test_none_of_these_follows_another_beginning(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, **{"none-analysis": "on"})

        set_start(rubric=rubric, starts_full=False, by=world.ta)

        assert Mark.objects.latest("pk").points == 0

    def test_a_mark_given_without_the_rubric_stays(self, world, submission, rubric):
        marks = {"analysis": NewMark(D(2), "")}
        record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": D(3)}, seen=0)

        assert set_start(rubric=rubric, starts_full=False, by=world.ta) == []

    def test_a_ta_of_another_section_changes_no_mark_and_reads_no_name(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        form = {"item": RubricItem.objects.get(text="Not clear").pk, "text": "Not clear", "points": "-2"}
        shown = as_person(client, world.other_ta).post(RUBRIC, form)
        assert "Those of other sections are not listed." in words_of(shown)
        assert "Student 2 → 1" not in words_of(shown)

        refused = client.post(RUBRIC, {**form, "seen": seen_in(shown)})

        assert "ask your lecturer" in words_of(refused)
        assert Mark.objects.count() == 1

    def test_after_a_release_a_change_needs_a_reason_and_is_on_record(self, client, world, submission, rubric):
        ticked(as_person(client, world.ta), submission, "Not clear")
        make.release_of(submission, world.lecturer)
        form = {"item": RubricItem.objects.get(text="Not clear").pk, "text": "Hard to follow", "points": "-1"}

        refused = client.post(RUBRIC, form)
        assert "say why the rubric changes" in words_of(refused)
        client.post(RUBRIC, {**form, "reason": "Clearer words.", "seen": seen_in(refused)})

        change = RubricChange.objects.latest("pk")
        assert (change.reason, change.marks, change.changed_by) == ("Clearer words.", 0, world.ta)
        assert "Not clear (−1) became Hard to follow (−1)" in words_of(client.get(RUBRIC))

    @pytest.mark.parametrize("points", ["0.25", "1.125"])
    def test_any_part_of_a_point_can_be_given(self, client, world, submission, points):
        page = as_person(client, world.ta).get(address_of(submission, "review/"))
        assert 'step="any"' in text_of(page)

        client.post(address_of(submission, "review/"), {"seen": 0, "points-analysis": points, "comment-analysis": ""})

        assert Mark.objects.get().points == D(points)

"""The vote: ballots, the worked cases of the policy, quorum and fallback, who reads what."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments.services import create_entered
from groups.members.services import move_student
from projects.ballots.forms import ranking_in
from projects.ballots.peer_marks import enter_peer_marks, peer_marks
from projects.ballots.selectors import outcomes, sheets_for, turnout, vote_of
from projects.ballots.services import (
    BallotRefused,
    exclude_ballot,
    save_ballot,
    set_vote,
    show_outcome,
)
from projects.models import Ballot, Talk, TalkList, Vote
from projects.selectors import project_of
from tests import entered, groups
from tests import factories as make
from tests.pages import as_person, words_of

HOUR = timedelta(hours=1)
RULE = {"least": 3, "highest_mark": 100, "lowest_mark": 60}
BALLOT, VOTE = "/courses/dl/project/ballot/", "/courses/dl/project/vote/"
FIRST = {"A": "BCDE", "B": "ACDE", "C": "BADE", "D": "BCAE", "E": "CBAD"}
SECOND = {"A": "CBDE", "B": "ACDE", "C": "ABDE", "D": "BACE", "E": "BACD"}


@pytest.fixture
def project(world):
    return groups.make_project(
        world.course, ballot=RULE, talks={"groups": 5, "minutes": 10, "ranked_by": "report", "others": "poster"}
    )


@pytest.fixture
def five(world, project):
    """Groups A to E, each of one student, which all talk."""
    made = {}
    talk_list = TalkList.objects.create(project=project, ranking=[], confirmed_by=world.lecturer)
    for name in "ABCDE":
        made[name] = groups.make_group(project, make.enrol(world.course, section=world.section), name=name)
        Talk.objects.create(talk_list=talk_list, group=made[name])
    for extra in (world.student, world.classmate):
        extra.left_at = timezone.now()
        extra.save()
    return made


@pytest.fixture
def vote(project):
    made = set_vote(project=project, opens_at=timezone.now() - HOUR, closes_at=timezone.now() + HOUR)
    made.project = project
    return made


def five_of(mark):
    return mark.submission.student.memberships.get().group.name


def voter(group):
    return group.memberships.get().student


def cast(vote, five, ballots, track="talk"):
    for who, order in ballots.items():
        save_ballot(
            vote=vote, student=voter(five[who]), track=track, ranked=[five[name].pk for name in order], unseen=[],
            at=timezone.now(),
        )  # fmt: skip


def closed(vote):
    Vote.objects.filter(pk=vote.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    vote.refresh_from_db()


@pytest.mark.django_db
class TestWorkedCases:
    @pytest.mark.parametrize(
        ("ballots", "scores", "marks"),
        [
            (
                FIRST,
                {"B": "11/12", "C": "3/4", "A": "7/12", "D": "1/4", "E": "0"},
                {"B": 100, "C": 90, "A": 80, "D": 70, "E": 60},
            ),
            (
                SECOND,
                {"A": "5/6", "B": "5/6", "C": "7/12", "D": "1/4", "E": "0"},
                {"A": 95, "B": 95, "C": 80, "D": 70, "E": 60},
            ),
        ],
    )
    def test_from_ballots_to_marks_of_members(self, world, project, five, vote, ballots, scores, marks):
        cast(vote, five, ballots)
        item = create_entered(course=world.course, title="Peer ranking")

        (outcome,) = outcomes(project, vote)
        assert {five[n].pk: Fraction(s) for n, s in scores.items()} == outcome.found
        assert outcome.quorum.is_met
        with pytest.raises(BallotRefused, match="has not closed yet"):
            enter_peer_marks(project=project, vote=vote, item=item, by=world.lecturer)
        closed(vote)
        assert enter_peer_marks(project=project, vote=vote, item=item, by=world.lecturer) == 5
        assert {five_of(mark): mark.points for mark in entered.marks_of(item)} == marks
        assert enter_peer_marks(project=project, vote=vote, item=item, by=world.lecturer) == 0

    def test_by_score_where_the_course_says_so(self, world, project, five, vote):
        project.ballot = {**RULE, "marks_by": "score"}
        cast(vote, five, FIRST)

        (outcome,) = outcomes(project, vote)

        assert outcome.marks[five["B"].pk] == 60 + Fraction(11, 12) * 40

    def test_below_the_quorum_the_lecturers_mark_stands(self, world, project, five, vote):
        stage = groups.stage_of(project, "presentation")
        groups.make_criteria(stage, 100)
        cast(vote, five, {key: FIRST[key] for key in "AB"})
        groups.mark_group(stage, five["A"], world.lecturer, 77)

        ((outcome, rows),) = peer_marks(project_of(world.course.pk), vote)

        assert (outcome.quorum.ballots, outcome.quorum.needed, outcome.quorum.is_met) == (2, 5, False)
        assert {row.group.name: row.mark for row in rows} == {"A": 77, "B": None, "C": None, "D": None, "E": None}
        item = create_entered(course=world.course, title="Peer ranking")
        closed(vote)
        enter_peer_marks(project=project_of(world.course.pk), vote=vote, item=item, by=world.lecturer)
        assert entered.marks_of(item)[0].comment == "By the lecturer: too few ballots."


@pytest.mark.django_db
class TestBallots:
    def test_ones_own_group_is_absent_and_cannot_be_sent(self, world, project, five, vote):
        (sheet,) = sheets_for(voter(five["A"]), project, vote)

        assert [group.name for group in sheet.rest] == ["B", "C", "D", "E"]
        with pytest.raises(BallotRefused, match="stands once"):
            cast(vote, five, {"A": "AB"})
        with pytest.raises(BallotRefused, match="stands once"):
            cast(vote, five, {"A": "BB"})
        for track in ("poster", "", "nonsense"):
            with pytest.raises(BallotRefused, match="Nothing of this kind"):
                cast(vote, five, {"A": "B"}, track=track)

    def test_it_can_be_changed_until_it_closes_and_not_after(self, project, five, vote):
        cast(vote, five, {"A": "BC"})
        cast(vote, five, {"A": "CBD"})
        assert Ballot.objects.get().ranked == [five[name].pk for name in "CBD"]
        closed(vote)

        with pytest.raises(BallotRefused, match="not open"):
            cast(vote, five, {"A": "B"})
        assert len(Ballot.objects.get().ranked) == 3

    def test_the_tracks_are_talks_and_posters_that_were_handed_in(self, world, project, five, vote):
        stage = groups.stage_of(project, "presentation")
        with_poster = groups.make_group(project, make.enrol(world.course), name="P")
        groups.make_group(project, make.enrol(world.course), name="Nothing")
        groups.make_deliverable(stage, with_poster)

        sheets = sheets_for(voter(five["A"]), project_of(world.course.pk), vote)

        assert [(s.track, [g.name for g in s.rest]) for s in sheets] == [("talk", list("BCDE")), ("poster", ["P"])]

    def test_one_that_is_left_out_counts_nowhere_until_it_is_taken_in(self, world, project, five, vote):
        cast(vote, five, FIRST)
        ballot = Ballot.objects.get(student=voter(five["E"]))
        with pytest.raises(BallotRefused, match="Say why"):
            exclude_ballot(ballot=ballot, by=world.lecturer, reason="")

        exclude_ballot(ballot=ballot, by=world.lecturer, reason="Filled in by another.")
        assert (outcomes(project, vote)[0].quorum.ballots, turnout(project, vote)["talk"]) == (4, 4)
        exclude_ballot(ballot=ballot, by=world.lecturer, reason="")
        assert outcomes(project, vote)[0].quorum.ballots == 5
        with pytest.raises(IntegrityError), transaction.atomic():
            Ballot.objects.update(excluded_because="x")

    def test_a_track_of_three_can_vote(self, world, project, five, vote):
        Talk.objects.filter(group__name__in="DE").delete()
        cast(vote, five, {"A": "BC", "B": "AC", "C": "BA", "D": "ABC", "E": "AB"})

        (outcome,) = outcomes(project_of(world.course.pk), vote)

        assert [cast.counts for cast in outcome.ballots] == [True, True, True, True, False]
        assert (outcome.quorum.ballots, turnout(project_of(world.course.pk), vote)) == (4, {"talk": 4})

    def test_who_may_rank_one_group_is_told_that_there_is_no_order(self, client, world, project, five, vote):
        Talk.objects.filter(group__name__in="CDE").delete()
        as_person(client, voter(five["A"]))

        assert "there is only one group that you may rank" in words_of(client.get(BALLOT))
        cast(vote, five, {"C": "AB"})
        assert outcomes(project_of(world.course.pk), vote)[0].quorum.ballots == 1

    def test_who_moved_ranks_neither_the_new_group_nor_the_old_one(self, world, project, five, vote):
        cast(vote, five, {"A": "BCD"})
        mover = voter(five["A"])
        move_student(
            group_set=project.group_set, student=mover, group=five["B"], by=world.lecturer, reason="Works with them."
        )

        (sheet,) = sheets_for(mover, project_of(world.course.pk), vote)
        (outcome,) = outcomes(project_of(world.course.pk), vote)

        assert [group.name for group in (*sheet.ranked, *sheet.rest)] == ["C", "D", "E"]
        assert (outcome.ballots[0].ranked, outcome.ballots[0].counts) == ([five["C"].pk, five["D"].pk], False)
        assert sheet.standing == "It does not count yet: place at least 3."

    def test_saved_never_hides_that_it_does_not_count(self, client, world, project, five, vote):
        as_person(client, voter(five["A"]))
        one = {"track": "talk", f"place-{five['B'].pk}": "1"}
        three = one | {f"place-{five['C'].pk}": "2", f"place-{five['D'].pk}": "3"}

        assert "Saved. It does not count yet: place at least 3." in words_of(client.post(BALLOT, one, follow=True))
        answer = client.post(BALLOT, one, headers={"accept": "application/json"}).json()
        assert answer == {"said": "Saved, 1 placed. It does not count yet: place at least 3.", "counts": False}
        answer = client.post(BALLOT, three, headers={"accept": "application/json"}).json()
        assert answer == {"said": "Saved, 3 placed.", "counts": True}
        closed(vote)
        assert "Talks: 3 placed, it counts." in words_of(client.get(BALLOT))

    def test_a_reversed_ballot_is_told_to_staff(self, project, five, vote):
        cast(vote, five, {**FIRST, "E": "DACB"})

        checked = outcomes(project, vote)[0].checked

        assert checked[0][0].ballot.student == voter(five["E"])
        assert [flag for _, _, flag in checked] == [True, False, False, False, False]

    def test_numbers_and_crosses_of_a_plain_form(self):
        sent = {"place-7": "2", "place-8": "1", "place-9": "x", "place-10": "", "place-11": "nonsense"}

        assert ranking_in(sent, [7, 8, 9, 10, 11]) == ([8, 7], [9])


@pytest.mark.django_db
class TestPages:
    def test_a_ballot_by_a_plain_form_and_by_a_script(self, client, world, project, five, vote):
        student = voter(five["A"])
        said = words_of(as_person(client, student).get(BALLOT))
        assert "Put the groups that you saw in order" in said
        assert "Nothing saved yet" in said

        plain = {"track": "talk", f"place-{five['B'].pk}": "1", f"place-{five['C'].pk}": "x"}
        plain |= {f"place-{five['D'].pk}": "2", f"place-{five['E'].pk}": "3"}
        assert "Saved. You can change it" in words_of(client.post(BALLOT, plain, follow=True))
        assert Ballot.objects.get().unseen == [five["C"].pk]
        closed(vote)
        assert client.post(BALLOT, plain, headers={"accept": "application/json"}).status_code == 409
        assert "The vote has closed" in words_of(client.get(BALLOT))

    def test_students_read_the_aggregate_only_and_only_when_shown(self, client, world, project, five, vote):
        cast(vote, five, FIRST)
        as_person(client, world.lecturer)
        assert "has not closed yet" in words_of(client.post(VOTE, {"show": "1"}, follow=True))
        closed(vote)
        assert "what came out" not in words_of(as_person(client, voter(five["A"])).get(BALLOT))

        as_person(client, world.lecturer).post(VOTE, {"show": "1"})

        said = words_of(as_person(client, voter(five["A"])).get(BALLOT))
        assert "Talks: what came out" in said
        assert "B 0.92" in said
        assert str(voter(five["C"]).user) not in said

    def test_too_few_ballots_are_told_so(self, client, world, project, five, vote):
        closed(vote)
        show_outcome(vote=vote)

        said = words_of(as_person(client, voter(five["A"])).get(BALLOT))

        assert "Too few voted (0 of 5 ballots" in said
        assert "so the lecturer’s mark is used" in said

    def test_the_lecturers_page_from_times_to_marks(self, client, world, project, five):
        item = create_entered(course=world.course, title="Peer ranking")
        as_person(client, world.lecturer)
        bad = client.post(
            VOTE, {"times": "1", "opens_at": "2026-12-20T10:00", "closes_at": "2026-12-19T10:00"}, follow=True
        )
        assert "The vote closes after it opens." in words_of(bad)
        soon = timezone.localtime(timezone.now(), world.course.zone)
        sent = {"times": "1", "opens_at": f"{soon - HOUR:%Y-%m-%dT%H:%M}", "closes_at": f"{soon + HOUR:%Y-%m-%dT%H:%M}"}
        assert "Students find the ballot" in words_of(client.post(VOTE, sent, follow=True))
        cast(vote_of(project), five, {**FIRST, "E": "DACB"})

        said = words_of(client.get(VOTE))
        assert "5 of at least 5 ballots Quorum met" in said
        assert "Reversed?" in said
        ballot = Ballot.objects.get(student=voter(five["E"]))
        client.post(f"{VOTE}ballots/{ballot.pk}/", {"reason": "Upside down."})
        assert "Upside down." in words_of(client.get(VOTE))
        assert "4 of at least 5" in words_of(client.get(VOTE))
        client.post(f"{VOTE}ballots/{ballot.pk}/", {})
        closed(vote_of(project))
        assert "5 marks entered." in words_of(client.post(VOTE, {"enter": "1", "item": item.pk}, follow=True))
        assert client.post(VOTE, {"enter": "1", "item": ""}).status_code == 422

    def test_a_ta_reads_and_changes_nothing(self, client, world, project, five, vote):
        cast(vote, five, FIRST)

        said = words_of(as_person(client, world.ta).get(VOTE))

        assert "Quorum met" in said
        assert "When ballots are taken" not in said
        assert client.post(VOTE, {"show": "1"}).status_code == 403

    def test_the_projector_shows_turnout_and_nothing_else(self, client, world, project, five, vote):
        cast(vote, five, FIRST)

        said = words_of(as_person(client, world.ta).get("/courses/dl/project/vote/screen/"))

        assert "Talks 5 of 5 voted" in said
        assert "0.92" not in said
        fragment = client.get("/courses/dl/project/vote/screen/", headers={"hx-request": "true"}).content.decode()
        assert fragment.strip().startswith('<div id="turnout" hx-get')

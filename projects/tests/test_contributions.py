"""Factors of contribution: the rule, what members say, and what the lecturer makes of it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.contributions.services import ContributionRefused, save_contribution
from projects.models import Contribution
from projects.policy.contributions import factors
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of


def each_gives(*gifts):
    """Rater n, from 0 on, gives every other one of these points."""
    return {who: {whom: points for whom in range(len(gifts)) if whom != who} for who, points in enumerate(gifts)}


class TestFactors:
    @pytest.mark.parametrize("gifts", [(9, 9, 9, 2), (9, 2, 9, 9), (1, 1, 1, 10), (5, 5), (3, 7, 9)])
    def test_who_gives_all_others_the_same_moves_nobody(self, gifts):
        """A stingy rater among generous ones does not lift themselves."""
        assert set(factors(each_gives(*gifts), list(range(len(gifts))), span=50).values()) == {1}

    def test_each_raters_points_are_shares_of_what_they_gave(self):
        ratings = {1: {2: 10, 3: 5}, 2: {1: 10, 3: 5}, 3: {1: 10, 2: 10}}

        found = factors(ratings, [1, 2, 3], span=50)

        assert found == {1: Fraction(7, 6), 2: Fraction(7, 6), 3: Fraction(2, 3)}
        assert factors(ratings, [1, 2, 3], span=10) == {1: Fraction(21, 20), 2: Fraction(21, 20), 3: Fraction(9, 10)}

    @pytest.mark.parametrize("ratings", [{}, {1: {2: 5}}, {1: {}, 2: {}, 3: {}}, {1: {2: 0, 3: 0}, 2: {1: 0, 3: 0}}])
    def test_too_little_said_is_one_mark_for_all(self, ratings):
        assert set(factors(ratings, [1, 2, 3], span=20).values()) == {1}

    def test_who_gives_all_nothing_says_that_they_are_alike(self):
        alike = factors({1: {2: 0, 3: 0}, 2: {1: 4, 3: 8}, 3: {1: 3, 2: 3}}, [1, 2, 3], span=50)

        assert alike == factors({1: {2: 7, 3: 7}, 2: {1: 4, 3: 8}, 3: {1: 3, 2: 3}}, [1, 2, 3], span=50)

    @pytest.mark.parametrize("span", [99, 100, 500])
    def test_no_factor_is_nothing(self, span):
        found = factors({1: {2: 10, 3: 0}, 2: {1: 10, 3: 0}, 3: {1: 5, 2: 5}}, [1, 2, 3], span=span)

        assert min(found.values()) > 0

    def test_off_by_default(self):
        assert factors({1: {2: 9}, 2: {1: 1}}, [1, 2], span=0) == {1: 1, 2: 1}

    def test_what_one_says_of_oneself_or_of_strangers_does_not_count(self):
        ratings = {1: {1: 10, 2: 5, 9: 10}, 2: {1: 5}}

        assert factors(ratings, [1, 2], span=50) == {1: 1, 2: 1}

    @given(
        st.dictionaries(st.integers(1, 5), st.dictionaries(st.integers(1, 5), st.integers(0, 10))), st.integers(0, 50)
    )
    def test_never_outside_the_span_and_one_in_the_mean(self, ratings, span):
        found = factors(ratings, [1, 2, 3, 4, 5], span=span)

        assert all(abs(factor - 1) <= Fraction(span, 100) for factor in found.values())
        assert sum(found.values()) == 5

    @given(st.lists(st.lists(st.integers(1, 10), min_size=4, max_size=4), min_size=4, max_size=4), st.integers(2, 9))
    def test_a_raters_scale_makes_no_difference(self, table, times):
        ratings = {who: {whom: row[whom] for whom in range(4) if whom != who} for who, row in enumerate(table)}
        louder = ratings | {0: {whom: points * times for whom, points in ratings[0].items()}}

        assert factors(ratings, list(range(4)), span=30) == factors(louder, list(range(4)), span=30)


@pytest.mark.django_db
class TestContributions:
    def test_from_the_members_words_to_their_marks(self, client, world):
        project = groups.make_project(world.course, contribution_span=20)
        stage = groups.stage_of(project, "report")
        third = make.enrol(world.course, section=world.section)
        owls = groups.make_group(project, world.student, world.classmate, third, name="Owls")
        groups.make_criteria(stage, 100)
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.lecturer, 80)
        page = "/courses/dl/project/contribution/"
        as_person(client, world.student)
        assert client.post(page, {f"points-{third.pk}": "11"}).status_code == 422
        client.post(page, {"statement": "All plots.", f"points-{world.classmate.pk}": "10", f"points-{third.pk}": "5"})
        save_contribution(
            group=owls, student=world.classmate, statement="", ratings={world.student.pk: 10, third.pk: 5}
        )

        said = words_of(as_person(client, world.lecturer).get("/courses/dl/project/contributions/report/"))
        assert "All plots." in said
        assert "× 0.8 64" in said
        refused = client.post("/courses/dl/project/contributions/report/", {"use": "1"}, follow=True)
        assert "Close the ratings first" in words_of(refused)
        client.post("/courses/dl/project/contributions/report/", {"close": "1"})
        closed = words_of(as_person(client, world.student).get(page))
        assert "has closed the ratings" in closed
        assert "has closed the ratings" in words_of(client.post(page, {"statement": "Late."}, follow=True))
        assert Contribution.objects.get(student=world.student).statement == "All plots."
        as_person(client, world.lecturer)
        answer = client.post("/courses/dl/project/contributions/report/", follow=True)
        assert "3 members got another factor." in words_of(answer)

        totals = [groups.total_of(stage, student) for student in (world.student, world.classmate, third)]
        assert totals == [88, 88, 64]

    def test_nobody_rates_themselves_or_strangers(self, world):
        project = groups.make_project(world.course, contribution_span=20)
        owls = groups.make_group(project, world.student, world.classmate, name="Owls")

        for ratings in ({world.student.pk: 5}, {world.ta.pk: 5}, {world.classmate.pk: 11}):
            with pytest.raises(ContributionRefused, match="0 to 10 points"):
                save_contribution(group=owls, student=world.student, statement="", ratings=ratings)
        assert not Contribution.objects.exists()

    def test_where_it_is_off_there_is_no_page(self, client, world):
        project = groups.make_project(world.course)
        groups.make_group(project, world.student)

        assert as_person(client, world.student).get("/courses/dl/project/contribution/").status_code == 404
        assert as_person(client, world.lecturer).get("/courses/dl/project/contributions/report/").status_code == 404

"""What can run out gives what it has, and no more."""

from __future__ import annotations

from local.scale.allowances import Line, Minutes, Places, Tokens, take_all


def test_places_are_given_until_they_are_taken_and_again_when_they_are_given_back() -> None:
    places = Places("places", limit=3)
    assert (places.take(0, 2), places.take(1, 2), places.take(2)) == (2, 1, 0)
    assert (places.refused, places.refused_first, places.most) == (2, 1, 3)
    places.give(2)
    assert places.take(3, 5) == 2


def test_a_minute_of_the_clock_has_its_own_reads() -> None:
    minutes = Minutes("reads", limit=2)
    taken = [take_all(moment, [(minutes, 1)]) for moment in (0, 30, 59.9, 60, 61, 62)]
    assert taken == [True, True, False, True, True, False]
    assert (minutes.refused, minutes.refused_first) == (2, 59.9)


def test_a_read_that_the_project_refuses_is_not_counted_against_the_service_account() -> None:
    user, project = Minutes("user", limit=5), Minutes("project", limit=1)
    both = [(user, 1.0), (project, 1.0)]
    assert [take_all(moment, both) for moment in (0, 1, 2)] == [True, False, False]
    assert take_all(3, [(user, 4.0)]), "one of five was used"
    assert (user.refused, project.refused) == (0, 2)


def test_tokens_come_in_by_the_second_and_lie_ready_up_to_a_number() -> None:
    tokens = Tokens("stored", a_second=2, ready=4)
    assert [tokens.take(0) for _ in range(5)] == [True] * 4 + [False]
    assert [tokens.take(1) for _ in range(3)] == [True, True, False]
    assert [tokens.take(100) for _ in range(5)] == [True] * 4 + [False]


def test_a_line_lets_everybody_pass_one_after_the_other() -> None:
    line = Line("firings", a_second=10)
    assert [round(line.turn(0, count), 6) for count in (10, 10, 1)] == [1.0, 2.0, 2.1]
    assert line.turn(50) == 50.1, "nobody is there any more"
    assert (line.refused, line.longest_wait) == (1, 2.0), "more than a second is told of"

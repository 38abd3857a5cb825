"""What is told is known once, weighed by evidence, found by meaning, and told to the story as differences."""

import json

import numpy as np
import pytest

from agents.knowledge.query import Query
from agents.story.knowledge import KnowledgeHistory


def told(base, step=0):
    change = base.drain(step)
    return ([], [], []) if change is None else (change.added, change.changed, change.removed)


def test_a_sentence_is_kept_once_and_its_evidence_grows(base, rule):
    known = base()
    first, second = (known.add_fact(rule("apple", "drawer"), task_id=2) for _ in range(2))
    assert first == second
    assert len(known) == 1
    entry = known[first]
    assert (entry.sentence, entry.task_id, entry.evidence_for) == ("the apple belongs in the drawer", 2, 2)
    assert entry.confidence == pytest.approx(3 / 4)  # the mean of Beta(1 + 2, 1 + 0)


def test_of_two_that_exclude_each_other_the_better_proven_is_believed(base, rule):
    known = base()
    drawer = known.add_fact(rule("apple", "drawer", passing=False), 0)
    basket = known.add_fact(rule("apple", "basket", passing=False), 0)
    cup = known.add_fact(rule("cup", "basket", passing=False), 0)
    assert known[drawer].rival == basket  # as much evidence: what was told later counts
    known.add_fact(rule("apple", "drawer", passing=False), 0)
    assert (known[drawer].rival, known[basket].rival, known[cup].rival) == (None, drawer, None)
    assert [entry.id for entry in known.recall("where does the apple belong")] == [drawer]
    assert known[basket].standing == "refuted"
    assert basket in {entry.id for entry, _ in known.alike("apple", 10)}  # refuted, not lost
    known.erase([drawer])
    assert known[basket].rival is None


def test_a_person_is_believed_and_contradicted_by_what_happens(base, rule):
    known = base()
    told_by_world = known.add_fact(rule("apple", "drawer", passing=False), 0)
    said = known.add_sentence("The apple belongs in the basket")
    assert known[said].subject == known[told_by_world].subject
    assert known[told_by_world].rival == said
    known.judge([], 0, 1.0)
    for _ in range(80):
        known.judge([], 0, 1.0)  # who usually succeeds ...
    for _ in range(20):
        known.judge([said], 0, 0.0)  # ... and fails with this sentence, refutes it
    assert known[said].rival == told_by_world
    assert known[said].standing == "refuted"


def test_failures_of_a_beginner_refute_nothing(base):
    known = base()
    said = known.add_sentence("the ball is in the hall")
    for _ in range(100):
        known.judge([said], 0, 0.0)
    assert known[said].evidence_against == 0
    known.judge([said], 0, 1.0)
    assert known[said].evidence_for > 4


def test_what_makes_no_difference_gathers_as_much_for_as_against(base):
    known = base()
    said = known.add_sentence("the sky is blue")
    for episode in range(2_000):
        known.judge([said], 0, float(episode % 2))
    entry = known[said]
    assert entry.evidence_for - 4 == pytest.approx(entry.evidence_against, rel=0.1)


def test_what_holds_in_an_episode_is_recalled_in_that_only(base, rule):
    known = base()
    drawer, basket = (known.add_fact(rule("apple", place), 0) for place in ("drawer", "basket"))
    assert known.recall("put the apple away") == ()
    assert [entry.id for entry in known.recall("put the apple away", [basket])] == [basket]
    assert known[drawer].rival is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), {0, 1, 2}),
        (Query(words="APPLE drawer"), {0}),
        (Query(task_id=1), {1}),
        (Query(source="person"), {2}),
        (Query(confidence=0.8), {2}),
        (Query(words="apple", task_id=7), set()),
    ],
)
def test_an_exact_query_finds_what_fits(base, rule, query, found):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    known.add_fact(rule("cup", "drawer"), 1)
    known.add_sentence("the hall is dark")
    assert {entry.id for entry in known.entries(query)} == found


def test_a_full_base_drops_the_useless_and_never_what_is_pinned(base):
    known = base(max_entries=20)
    ids = [known.add_sentence(f"sentence number {number}") for number in range(20)]
    known.pin(ids[:1], pinned=True)
    known.use(ids[2:])
    known.add_sentence("one more")
    assert len(known) == 20
    assert known.known(ids[:2]) == (known[ids[0]],)


def test_differences_add_up_to_what_is_known(base, rule):
    known, story = base(max_entries=8), KnowledgeHistory()
    for step in range(30):
        known.add_fact(rule(f"thing{step % 11}", "drawer", passing=step % 2 == 0), 0)
        known.judge([step % 3], 0, 1.0)
        if step == 20:
            known.erase([entry.id for entry in known.entries()[:2]])
        if (change := known.drain(step)) is not None:
            story.fold(change)
        assert story.at(step) == list(known.entries())
    assert known.drain(31) is None
    assert len(story.at(0)) == 1


def test_a_restored_base_is_the_same_and_goes_on_the_same(base, rule):
    known, again = base(max_entries=10), base(max_entries=10)
    for number in range(14):
        known.add_fact(rule(f"thing{number}", "drawer", passing=False), number % 2)
    known.add_sentence("the thing3 belongs in the basket")
    again.restore(json.loads(json.dumps(known.state())))
    for one in (known, again):
        one.drain(0)
        one.add_sentence("the thing12 belongs in the basket")
        one.judge([13], 1, 1.0)
    assert again.entries() == known.entries()
    assert again.recall("thing12") == known.recall("thing12")
    assert told(again) == told(known)
    assert json.loads(json.dumps(again.state())) == json.loads(json.dumps(known.state()))


def test_what_a_copy_learns_is_its_own(base, rule):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    before = known.entries()
    aside = known.copy()
    aside.add_fact(rule("apple", "drawer"), 0)
    aside.add_sentence("more")
    assert known.entries() == before
    assert len(aside) == 2


@pytest.mark.parametrize("seed", range(3))
def test_copies_of_copies_share_what_is_known_and_never_what_is_learned(base, rule, seed):
    rng = np.random.default_rng(seed)
    lives, seen = [base(max_entries=12)], []
    for _ in range(80):
        known = lives[rng.integers(len(lives))]
        number = int(rng.integers(9))
        deeds = (
            lambda: known.add_fact(rule(f"thing{number % 3}", f"place{number}", passing=number > 6), number % 2),  # noqa: B023
            lambda: known.add_sentence(f"the thing{number % 3} belongs in the place{number}"),  # noqa: B023
            lambda: known.judge([number], 0, number / 8),  # noqa: B023
            lambda: known.pin([number], pinned=number % 2 == 0),  # noqa: B023
            lambda: known.erase([number]),  # noqa: B023
            lambda: lives.append(known.copy()),  # noqa: B023
        )
        before = {id(one): pictured(one) for one in lives if one is not known}
        deeds[rng.integers(len(deeds))]()
        seen.append([before.get(id(one), pictured(one)) == pictured(one) for one in lives])
    assert all(map(all, seen))
    assert len(lives) > 5


def pictured(known):
    """Everything that can be asked of a base."""
    return known.state(), known.alike("thing1 place4", 20), known.recall("the thing2 belongs")


def test_a_copy_costs_nothing_while_nothing_is_learned(base):
    known = base(max_entries=2_000)
    for number in range(2_000):
        known.add_sentence(f"sentence {number} of many")
    twin = known.copy()
    assert twin._index.vectors.base is known._index.vectors.base
    known.judge([1], 0, 1.0)
    assert twin._index.vectors.base is known._index.vectors.base
    known.erase([1])
    assert twin._index.vectors.base is not known._index.vectors.base


def test_what_is_heard_unimpressed_leaves_no_trace(base, rule):
    known, plain = base(), base()
    for one in (known, plain):
        one.add_fact(rule("apple", "drawer"), 0)
    with known.unimpressed():
        known.add_fact(rule("apple", "basket"), 0)
        known.add_sentence("nothing of this")
        known.occasion.episode += 1
    assert known.add_sentence("the first") == plain.add_sentence("the first")
    assert known.state() == plain.state()
    assert known.drain(1) == plain.drain(1)


def test_after_it_was_set_back_a_sentence_has_the_number_that_it_had(base, rule):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    saved = known.state()
    known.drain(0)
    known.add_fact(rule("ball", "drawer"), 0)
    said = known.add_sentence("milk is cold")
    known.drain(1)
    known.restore(saved)
    assert known.add_sentence("milk is cold") == said
    assert known.add_fact(rule("cup", "drawer"), 0) > said
    change = known.drain(2)
    assert [entry.sentence for entry in change.added] == ["the cup belongs in the drawer"]
    assert change.removed == (1,)


def test_an_edited_sentence_is_the_persons(base, rule):
    known = base()
    old = known.add_fact(rule("apple", "drawer", passing=False), 3)
    known.edit(old, "the apple belongs in the basket")
    (entry,) = known.entries()
    assert (entry.sentence, entry.source, entry.task_id) == ("the apple belongs in the basket", "person", 3)
    assert entry.id != old

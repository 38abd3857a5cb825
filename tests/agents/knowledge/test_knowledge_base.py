"""Sentences are stored once, weighed by evidence, found by similarity, and reported as changes."""

import json

import numpy as np
import pytest

from agents.knowledge.query import Query
from agents.story.knowledge import KnowledgeHistory


def drained(base, step=0):
    change = base.drain(step)
    return ([], [], []) if change is None else (change.added, change.changed, change.removed)


def test_a_sentence_is_stored_once_and_its_evidence_grows(base, rule):
    known = base()
    first, second = (known.add_fact(rule("apple", "drawer"), task_id=2) for _ in range(2))
    assert first == second
    assert len(known) == 1
    entry = known[first]
    assert (entry.sentence, entry.task_id, entry.evidence_for) == ("the apple belongs in the drawer", 2, 2)
    assert entry.confidence == pytest.approx(3 / 4)  # the mean of Beta(1 + 2, 1 + 0)


def test_of_two_contradicting_facts_the_one_with_more_evidence_is_believed(base, rule):
    known = base()
    drawer = known.add_fact(rule("apple", "drawer", passing=False), 0)
    basket = known.add_fact(rule("apple", "basket", passing=False), 0)
    cup = known.add_fact(rule("cup", "basket", passing=False), 0)
    assert known[drawer].rival == basket  # equal evidence: the later one is believed
    known.add_fact(rule("apple", "drawer", passing=False), 0)
    assert (known[drawer].rival, known[basket].rival, known[cup].rival) == (None, drawer, None)
    assert [entry.id for entry in known.recall("where does the apple belong")] == [drawer]
    assert known[basket].standing == "refuted"
    assert basket in {entry.id for entry, _ in known.nearest("apple", 10)}  # refuted, not lost
    known.erase([drawer])
    assert known[basket].rival is None


def test_a_statement_of_the_user_is_believed_until_outcomes_refute_it(base, rule):
    known = base()
    by_env = known.add_fact(rule("apple", "drawer", passing=False), 0)
    by_user = known.add_sentence("The apple belongs in the basket")
    assert known[by_user].subject == known[by_env].subject
    assert known[by_env].rival == by_user
    known.add_outcome([], 0, 1.0)
    for _ in range(80):
        known.add_outcome([], 0, 1.0)  # an agent that usually succeeds ...
    for _ in range(20):
        known.add_outcome([by_user], 0, 0.0)  # ... and fails with this sentence, refutes it
    assert known[by_user].rival == by_env
    assert known[by_user].standing == "refuted"


def test_failures_of_an_untrained_agent_refute_nothing(base):
    known = base()
    by_user = known.add_sentence("the ball is in the hall")
    for _ in range(100):
        known.add_outcome([by_user], 0, 0.0)
    assert known[by_user].evidence_against == 0
    known.add_outcome([by_user], 0, 1.0)
    assert known[by_user].evidence_for > 4


def test_a_sentence_without_effect_gathers_equal_evidence_for_and_against(base):
    known = base()
    by_user = known.add_sentence("the sky is blue")
    for episode in range(2_000):
        known.add_outcome([by_user], 0, float(episode % 2))
    entry = known[by_user]
    assert entry.evidence_for - 4 == pytest.approx(entry.evidence_against, rel=0.1)


def test_facts_of_an_episode_are_retrieved_only_in_it(base, rule):
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
def test_a_query_returns_the_matching_entries(base, rule, query, found):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    known.add_fact(rule("cup", "drawer"), 1)
    known.add_sentence("the hall is dark")
    assert {entry.id for entry in known.entries(query)} == found


def test_a_full_base_evicts_unused_entries_and_never_pinned_ones(base):
    known = base(max_entries=20)
    ids = [known.add_sentence(f"sentence number {number}") for number in range(20)]
    known.pin(ids[:1], pinned=True)
    known.count_use(ids[2:])
    known.add_sentence("one more")
    assert len(known) == 20
    assert known.known(ids[:2]) == (known[ids[0]],)


def test_the_reported_changes_add_up_to_the_entries(base, rule):
    known, story = base(max_entries=8), KnowledgeHistory()
    for step in range(30):
        known.add_fact(rule(f"thing{step % 11}", "drawer", passing=step % 2 == 0), 0)
        known.add_outcome([step % 3], 0, 1.0)
        if step == 20:
            known.erase([entry.id for entry in known.entries()[:2]])
        if (change := known.drain(step)) is not None:
            story.fold(change)
        assert story.at(step) == list(known.entries())
    assert known.drain(31) is None
    assert len(story.at(0)) == 1


def test_a_restored_base_is_equal_and_continues_equally(base, rule):
    known, restored = base(max_entries=10), base(max_entries=10)
    for number in range(14):
        known.add_fact(rule(f"thing{number}", "drawer", passing=False), number % 2)
    known.add_sentence("the thing3 belongs in the basket")
    restored.restore(json.loads(json.dumps(known.state())))
    for each in (known, restored):
        each.drain(0)
        each.add_sentence("the thing12 belongs in the basket")
        each.add_outcome([13], 1, 1.0)
    assert restored.entries() == known.entries()
    assert restored.recall("thing12") == known.recall("thing12")
    assert drained(restored) == drained(known)
    assert json.loads(json.dumps(restored.state())) == json.loads(json.dumps(known.state()))


def test_changing_a_copy_does_not_change_the_original(base, rule):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    before = known.entries()
    copy = known.copy()
    copy.add_fact(rule("apple", "drawer"), 0)
    copy.add_sentence("more")
    assert known.entries() == before
    assert len(copy) == 2


@pytest.mark.parametrize("seed", range(3))
def test_copies_of_copies_do_not_affect_each_other(base, rule, seed):
    rng = np.random.default_rng(seed)
    bases, unchanged = [base(max_entries=12)], []
    for _ in range(80):
        known = bases[rng.integers(len(bases))]
        number = int(rng.integers(9))
        changes = (
            lambda: known.add_fact(rule(f"thing{number % 3}", f"place{number}", passing=number > 6), number % 2),  # noqa: B023
            lambda: known.add_sentence(f"the thing{number % 3} belongs in the place{number}"),  # noqa: B023
            lambda: known.add_outcome([number], 0, number / 8),  # noqa: B023
            lambda: known.pin([number], pinned=number % 2 == 0),  # noqa: B023
            lambda: known.erase([number]),  # noqa: B023
            lambda: bases.append(known.copy()),  # noqa: B023
        )
        before = {id(each): contents(each) for each in bases if each is not known}
        changes[rng.integers(len(changes))]()
        unchanged.append([before.get(id(each), contents(each)) == contents(each) for each in bases])
    assert all(map(all, unchanged))
    assert len(bases) > 5


def contents(known):
    """Return the state of a base, and the results of two searches."""
    return known.state(), known.nearest("thing1 place4", 20), known.recall("the thing2 belongs")


def test_a_copy_shares_its_vectors_until_one_changes(base):
    known = base(max_entries=2_000)
    for number in range(2_000):
        known.add_sentence(f"sentence {number} of many")
    copy = known.copy()
    assert copy._index.vectors.base is known._index.vectors.base
    known.add_outcome([1], 0, 1.0)
    assert copy._index.vectors.base is known._index.vectors.base
    known.erase([1])
    assert copy._index.vectors.base is not known._index.vectors.base


def test_discarded_changes_leave_no_trace(base, rule):
    known, plain = base(), base()
    for each in (known, plain):
        each.add_fact(rule("apple", "drawer"), 0)
    with known.discarding_changes():
        known.add_fact(rule("apple", "basket"), 0)
        known.add_sentence("nothing of this")
        known.context.episode += 1
    assert known.add_sentence("the first") == plain.add_sentence("the first")
    assert known.state() == plain.state()
    assert known.drain(1) == plain.drain(1)


def test_after_a_rollback_a_sentence_gets_its_former_id(base, rule):
    known = base()
    known.add_fact(rule("apple", "drawer"), 0)
    saved = known.state()
    known.drain(0)
    known.add_fact(rule("ball", "drawer"), 0)
    by_user = known.add_sentence("milk is cold")
    known.drain(1)
    known.restore(saved)
    assert known.add_sentence("milk is cold") == by_user
    assert known.add_fact(rule("cup", "drawer"), 0) > by_user
    change = known.drain(2)
    assert [entry.sentence for entry in change.added] == ["the cup belongs in the drawer"]
    assert change.removed == (1,)


def test_an_edited_sentence_has_the_user_as_its_source(base, rule):
    known = base()
    old = known.add_fact(rule("apple", "drawer", passing=False), 3)
    known.edit(old, "the apple belongs in the basket")
    (entry,) = known.entries()
    assert (entry.sentence, entry.source, entry.task_id) == ("the apple belongs in the basket", "person", 3)
    assert entry.id != old

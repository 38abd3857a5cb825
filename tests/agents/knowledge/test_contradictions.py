"""Every refuted sentence is paired with the one that is believed, with the reason."""

import pytest

from agents.knowledge.contradictions import contradictions


@pytest.mark.parametrize(
    ("pinned", "repeats", "ground"), [(True, 3, "pinned"), (False, 3, "evidence"), (False, 0, "later")]
)
def test_the_reason_is_the_first_that_holds(base, rule, pinned, repeats, ground):
    knowledge = base()
    drawer, basket = (knowledge.add_fact(rule("apple", place, passing=False), 0) for place in ("drawer", "basket"))
    knowledge.pin([basket], pinned=pinned)
    for _ in range(repeats):
        knowledge.add_fact(rule("apple", "basket", passing=False), 0)
    (pair,) = contradictions(knowledge.entries())
    assert (pair.believed.id, pair.refuted.id, pair.id, pair.ground) == (basket, drawer, drawer, ground)


def test_compatible_sentences_are_no_contradiction(base, rule):
    knowledge = base()
    for thing, place in (("apple", "drawer"), ("cup", "basket")):
        knowledge.add_fact(rule(thing, place, passing=False), 0)
    assert contradictions(knowledge.entries()) == []

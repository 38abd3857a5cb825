"""What was told once stands before every later sentence of its episode, and before none of another."""

import numpy as np
from gymnasium.utils.env_checker import check_env

from agents.knowledge.wrapper import KnowledgeWrapper, with_retrieval
from envs.task import Task


def test_without_a_base_the_world_is_the_very_same(errand):
    world = errand()
    assert with_retrieval(world, None, 0) is world


def test_it_is_a_gymnasium_environment(base, errand):
    check_env(KnowledgeWrapper(errand(), base(), 0), skip_render_check=True)


def test_a_rule_that_is_told_once_is_read_until_the_episode_ends(base, errand):
    world = KnowledgeWrapper(errand(), base(), 0)
    for seed in range(20):
        world.reset(seed=seed)
        sentence = f"the {world.inside.thing} belongs in the {world.inside.place}"
        text = world.step(0)[0]
        assert text == f"you know : {sentence} . errand . put the {world.inside.thing} away ."
        assert [entry.sentence for entry in world.recalled] == [sentence]
        assert set(text.split()) <= set(world.words)
        world.step(0)


def test_worlds_of_other_rules_share_a_base_and_keep_their_rules_apart(base, errand):
    known = base()
    worlds = [KnowledgeWrapper(errand(), known, 0) for _ in range(16)]
    for seed, world in enumerate(worlds):
        world.reset(seed=seed)
    for world in worlds:
        assert f"{world.inside.thing} belongs in the {world.inside.place} . errand" in world.step(0)[0]
    assert len(known) <= 6
    assert sum(entry.uses for entry in known.entries()) == 16


def test_the_end_of_an_episode_is_evidence_on_what_was_read(base, errand):
    known = base()
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=1)
    world.step(0)
    (entry,) = world.recalled
    world.step(world.actions.index(world.inside.place))
    assert known[entry.id].evidence_for == 2  # it was told, and it worked where nothing had
    summary = known.entries()[-1]
    assert (summary.sentence, summary.source) == (f"I can put the {world.inside.thing} away", "episode")
    assert summary.evidence_for == 1


def test_what_a_person_changes_is_read_at_the_next_step(base, errand):
    known = base(top_k=4)
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=0)
    said = known.add_sentence(f"the {world.inside.thing} is heavy")
    text = world.step(0)[0]
    assert "is heavy" in text
    known.erase([said])
    assert "is heavy" not in world.step(0)[0]


def test_what_takes_too_many_words_is_left_out(base, errand):
    world = KnowledgeWrapper(errand(), base(max_words=5), 0)
    world.reset(seed=0)
    assert world.step(0)[0].startswith("errand")


def test_a_saved_world_goes_on_with_what_was_told(base, errand):
    known = base()
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=5)
    state, again = world.get_state(), KnowledgeWrapper(errand(), base(), 0)
    again.knowledge.restore(known.state())
    again.set_state(state)
    actions = np.random.default_rng(0).integers(2, size=40)
    for action in actions.tolist():
        told = [each.step(action) for each in (world, again)]
        assert told[0] == told[1]
        if told[0][2]:
            assert world.reset() == again.reset()
    assert again.knowledge.entries() == known.entries()


def test_what_a_person_asks_for_is_asked_of_the_world_inside_and_reminds_of_what_is_known_of_it(base):
    world = KnowledgeWrapper(Task(key="household/store").make(), base(), 0)
    world.reset(seed=1)
    request = next(each for each in world.requests() if not each.is_fulfilled)
    text, is_fulfilled = world.ask(request)
    assert not is_fulfilled
    assert world.instruction == request.text
    assert f". {request.text} ." in text
    assert world.ask(None)[0].endswith(world.prompt_text)
    assert world.instruction == world.inside.instruction

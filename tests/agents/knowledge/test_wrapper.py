"""A fact is prepended to the later observations of its episode, and to none of other episodes."""

import numpy as np
from gymnasium.utils.env_checker import check_env

from agents.knowledge.wrapper import KnowledgeWrapper, with_retrieval
from envs.task import Task


def test_without_a_base_the_environment_is_returned_as_it_is(errand):
    world = errand()
    assert with_retrieval(world, None, 0) is world


def test_it_is_a_gymnasium_environment(base, errand):
    check_env(KnowledgeWrapper(errand(), base(), 0), skip_render_check=True)


def test_a_fact_that_is_stated_once_is_shown_until_the_episode_ends(base, errand):
    world = KnowledgeWrapper(errand(), base(), 0)
    for seed in range(20):
        world.reset(seed=seed)
        sentence = f"the {world.inside.thing} belongs in the {world.inside.place}"
        text = world.step(0)[0]
        assert text == f"you know : {sentence} . errand . put the {world.inside.thing} away ."
        assert [entry.sentence for entry in world.recalled] == [sentence]
        assert set(text.split()) <= set(world.words)
        world.step(0)


def test_environments_share_a_base_and_show_only_their_own_facts(base, errand):
    known = base()
    worlds = [KnowledgeWrapper(errand(), known, 0) for _ in range(16)]
    for seed, world in enumerate(worlds):
        world.reset(seed=seed)
    for world in worlds:
        assert f"{world.inside.thing} belongs in the {world.inside.place} . errand" in world.step(0)[0]
    assert len(known) <= 6
    assert sum(entry.uses for entry in known.entries()) == 16


def test_the_end_of_an_episode_is_evidence_on_retrieved_entries(base, errand):
    known = base()
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=1)
    world.step(0)
    (entry,) = world.recalled
    world.step(world.actions.index(world.inside.place))
    assert known[entry.id].evidence_for == 2  # one from the statement of the fact, one from the success
    summary = known.entries()[-1]
    assert (summary.sentence, summary.source) == (f"I can put the {world.inside.thing} away", "episode")
    assert summary.evidence_for == 1


def test_changes_by_the_user_are_shown_at_the_next_step(base, errand):
    known = base(top_k=4)
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=0)
    id_ = known.add_sentence(f"the {world.inside.thing} is heavy")
    text = world.step(0)[0]
    assert "is heavy" in text
    known.erase([id_])
    assert "is heavy" not in world.step(0)[0]


def test_sentences_over_the_word_limit_are_left_out(base, errand):
    world = KnowledgeWrapper(errand(), base(max_words=5), 0)
    world.reset(seed=0)
    assert world.step(0)[0].startswith("errand")


def test_a_restored_environment_continues_with_its_facts(base, errand):
    known = base()
    world = KnowledgeWrapper(errand(), known, 0)
    world.reset(seed=5)
    state, restored = world.get_state(), KnowledgeWrapper(errand(), base(), 0)
    restored.knowledge.restore(known.state())
    restored.set_state(state)
    actions = np.random.default_rng(0).integers(2, size=40)
    for action in actions.tolist():
        results = [each.step(action) for each in (world, restored)]
        assert results[0] == results[1]
        if results[0][2]:
            assert world.reset() == restored.reset()
    assert restored.knowledge.entries() == known.entries()


def test_an_instruction_is_passed_on_and_retrieved_for(base):
    world = KnowledgeWrapper(Task(key="household/store").make(), base(), 0)
    world.reset(seed=1)
    request = next(each for each in world.requests() if not each.is_fulfilled)
    text, is_fulfilled = world.set_request(request)
    assert not is_fulfilled
    assert world.instruction == request.text
    assert f". {request.text} ." in text
    assert world.set_request(None)[0].endswith(world.prompt_text)
    assert world.instruction == world.inside.instruction

import numpy as np
import pytest

from agents.language.tokenizer import Tokenizer
from agents.pretraining.corpus import HELD_OUT, VARIANTS, every_word, lines, worlds_held_out, worlds_read
from envs.task import Task, library


def seeded():
    return np.random.SeedSequence(3)


def test_every_world_of_the_library_is_read_or_held_out():
    keys = {task.key for task in (*worlds_read(), *worlds_held_out())}
    assert keys == {spec.key for spec in library()}
    assert not {task.key for task in worlds_read()} & set(HELD_OUT)
    assert {task.identity for task in VARIANTS}.isdisjoint(Task(key=spec.key).identity for spec in library())


def test_the_same_seed_tells_the_same_lines_and_none_twice():
    told = lines(worlds_read()[:4], 400, 0.5, seeded())
    assert told == lines(worlds_read()[:4], 400, 0.5, seeded())
    assert len(set(told)) == len(told) > 50


@pytest.mark.parametrize("task", worlds_read(), ids=lambda task: task.identity)
def test_a_line_is_what_is_read_then_an_action_then_what_follows(task):
    world = task.make()
    known = Tokenizer(every_word([task]))
    for line in lines([task], 20, 0.5, seeded()):
        assert any(f" {action} " in line for action in world.actions)
        assert len(known.encode(line)) == len(line.split()) + line.count("-") * 2  # no word is spelled in bytes


def test_an_expert_alone_always_says_the_same_after_one_sentence():
    told = lines([Task(key="household/go-to")], 400, 1.0, seeded())
    deeds = {}
    for line in told:
        words = line.split()
        cut = next(place for place, word in enumerate(words) if word in ("north", "east", "south", "west"))
        deeds.setdefault(tuple(words[:cut]), set()).add(words[cut])
    assert max(map(len, deeds.values())) == 1

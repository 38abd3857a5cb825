import numpy as np
import pytest

from agents.language.tokenizer import Tokenizer
from agents.pretraining.corpus import HELD_OUT, VARIANTS, corpus_lines, held_out_tasks, training_tasks, vocabulary_of
from envs.task import Task, library


def seeded():
    return np.random.SeedSequence(3)


def test_every_task_of_the_library_is_for_training_or_held_out():
    keys = {task.key for task in (*training_tasks(), *held_out_tasks())}
    assert keys == {spec.key for spec in library()}
    assert not {task.key for task in training_tasks()} & set(HELD_OUT)
    assert {task.identity for task in VARIANTS}.isdisjoint(Task(key=spec.key).identity for spec in library())


def test_the_same_seed_gives_the_same_lines_without_duplicates():
    text_lines = corpus_lines(training_tasks()[:4], 400, 0.5, seeded())
    assert text_lines == corpus_lines(training_tasks()[:4], 400, 0.5, seeded())
    assert len(set(text_lines)) == len(text_lines) > 50


@pytest.mark.parametrize("task", training_tasks(), ids=lambda task: task.identity)
def test_a_line_is_an_observation_an_action_and_the_next_observation(task):
    world = task.make()
    tokenizer = Tokenizer(vocabulary_of([task]))
    for line in corpus_lines([task], 20, 0.5, seeded()):
        assert any(f" {action} " in line for action in world.actions)
        assert len(tokenizer.encode(line)) == len(line.split()) + line.count("-") * 2  # no word is spelled in bytes


def test_the_expert_always_takes_the_same_action_after_a_sentence():
    text_lines = corpus_lines([Task(key="household/go-to")], 400, 1.0, seeded())
    actions = {}
    for line in text_lines:
        words = line.split()
        position = next(index for index, word in enumerate(words) if word in ("north", "east", "south", "west"))
        actions.setdefault(tuple(words[:position]), set()).add(words[position])
    assert max(map(len, actions.values())) == 1

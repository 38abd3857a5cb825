"""Words of a world or of Gymnasium stand in a sentence that names the world and says whose words they are."""

import pytest

from agents.errors import WorldFault
from envs.external.checked_env import raised
from widgets.style.catalogue import Interpreter
from widgets.style.translation import again
from widgets.style.world_fault_text import refusal_words, unknown_words, world_words

BROKEN = str(raised("somebody/Arena-v0", "step", ValueError("no such arena: 7")))


@pytest.fixture
def chinese(qapp):
    interpreter = Interpreter()
    interpreter.speak("zh_CN")
    yield
    interpreter.speak("en")


def test_in_english_a_fault_is_told_as_it_is(qapp):
    assert world_words(BROKEN) == BROKEN == "somebody/Arena-v0: step raised ValueError: no such arena: 7"
    assert refusal_words("somebody/Arena-v0", BROKEN) == BROKEN
    assert refusal_words("A-v0", "A-v0: its space is a Box") == "A-v0: its space is a Box"


def test_in_chinese_the_world_is_named_and_its_words_are_told_as_its_own(chinese):
    said = world_words(BROKEN)
    assert said == "世界 somebody/Arena-v0 在 step 中出错。它的代码的原话：ValueError: no such arena: 7"
    assert refusal_words("somebody/Arena-v0", BROKEN) == said
    assert world_words(str(WorldFault(3, KeyError("x")))) == "第 3 个世界出错。它的代码的原话：KeyError: 'x'"
    assert refusal_words("A-v0", "A-v0: its space is a Box").endswith("检查结果（英文）：its space is a Box")


def test_what_gymnasium_says_is_told_as_its_words(chinese):
    said = unknown_words("Foo-v9", "Environment `Foo` doesn't exist.")
    assert said == "Gymnasium 不认识世界 Foo-v9。Gymnasium 的原话：Environment `Foo` doesn't exist."


@pytest.mark.parametrize("said", ["NotFinite: its reward is nan", "the disk is full", "", "a: b c"])
def test_other_faults_are_left_as_they_are(chinese, said):
    assert world_words(said) is said


def test_a_fault_is_told_again_in_another_language(qapp):
    interpreter = Interpreter()
    said = world_words(BROKEN)
    interpreter.speak("zh_CN")
    assert again(said).startswith("世界 somebody/Arena-v0")
    interpreter.speak("en")
    assert again(said) == BROKEN

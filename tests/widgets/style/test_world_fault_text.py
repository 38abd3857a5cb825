"""Messages of an environment or of Gymnasium are embedded in a translated sentence that names their source."""

import pytest

from agents.errors import WorldFault
from envs.external.checked_env import raised
from widgets.style.catalogue import LanguageSwitcher
from widgets.style.translation import retranslate
from widgets.style.world_fault_text import refusal_text, unknown_world_text, world_fault_text

BROKEN = str(raised("owner/Arena-v0", "step", ValueError("no such arena: 7")))


@pytest.fixture
def chinese(qapp):
    switcher = LanguageSwitcher()
    switcher.switch_to("zh_CN")
    yield
    switcher.switch_to("en")


def test_in_english_a_fault_message_is_unchanged(qapp):
    assert world_fault_text(BROKEN) == BROKEN == "owner/Arena-v0: step raised ValueError: no such arena: 7"
    assert refusal_text("owner/Arena-v0", BROKEN) == BROKEN
    assert refusal_text("A-v0", "A-v0: its space is a Box") == "A-v0: its space is a Box"


def test_in_chinese_the_sentence_is_translated_and_the_message_is_not(chinese):
    message = world_fault_text(BROKEN)
    assert message == "世界 owner/Arena-v0 在 step 中出错。它的代码的原话：ValueError: no such arena: 7"
    assert refusal_text("owner/Arena-v0", BROKEN) == message
    assert world_fault_text(str(WorldFault(3, KeyError("x")))) == "第 3 个世界出错。它的代码的原话：KeyError: 'x'"
    assert refusal_text("A-v0", "A-v0: its space is a Box").endswith("检查结果（英文）：its space is a Box")


def test_gymnasiums_message_is_quoted(chinese):
    message = unknown_world_text("Foo-v9", "Environment `Foo` doesn't exist.")
    assert message == "Gymnasium 不认识世界 Foo-v9。Gymnasium 的原话：Environment `Foo` doesn't exist."


@pytest.mark.parametrize("message", ["NotFinite: its reward is nan", "the disk is full", "", "a: b c"])
def test_messages_of_another_format_are_unchanged(chinese, message):
    assert world_fault_text(message) is message


def test_a_fault_message_is_translated_again_in_another_language(qapp):
    switcher = LanguageSwitcher()
    message = world_fault_text(BROKEN)
    switcher.switch_to("zh_CN")
    assert retranslate(message).startswith("世界 owner/Arena-v0")
    switcher.switch_to("en")
    assert retranslate(message) == BROKEN

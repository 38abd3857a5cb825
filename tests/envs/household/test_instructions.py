import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.household.floor_plan import FURNITURE, plan
from envs.household.instructions import LANGUAGES, Instruction, instructions, parse

INSTRUCTIONS = instructions(plan(4))


@given(
    instruction=st.sampled_from(INSTRUCTIONS), language=st.sampled_from(LANGUAGES), space=st.sampled_from(["", "  "])
)
def test_the_text_of_an_instruction_parses_back_to_it(instruction, language, space):
    assert parse(space + instruction.text(language) + space) == instruction


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_instructions_have_the_same_text(language):
    texts = [instruction.text(language) for instruction in INSTRUCTIONS]
    assert len(set(texts)) == len(texts)
    assert all(text.isascii() == (language == "en") for text in texts)


@pytest.mark.parametrize(
    ("instruction", "english", "chinese"),
    [
        (Instruction("go", place="hall"), "go to the hall", "去客厅"),
        (Instruction("open", place="fridge"), "open the fridge", "打开冰箱"),
        (Instruction("take", "apple"), "take the apple", "拿起苹果"),
        (Instruction("put", "apple", "basket"), "put the apple in the basket", "把苹果放进篮子"),
        (Instruction("put", "cup", "table"), "put the cup on the table", "把杯子放到桌上"),
    ],
)
def test_instructions_have_a_text_in_both_languages(instruction, english, chinese):
    assert (instruction.text(), instruction.text("zh_CN")) == (english, chinese)


@pytest.mark.parametrize("text", ["", "open the apple", "put the fridge in the apple", "take the sofa"])
def test_an_unknown_instruction_is_refused(text):
    with pytest.raises(ValueError, match="unknown instruction"):
        parse(text)


def test_a_misspelt_instruction_gets_a_suggestion():
    with pytest.raises(ValueError, match="did you mean 'open the fridge'"):
        parse("open the frige")


@pytest.mark.parametrize("rooms", [2, 3, 4])
def test_instructions_name_only_what_the_house_has(rooms):
    house = plan(rooms)
    for instruction in instructions(house, ("cup",)):
        assert instruction.thing in ("", "cup")
        assert instruction.place in ("", *house.rooms, *house.places)
        assert instruction.place not in FURNITURE or FURNITURE[instruction.place].room in house.rooms

import pytest

from envs.household.floor_plan import plan
from envs.household.instructions import Instruction
from envs.household.scene import HAND, Act, HouseScene, fulfils, perform

HOUSE = plan(4)


def scene(here="kitchen", opened=(), **where):
    return HouseScene(here, tuple(where.items()), frozenset(opened))


@pytest.mark.parametrize(
    ("room", "ends"),
    [
        ("kitchen", ("kitchen", "hall", "study", "kitchen")),
        ("hall", ("hall", "hall", "bedroom", "kitchen")),
        ("bedroom", ("hall", "bedroom", "bedroom", "study")),
        ("study", ("kitchen", "bedroom", "study", "study")),
    ],
)
def test_doors_lead_from_room_to_room_in_a_ring_and_walls_stop(room, ends):
    for direction, end in enumerate(ends):
        assert perform(scene(room), HOUSE, Act("walk", direction=direction)).here == end


def test_a_held_thing_moves_with_the_agent():
    walked = perform(scene(apple=HAND), HOUSE, Act("walk", direction=1))
    assert (walked.here, walked.held) == ("hall", "apple")


def test_nothing_goes_into_or_out_of_closed_furniture():
    closed = scene(apple="fridge", cup=HAND)
    assert perform(closed, HOUSE, Act("take", "apple")) == closed
    assert perform(closed, HOUSE, Act("put", "fridge")) == closed
    opened = perform(closed, HOUSE, Act("open", "fridge"))
    assert perform(opened, HOUSE, Act("put", "fridge")).place("cup") == "fridge"
    assert perform(opened, HOUSE, Act("take", "apple")).held == "apple"


@pytest.mark.parametrize(
    "act", [Act("open", "fridge"), Act("close", "fridge"), Act("take", "apple"), Act("put", "basket")]
)
def test_nothing_in_another_room_can_be_reached(act):
    away = scene("hall", apple="kitchen", cup=HAND, opened=("fridge",) if act.kind == "close" else ())
    assert perform(away, HOUSE, act) == away


def test_taking_a_second_thing_lays_down_the_first():
    taken = perform(scene(apple="kitchen", cup=HAND), HOUSE, Act("take", "apple"))
    assert (taken.held, taken.place("cup")) == ("apple", "kitchen")


def test_a_closed_fridge_cools_its_contents_for_good():
    before = scene(milk="fridge", cup="kitchen", opened=("fridge",))
    closed = perform(before, HOUSE, Act("close", "fridge"))
    assert closed.cold == {"milk"}
    out = perform(perform(closed, HOUSE, Act("open", "fridge")), HOUSE, Act("take", "milk"))
    assert out.cold == {"milk"}


def test_things_are_washed_in_the_hand_and_in_the_kitchen():
    assert perform(scene(cup=HAND), HOUSE, Act("wash")).clean == {"cup"}
    for other in (scene("hall", cup=HAND), scene(cup="kitchen")):
        assert perform(other, HOUSE, Act("wash")) == other


@pytest.mark.parametrize(
    ("before", "act", "instruction"),
    [
        (scene(), Act("walk", direction=1), Instruction("go", place="hall")),
        (scene(), Act("open", "fridge"), Instruction("open", place="fridge")),
        (scene(opened=("fridge",)), Act("close", "fridge"), Instruction("close", place="fridge")),
        (scene(cup="kitchen"), Act("take", "cup"), Instruction("take", "cup")),
        (scene("hall", cup=HAND), Act("put", "table"), Instruction("put", "cup", "table")),
        (scene(cup=HAND), Act("wash"), Instruction("wash", "cup")),
        (scene(cup="fridge", opened=("fridge",)), Act("close", "fridge"), Instruction("cool", "cup")),
        (
            HouseScene("hall", (("cup", HAND),), cold=frozenset({"cup"})),
            Act("put", "table"),
            Instruction("serve", "cup"),
        ),
    ],
    ids=str,
)
def test_an_instruction_is_fulfilled_by_its_act_and_not_before(before, act, instruction):
    assert not fulfils(before, instruction)
    assert fulfils(perform(before, HOUSE, act), instruction)


def test_a_scene_survives_serialisation():
    before = HouseScene("hall", (("cup", HAND), ("milk", "fridge")), frozenset({"drawer"}), frozenset({"milk"}))
    assert HouseScene.from_data(before.as_data()) == before

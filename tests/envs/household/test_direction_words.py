from itertools import permutations

from envs.household.direction_words import HOUSES, MEMBERS, cosets, house


def test_the_family_has_every_permutation_of_the_four_words():
    assert sorted(MEMBERS) == sorted(permutations(range(4)))
    assert house("words", 5).meanings == MEMBERS[5]


def test_cosets_partition_the_family_into_six_groups_of_four():
    assert len(cosets()) == 6
    assert sorted(member for group in cosets() for member in group) == list(range(24))
    assert {len(group) for group in cosets()} == {4}


def test_within_a_coset_each_word_leads_in_each_direction_once():
    for group in cosets():
        for word in range(4):
            assert {MEMBERS[member][word] for member in group} == {0, 1, 2, 3}


def test_a_coset_is_closed_under_rotation_of_the_house():
    for group in cosets():
        for member in group:
            turned = tuple((direction + 1) % 4 for direction in MEMBERS[member])
            assert MEMBERS.index(turned) in group


def test_mirror_reverses_every_word_and_turned_rotates_it_by_a_quarter():
    plain = HOUSES["plain"].meanings
    assert HOUSES["mirror"].meanings == tuple((direction + 2) % 4 for direction in plain)
    assert HOUSES["turned"].meanings == tuple((direction + 1) % 4 for direction in plain)

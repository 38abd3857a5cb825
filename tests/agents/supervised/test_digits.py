import pytest
import torch

from agents.supervised.digits import CLASSES, SEQUENCES, TEST, permuted, split


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_sequence_is_determined_by_its_seed(sequence):
    first, repeated, other = (SEQUENCES[sequence](seed, validation=False) for seed in (0, 0, 1))
    assert all(torch.equal(one.train.images, two.train.images) for one, two in zip(first, repeated, strict=True))
    assert not all(torch.equal(one.held_out.images, two.held_out.images) for one, two in zip(first, other, strict=True))


def test_permuted_tasks_show_the_same_images_in_other_orders():
    tasks = permuted(0, validation=False)
    brightness = [task.train.images.sum(dim=1) for task in tasks]
    assert all(torch.equal(brightness[0], other) for other in brightness[1:])
    assert not torch.equal(tasks[0].train.images, tasks[1].train.images)


def test_split_tasks_have_each_digit_exactly_once():
    tasks = split(0, validation=False)
    assert sorted(digit for task in tasks for digit in task.menu) == list(range(CLASSES))
    assert all(set(task.train.labels.tolist()) == {0, 1} for task in tasks)


@pytest.mark.parametrize("validation", [True, False])
def test_held_out_images_are_not_trained_on(validation):
    task = permuted(3, validation=validation)[0]
    training = {tuple(image) for image in task.train.images.tolist()}
    assert not training & {tuple(image) for image in task.held_out.images.tolist()}


def test_validation_images_are_not_test_images():
    tests = {tuple(sorted(image)) for image in permuted(0, validation=False)[0].held_out.images.tolist()}
    validation_images = {tuple(sorted(image)) for image in permuted(100, validation=True)[0].held_out.images.tolist()}
    assert len(tests) >= 0.99 * TEST
    assert not tests & validation_images

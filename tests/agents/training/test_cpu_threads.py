import os

import pytest
import torch
from torch import nn

from agents.config import RunConfig
from agents.events import Updated
from agents.training.cpu_threads import LARGE, VARIABLE, allowed, threads_for
from agents.training.trainer import Trainer
from envs.curriculum import Stage


class Sized(nn.Module):
    """A module with that many trained and frozen weights, which take no memory."""

    def __init__(self, learned, frozen):
        super().__init__()
        self.learned = nn.Parameter(torch.zeros(learned, device="meta"))
        self.register_buffer("frozen", torch.zeros(frozen, device="meta"))


@pytest.mark.parametrize(
    ("learned", "frozen", "threads"), [(1, 1, 1), (LARGE - 1, 0, 1), (LARGE, 0, 3), (1, LARGE, 3), (0, 0, 1)]
)
def test_a_large_model_gets_every_thread_and_a_small_one_a_single_one(learned, frozen, threads, monkeypatch):
    monkeypatch.setenv(VARIABLE, "3")
    assert threads_for(Sized(learned, frozen)) == threads


@pytest.mark.parametrize("limit", ["", "many", "0"])
def test_the_default_limit_is_this_process_own_cores(limit, monkeypatch):
    monkeypatch.setenv(VARIABLE, limit)
    assert 1 <= allowed() <= (os.cpu_count() or 1)


def test_a_run_sets_its_threads_itself(monkeypatch):
    monkeypatch.setattr("agents.training.trainer.threads_for", lambda policy: 2)
    trainer = Trainer(RunConfig(stages=(Stage(task="household/go-to", steps=64),)).changed({"learning.n_steps": 1}))
    before = torch.get_num_threads()
    try:
        assert any(isinstance(event, Updated) for event in trainer.run())
        assert torch.get_num_threads() == 2
        assert trainer.saved()["origin"]["threads"] == "2"
    finally:
        torch.set_num_threads(before)

"""A pretrained model on its way: told step by step, held until the run is made, and stopped at any moment."""

import gc
import sys
from contextlib import closing

import psutil
import pytest

pytest.importorskip("transformers", reason="the extra llm is not installed")

from agents.benchmarks.reference.random_models import draw_model
from agents.commands import Stop
from agents.config.agent import ModelConfig, PretrainedConfig
from agents.errors import BadInput
from agents.language import lora_base
from agents.models import load_progress
from app.runs.model_loading import load_events, until_here
from app.runs.trainer_thread import TrainerThread


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw_model(tmp_path_factory.mktemp("llama"))


def test_a_model_stays_loaded_until_the_run_that_waits_for_it_is_made(folder):
    with closing(load_events(PretrainedConfig(source=str(folder), dtype="bfloat16"))) as model:
        assert {told.phase for told in until_here(model)} == {"loading"}
        assert [kept for kept in lora_base._read if str(kept[1]) == "torch.bfloat16"]
    gc.collect()
    assert not [kept for kept in lora_base._read if str(kept[1]) == "torch.bfloat16"]


def test_a_built_in_model_is_not_waited_for():
    assert list(load_events(ModelConfig())) == list(load_events(None)) == []


def test_what_cannot_be_had_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="there is no folder"):
        list(load_events(PretrainedConfig(source=str(tmp_path / "none"))))


def sleeping(pids):
    """A child that sleeps for a minute, in place of one that fetches or converts."""
    code = "import os, sys, time; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); time.sleep(60)"
    return load_progress.run_child(
        [sys.executable, "-c", code, str(pids)], {}, 60, lambda: load_progress.LoadProgress("converting")
    )


def is_alive(pids):
    return psutil.pid_exists(int(pids.read_text())) and psutil.Process(int(pids.read_text())).status() != "zombie"


def test_whoever_stops_waiting_ends_the_child(tmp_path):
    pids = tmp_path / "pid"
    with closing(sleeping(pids)) as way:
        while not pids.exists() or not pids.read_text():
            assert next(way).phase == "converting"
        assert is_alive(pids)
    assert not is_alive(pids)


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(load_progress.subprocess.TimeoutExpired):
        list(load_progress.run_child([sys.executable, "-c", "import time; time.sleep(60)"], {}, 0.0, lambda: None))


def test_stop_ends_a_run_whose_model_is_still_arriving(qtbot, tmp_path, monkeypatch):
    pids, told = tmp_path / "pid", []
    monkeypatch.setattr("app.runs.trainer_thread.load_events", lambda model: sleeping(pids))
    thread = TrainerThread(lambda: pytest.fail("the run was made"), model=PretrainedConfig())
    thread.arrived.connect(told.append)
    thread.start()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    with qtbot.waitSignal(thread.over, timeout=20_000):
        thread.put(Stop())
    assert {arrived.phase for arrived in told} == {"converting"}
    assert not is_alive(pids)
    thread.deleteLater()

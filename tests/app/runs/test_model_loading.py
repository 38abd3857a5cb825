"""Loading a pretrained model: it reports progress, holds the model until the run is created, and can be stopped."""

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
from app.runs.model_loading import load_events, until_loaded
from app.runs.trainer_thread import TrainerThread


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return draw_model(tmp_path_factory.mktemp("llama"))


def test_a_model_stays_loaded_until_the_generator_is_closed(folder):
    with closing(load_events(PretrainedConfig(source=str(folder), dtype="bfloat16"))) as model:
        assert {report.phase for report in until_loaded(model)} == {"loading"}
        assert [entry for entry in lora_base._loaded_models if str(entry[1]) == "torch.bfloat16"]
    gc.collect()
    assert not [entry for entry in lora_base._loaded_models if str(entry[1]) == "torch.bfloat16"]


def test_a_built_in_model_reports_no_progress():
    assert list(load_events(ModelConfig())) == list(load_events(None)) == []


def test_a_missing_model_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="there is no folder"):
        list(load_events(PretrainedConfig(source=str(tmp_path / "none"))))


def sleeping_child(pids):
    """Run a child process that sleeps for a minute, instead of one that downloads or converts a model."""
    code = "import os, sys, time; print(os.getpid(), file=open(sys.argv[1], 'w'), flush=True); time.sleep(60)"
    return load_progress.run_child(
        [sys.executable, "-c", code, str(pids)], {}, 60, lambda: load_progress.LoadProgress("converting")
    )


def is_alive(pids):
    return psutil.pid_exists(int(pids.read_text())) and psutil.Process(int(pids.read_text())).status() != "zombie"


def test_closing_the_generator_ends_the_child(tmp_path):
    pids = tmp_path / "pid"
    with closing(sleeping_child(pids)) as progress:
        while not pids.exists() or not pids.read_text():
            assert next(progress).phase == "converting"
        assert is_alive(pids)
    assert not is_alive(pids)


def test_a_child_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(load_progress.subprocess.TimeoutExpired):
        list(load_progress.run_child([sys.executable, "-c", "import time; time.sleep(60)"], {}, 0.0, lambda: None))


def test_stop_ends_a_run_whose_model_is_still_loading(qtbot, tmp_path, monkeypatch):
    pids, reports = tmp_path / "pid", []
    monkeypatch.setattr("app.runs.trainer_thread.load_events", lambda model: sleeping_child(pids))
    thread = TrainerThread(lambda: pytest.fail("the run was made"), model=PretrainedConfig())
    thread.load_progressed.connect(reports.append)
    thread.start()
    qtbot.waitUntil(lambda: bool(reports), timeout=20_000)
    with qtbot.waitSignal(thread.ended, timeout=20_000):
        thread.put(Stop())
    assert {report.phase for report in reports} == {"converting"}
    assert not is_alive(pids)
    thread.deleteLater()

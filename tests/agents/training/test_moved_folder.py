"""A run whose folder is moved during training waits, and continues when the folder is put back."""

import shutil

from agents.commands import Resume
from agents.config import RunConfig
from agents.config.learning import CheckpointConfig, EvaluationConfig, LearningConfig
from agents.events import RunFinished, StorageFault
from agents.store.run_store import RunStore
from agents.training.prepared_run import start
from envs.curriculum import Stage

CONFIG = RunConfig(
    stages=(Stage(task="household/go-to", steps=512),),
    learning=LearningConfig(n_envs=8, n_steps=8),
    evaluation=EvaluationConfig(n_eval_episodes=1, eval_freq=0),
    checkpoint=CheckpointConfig(save_steps=128, max_time_share=1),
)


def test_a_run_waits_for_its_folder_and_never_makes_another(tmp_path):
    prepared = start(RunStore(tmp_path / "runs"), CONFIG)
    folder, away = prepared.run.folder, tmp_path / "away"
    faults, finished = [], None
    for event in prepared.events:
        if event.step == 192 and not away.exists() and not faults:
            shutil.move(folder, away)
        if isinstance(event, StorageFault):
            faults.append(event)
            assert not folder.exists()
            shutil.move(away, folder)
            prepared.trainer.commands.put(Resume())
        finished = event
    assert isinstance(finished, RunFinished)
    assert finished.reason == "done"
    assert "the run's folder has been moved or deleted; put it back" in faults[0].arguments["error"]
    assert len(faults) == 1
    assert RunStore(tmp_path / "runs").find(prepared.run.id).state == "done"

"""A scripted run without an agent: it yields real events one by one, and obeys commands."""

import time
from queue import Empty, SimpleQueue
from types import SimpleNamespace

import pytest

from agents.commands import Pause, Resume, SingleStep, Stop
from agents.config import RunConfig
from agents.events import (
    CommandApplied,
    EpisodeFinished,
    Evaluated,
    Progress,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
)
from agents.runtime.mailbox import Mailbox
from agents.runtime.stall import Heartbeat
from envs.curriculum import Stage, distinct_tasks

GO_TO = Stage(id="a", task="household/go-to", steps=2_000)
MIRROR = Stage(id="b", task="mirror/go-to", steps=2_000)
CONFIG = RunConfig(name="Two houses", seed=7, stages=(GO_TO, MIRROR))


class ScriptedRun:
    """Yields the events of `steps` steps of the first stage, and can be paused."""

    def __init__(self, config, steps=200, error=None, folder=None):
        self.config, self.steps, self.error = config, steps, error
        self.run = SimpleNamespace(folder=folder, name="scripted", abandon=lambda: None)
        self.trainer = SimpleNamespace(commands=SimpleQueue(), snapshots=Mailbox(), heartbeat=Heartbeat())
        self.trainer.heartbeat.phase = "acting"
        self.events = self.generate()
        self.obeyed, self.closed = [], False

    def recall(self):
        return None

    def generate(self):
        try:
            yield from self.begin()
            for step in range(1, self.steps + 1):
                time.sleep(0.001)
                yield Progress(step=step, index=0, phase="acting")
                yield EpisodeFinished(step=step, index=0, task_id=0, reward=1.0, score=1.0, length=4)
                if (yield from self.obey(step)):
                    break
            if self.error:
                raise self.error
            yield StageFinished(step=step, index=0, reason="stopped")
            yield Evaluated(step=step, index=0, scores=(1.0, 0.2), final=True)
            yield RunFinished(step=step, reason="done")
        finally:
            self.closed = True

    def begin(self):
        stage = self.config.stages[0]
        yield RunStarted(step=0, config=self.config, agent={"weights": 3, "device": "cpu"})
        yield TasksChanged(step=0, tasks=distinct_tasks(self.config.stages))
        yield Evaluated(step=0, index=-1, scores=(0.1, 0.1), final=True)
        yield StageStarted(step=0, index=0, task_id=0, stage=stage)

    def obey(self, step):
        """Apply the queued commands; return whether to stop."""
        paused, commands = False, self.trainer.commands
        while True:
            try:
                command = commands.get(timeout=10) if paused else commands.get_nowait()
            except Empty:
                return False
            self.obeyed.append(command)
            yield CommandApplied(step=step, command=command)
            if isinstance(command, Stop):
                return True
            paused = isinstance(command, Pause | SingleStep) or (paused and not isinstance(command, Resume))
            if isinstance(command, SingleStep):
                return False


@pytest.fixture
def config():
    return CONFIG


@pytest.fixture
def scripted():
    """Creates runs that need no agent; `created` lists them."""

    class Scripts:
        def __init__(self):
            self.created = []

        def __call__(self, config=CONFIG, folder=None, **options):
            run = ScriptedRun(config, folder=folder, **options)
            self.created.append(run)
            return run

    return Scripts()


@pytest.fixture
def tiny():
    """The config of a real run that takes seconds."""
    stages = tuple(stage.model_copy(update={"steps": 128}) for stage in (GO_TO, MIRROR))
    return RunConfig.model_validate(
        {
            "name": "Tiny",
            "stages": stages,
            "learning": {"n_envs": 8, "n_steps": 8},
            "algorithm": {"name": "ppo", "n_epochs": 1, "batch_size": 64},
            "evaluation": {"n_eval_episodes": 4, "eval_freq": 0},
            "memory": {"buffer_size": 32},
        }
    )


@pytest.fixture
def window(qtbot, tmp_path, scripted, config):
    """The whole window, whose runs need no agent and last until they are stopped."""
    # imported here, so that the tests of the command line need no Qt
    from app.diagnostics.log_file import LogFile
    from app.session.session import Session
    from app.window.appearance import Appearance
    from app.window.connections import open_window
    from app.window.settings import Settings

    settings = Settings(tmp_path / "config")
    appearance = Appearance(settings)
    appearance.begin("dark", "en")
    session = Session(tmp_path / "runs", prepare=lambda plan, runs: scripted(plan, steps=10**6))
    log = LogFile(tmp_path / "log", session)
    instance = open_window(session, settings, appearance, log)
    session.load(config)
    with qtbot.waitExposed(instance):
        instance.show()
    yield instance
    session.reset()
    session.curriculum.mark_saved()
    instance.close()
    appearance.choose_language("en")
    appearance.choose_theme("dark")
    log.close()
    instance.deleteLater()
    session.deleteLater()


@pytest.fixture
def session(qtbot, tmp_path, scripted, config):
    """A session whose runs are scripted; `notices` lists its notices."""
    # the viewer is not started: these tests need no pictures, and need not import Torch
    from app.session.session import Session

    instance = Session(tmp_path / "runs", prepare=lambda plan, runs: scripted(plan, steps=10**6))
    instance.load(config)
    instance.notices = []
    instance.noticed.connect(instance.notices.append)
    yield instance
    instance.close()
    instance.deleteLater()

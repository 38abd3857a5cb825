"""The real window, used with a simulated mouse and keyboard."""

from agents.commands import EditCurriculum
from agents.events import CommandApplied
from agents.store.run_store import RunStore


def test_a_stage_is_added_the_run_started_a_task_swapped_and_the_window_closed(lab, tmp_path):
    seen = lab.see()
    lab.drag(seen["tasks"]["household/open"], seen["end of the track"])
    seen = lab.wait_for(lambda seen: len(seen["clips"]) == 3)
    assert seen["stages"] == ["household/go-to", "mirror/go-to", "household/open"]

    lab.press("space")
    seen = lab.wait_for(lambda seen: seen["state"] == "running" and seen["step"] > 0)

    lab.click(seen["clips"][-1], button=3)
    lab.choose("Swap for", "Household", "Take")
    lab.wait_for(lambda seen: seen["stages"][-1] == "household/take")

    lab.press("alt+F4")  # openbox asks the window to close
    lab.answer("Keep it running")
    learned = lab.wait_for(lambda seen: not seen["question"])["step"]
    lab.wait_for(lambda seen: seen["state"] == "running" and seen["step"] > learned)

    lab.press("shift+space")
    lab.wait_for(lambda seen: seen["state"] == "stored")
    lab.press("alt+F4")
    lab.answer("Don't save")
    assert lab.process.wait(timeout=30) == 0

    (run,) = RunStore(tmp_path / "runs")
    story = run.story()
    assert story.finished.reason == "stopped"
    assert [stage.task for stage in story.config.stages] == ["household/go-to", "mirror/go-to", "household/open"]
    (edit,) = [event for event in run.replay() if isinstance(event, CommandApplied) and is_edit(event)]
    assert [stage.task for stage in edit.command.stages] == ["household/go-to", "mirror/go-to", "household/take"]
    assert 0 < edit.step <= story.step


def is_edit(event):
    return isinstance(event.command, EditCurriculum)

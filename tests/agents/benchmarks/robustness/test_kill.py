"""A killed run loses nothing that is stored, and the control detects a writer that does."""

from agents.benchmarks.robustness import kill


def test_two_kills_meet_all_goals(monkeypatch):
    small = tuple(stage.model_copy(update={"steps": 2_048}) for stage in kill.CONFIG.stages)
    monkeypatch.setattr(kill, "CONFIG", kill.CONFIG.model_copy(update={"stages": small}))
    monkeypatch.setattr(kill, "LONGEST", 0.5)
    figures = {figure.name: figure for figure in kill.measure(kills=2)}
    control = figures.pop("checkpoints that a naive writer loses (control)")
    assert [name for name, figure in figures.items() if not figure.holds] == []
    assert control.unit == "of 2"


def test_one_of_a_few_naive_writers_leaves_a_damaged_file(tmp_path):
    rng = kill.np.random.default_rng(0)
    assert any(kill._is_damaged_in_place(tmp_path / "x.safetensors", rng) for _ in range(20))

"""The benchmark of resuming finds a run the same, and every part of its state missed."""

from agents.benchmarks import resume


def test_a_short_measurement_holds(monkeypatch):
    small = tuple(stage.model_copy(update={"steps": 320}) for stage in resume.STAGES)
    monkeypatch.setattr(resume, "STAGES", small)
    figures = resume.measure(points=2)
    assert [figure.name for figure in figures if not figure.holds] == []
    assert len(figures) == len(resume.names(resume.STRATEGIES)) + len(resume.BODIES) + 2

"""A resumed run is identical, and a reset of any part of its state is noticed."""

from agents.benchmarks.robustness import resume


def test_a_short_measurement_holds(monkeypatch):
    small = tuple(stage.model_copy(update={"steps": 320}) for stage in resume.STAGES)
    monkeypatch.setattr(resume, "STAGES", small)
    monkeypatch.setattr(resume, "names", lambda table: ("naive", "replay"))  # test_exact_resume.py tests the others
    monkeypatch.setattr(resume, "BODIES", {"dqn": resume.BODIES["dqn"]})
    figures = resume.measure(points=2)
    assert [figure.name for figure in figures if not figure.holds] == []
    assert len(figures) == len(("naive", "replay", resume.PAIR, "dqn", "controls"))

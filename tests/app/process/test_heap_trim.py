from app.process import heap_trim
from app.process.heap_trim import HeapTrimAfterRuns
from app.session.session import Session


def test_memory_is_given_back_when_a_run_is_over_and_not_before(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(heap_trim, "REST", 20)
    session = Session(tmp_path / "runs")
    spare = HeapTrimAfterRuns(session)
    session.state_changed.emit("running")
    assert not spare._rest.isActive()
    session.state_changed.emit("stored")
    assert spare._rest.isActive()
    session.state_changed.emit("preparing")
    assert not spare._rest.isActive()
    session.close()
    session.deleteLater()

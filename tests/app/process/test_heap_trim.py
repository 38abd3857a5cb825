from app.process import heap_trim
from app.process.heap_trim import HeapTrimAfterRuns
from app.session.session import Session


def test_memory_is_returned_only_when_no_run_is_active(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(heap_trim, "IDLE_DELAY", 20)
    session = Session(tmp_path / "runs")
    trim = HeapTrimAfterRuns(session)
    session.state_changed.emit("running")
    assert not trim._idle_timer.isActive()
    session.state_changed.emit("stored")
    assert trim._idle_timer.isActive()
    session.state_changed.emit("preparing")
    assert not trim._idle_timer.isActive()
    session.close()
    session.deleteLater()

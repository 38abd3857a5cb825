import pytest
from PySide6.QtWidgets import QWidget

from widgets.notice_bar import NoticeBar


@pytest.fixture
def bar(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 400)
    host.show()
    return NoticeBar(host)


def test_good_news_goes_by_itself_and_a_problem_stays(qtbot, bar):
    bar._passing.setInterval(20)
    bar.say("Saved")
    assert bar.isVisible()
    qtbot.waitUntil(lambda: not bar.isVisible())
    bar.say("Broken", is_problem=True)
    qtbot.wait(80)
    assert bar.isVisible()
    bar._close.click()
    assert not bar.isVisible()


def test_it_stays_inside_its_host_whatever_the_size_and_the_text(bar):
    bar.say("a long line that says what is wrong and how to mend it " * 6, is_problem=True)
    for width in (400, 1200, 2500):
        bar.parentWidget().resize(width, 300)
        bar._place()
        assert bar.parentWidget().rect().contains(bar.geometry())
        assert bar.text.heightForWidth(bar.text.width()) <= bar.height()

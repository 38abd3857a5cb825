import pytest
from PySide6.QtWidgets import QAbstractButton, QWidget

from widgets.shell.notice_bar import NoticeBar
from widgets.style.catalogue import LanguageSwitcher
from widgets.style.translation import tr


@pytest.fixture
def bar(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 400)
    host.show()
    return NoticeBar(host)


def test_good_news_goes_by_itself_and_a_problem_stays(qtbot, bar):
    bar._passing.setInterval(20)
    bar.show_text("Saved")
    assert bar.isVisible()
    qtbot.waitUntil(lambda: not bar.isVisible())
    bar.show_text("Broken", is_problem=True)
    qtbot.wait(80)
    assert bar.isVisible()
    bar._close.click()
    assert not bar.isVisible()


def test_it_stays_inside_its_host_whatever_the_size_and_the_text(bar):
    bar.show_text("a long line that says what is wrong and how to mend it " * 6, is_problem=True)
    for width in (400, 1200, 2500):
        bar.parentWidget().resize(width, 300)
        bar._place()
        assert bar.parentWidget().rect().contains(bar.geometry())
        assert bar.text.heightForWidth(bar.text.width()) <= bar.height()


def test_a_notice_before_the_window_is_shown_is_also_at_its_bottom(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(100, 30)
    bar = NoticeBar(host)
    bar.show_text("The draft is here again")
    host.resize(900, 400)
    host.show()
    assert host.rect().contains(bar.geometry())
    assert bar.geometry().center().x() == pytest.approx(450, abs=1)


@pytest.fixture
def interpreter(qapp):
    speaking = LanguageSwitcher()
    yield speaking
    speaking.switch_to("en")


def test_what_is_shown_follows_the_language_with_its_places_filled_in(qtbot, bar, interpreter):
    inner = tr("Go on")
    bar.offer(tr("Saved to {path}", path=inner), {"go on": inner, "later": tr("Not now")})
    interpreter.switch_to("zh_CN")
    qtbot.waitUntil(lambda: bar.text.text() == "已保存到 继续")
    assert [button.text() for button in bar._choices] == ["继续", "以后再说"]
    assert bar.accessibleName() == bar.text.text()
    bar.show_text("a fault that nobody translates", is_problem=True)
    interpreter.switch_to("en")
    assert bar.text.text() == "a fault that nobody translates"


def test_every_button_is_large_enough_for_a_finger(dressed, bar):
    bar.offer("An offer", {"yes": "Go on", "no": "Not now"})
    for button in bar.findChildren(QAbstractButton):
        assert (button.width() >= 44, button.height() >= 44) == (True, True), button.text()

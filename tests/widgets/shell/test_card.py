import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton, QWidget

from widgets.panel import Panel
from widgets.shell.card import Card, CardTab, Elided, TitleRow


class Quiet(Panel):
    def __init__(self, parent=None):
        super().__init__(parent)
        self.button = QToolButton(self)

    def header_widgets(self):
        return [self.button]

    def subtitle(self):
        return "a quiet remark that can be long"


@pytest.fixture
def docks(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(600, 300)
    window.cards = [Card(name.lower(), name, Quiet(), window) for name in ("One", "Two")]
    for card in window.cards:
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, card)
    window.tabifyDockWidget(*window.cards)
    for card in window.cards:
        card.set_stack(window.cards)
    window.cards[0].raise_()
    window.show()
    return window


def tabs(card):
    return [tab for tab in card.row.findChildren(QToolButton) if tab.objectName() == "CardTab"]


def test_the_controls_of_a_panel_lie_in_its_title_row(docks):
    assert docks.cards[0].panel.button.parentWidget() is docks.cards[0].row


def test_cards_that_share_a_place_are_named_in_each_others_row(docks):
    for place, card in enumerate(docks.cards):
        assert [tab.text() for tab in tabs(card)] == ["One", "Two"]
        assert [tab.isChecked() for tab in tabs(card)] == [place == 0, place == 1]


def test_pressing_a_name_brings_that_card_to_the_top(qtbot, docks):
    qtbot.mouseClick(tabs(docks.cards[0])[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not docks.cards[1].visibleRegion().isEmpty())
    assert [tab.isChecked() for tab in tabs(docks.cards[0])] == [True, False]


def test_the_arrow_keys_go_from_name_to_name_and_keep_the_keyboard_there(qtbot, docks):
    docks.cards[0].enter()
    one, two = docks.cards
    for here, key, there in ((one, Qt.Key.Key_Right, two), (two, Qt.Key.Key_Left, one)):
        qtbot.waitUntil(here.row.has_focus)
        qtbot.keyClick(docks.focusWidget(), key)
        qtbot.waitUntil(lambda card=there: not card.visibleRegion().isEmpty())
        qtbot.waitUntil(lambda card=there: docks.focusWidget() in tabs(card))


def test_a_name_comes_before_its_controls_and_only_where_there_is_a_choice(docks):
    card = docks.cards[0]
    assert tabs(card)[0].nextInFocusChain() in (tabs(card)[1], card.panel.button)
    card.set_stack(docks.cards[:1])
    assert tabs(card)[0].focusPolicy() == Qt.FocusPolicy.NoFocus
    card.set_stack(docks.cards)
    assert tabs(card)[0].focusPolicy() == Qt.FocusPolicy.TabFocus


def test_a_card_that_is_alone_again_names_only_itself(docks):
    docks.cards[0].set_stack(docks.cards[:1])
    assert [tab.text() for tab in tabs(docks.cards[0]) if not tab.isHidden()] == ["One"]


def test_a_name_whose_card_went_while_it_was_pressed_does_nothing(docks):
    one = docks.cards[0]
    pressed = tabs(one)[1]
    one.set_stack([one])
    pressed.click()
    assert one.isVisible()


def test_text_that_does_not_fit_is_elided_and_whole_in_its_tooltip(qtbot):
    label = Elided()
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.set_full_text("a remark that is much too long")
    label.show()
    assert label.text().endswith("…")
    assert label.toolTip() == "a remark that is much too long"
    label.resize(600, 20)
    assert label.toolTip() == ""


def test_statements_give_way_one_after_another_before_one_is_cut(qtbot):
    label = Elided()
    qtbot.addWidget(label)
    label.set_full_text("Mirror house · step 16,000 · episode 12")
    for shown in ("Mirror house · step 16,000", "Mirror house"):
        label.resize(label.fontMetrics().horizontalAdvance(shown) + 8, 20)
        label.show()
        assert (label.text(), label.toolTip()) == (shown, "Mirror house · step 16,000 · episode 12")
    label.resize(label.fontMetrics().horizontalAdvance("Mirror ho…") + 1, 20)
    assert label.text().startswith("Mirror h")
    assert label.text().endswith("…")


@pytest.mark.parametrize(("text", "stump"), [("Mirror house", "Mirr…"), ("镜像之家", "镜像…")])
def test_an_unrecognisable_rest_of_a_text_is_left_out(qtbot, text, stump):
    label = Elided()
    qtbot.addWidget(label)
    label.set_full_text(text)
    label.resize(label.fontMetrics().horizontalAdvance(stump) + 2, 20)
    label.show()
    assert (label.text(), label.toolTip()) == ("", text)


@pytest.fixture
def row(qtbot):
    """A title row in a window that leaves its size alone."""
    window = QWidget()
    qtbot.addWidget(window)
    row = TitleRow([QToolButton()], window)
    window.show()
    yield row
    window.close()


@pytest.mark.parametrize("width", range(60, 700, 40))
def test_names_without_room_are_in_a_menu_and_the_one_on_top_stays(row, width):
    titles = ["Remembering", "Why", "Memory", "Knowledge"]
    for on_top in range(len(titles)):
        row.set_titles(titles, on_top)
        row.resize(max(width, row.minimumSizeHint().width()), 44)
        QApplication.processEvents()
        shown = [tab for tab in row.findChildren(CardTab) if not tab.isHidden()]
        assert titles[on_top] in [tab.text() for tab in shown]
        row._more.menu().aboutToShow.emit()
        listed = [action.text() for action in row._more.menu().actions()]
        assert sorted([*(tab.text() for tab in shown), *listed]) == sorted(titles)
        assert row._more.isHidden() == (not listed)
        assert all(tab.width() >= tab.sizeHint().width() for tab in shown)


def test_a_name_from_the_menu_brings_its_card(qtbot, row):
    row.set_titles(["One", "Two"], 0)
    row.resize(row.minimumSizeHint().width(), 44)
    row._more.menu().aboutToShow.emit()
    with qtbot.waitSignal(row.chosen) as chosen:
        row._more.menu().actions()[0].trigger()
    assert chosen.args == [1]


def test_of_a_subtitle_no_single_letters_are_left(qtbot):
    label = Elided()
    qtbot.addWidget(label)
    label.set_full_text("the model of the next run")
    label.show()
    for width in range(4, 60):
        label.resize(width, 20)
        assert label.text() == "" or len(label.text()) > 3
        assert label.toolTip() == "the model of the next run"

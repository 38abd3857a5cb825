"""Proof: any benchmark measured in the background; goal, figure, control and verdict, and the curves behind them."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.panel import Panel
from widgets.proof.proof_board import ProofBoard, ProofRow
from widgets.proof.proof_curves import ProofCurves
from widgets.proof.proof_list import ProofList
from widgets.proof.proof_marks import MARKS
from widgets.proof.proof_table import ProofTable
from widgets.requests import RunBenchmark, StopBenchmark
from widgets.shell.card import Elided
from widgets.shell.empty_note import EmptyNote
from widgets.style.icons import icon
from widgets.style.numbers import clock
from widgets.style.panel_style import GAP, MARGIN, reparent
from widgets.style.text_metrics import scaled, set_placeholder
from widgets.style.translation import tr

_LIST = 152
"""Most of the width that the list takes, in type of normal size, in pixels."""


class ProofPanel(Panel):
    """The benchmarks at the left; at the right what the chosen one came to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = ProofBoard()
        self._typed: dict[str, str] = {}
        self.list, self.table, self.curves = ProofList(), ProofTable(), ProofCurves()
        self.options = QLineEdit(clearButtonEnabled=True)
        self.options.setFixedWidth(130)
        self.quick = QCheckBox()
        self.options.textEdited.connect(self._remember)
        self.options.returnPressed.connect(self._start)
        self.button = QToolButton()
        self.button.setProperty("flat", True)
        self.button.clicked.connect(self._press)
        self.question, self.remark, self.error = QLabel(wordWrap=True), Elided(), QLabel(wordWrap=True)
        self.error.setProperty("problem", True)
        self.tabs, self.pages = QTabBar(), QStackedWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.list.chosen.connect(self._choose)
        reparent(self.header_widgets(), self)
        self.setFocusProxy(self.list)
        self.retranslate()
        self.restyle()

    def header_widgets(self) -> list[QWidget]:
        """Whether to measure little, other options, and the button that measures or stops."""
        return [self.quick, self.options, self.button]

    def subtitle(self) -> str:
        """What is being measured."""
        if not self._board.running:
            return ""
        return tr("measuring {name}, {time}", name=self._board.running, time=clock(self._board.seconds))

    def show_board(self, board: ProofBoard) -> None:
        """Show how things stand."""
        self._board = board
        self.list.show_board(board)
        self._show()

    def retranslate(self) -> None:
        """Write every text again."""
        for place, text in enumerate((tr("Figures"), tr("Curves"))):
            self.tabs.setTabText(place, text)
        self.tabs.setAccessibleName(tr("Figures or curves"))
        self.list.setAccessibleName(tr("Benchmarks"))
        self.table.setAccessibleName(tr("Figures"))
        self.options.setAccessibleName(tr("Options of the benchmark"))
        self.quick.setText(tr("Quick look"))
        self.quick.setToolTip(tr("Measure little, to see that it works; such figures promise nothing"))
        self.curves.retranslate()
        self.table.redraw()
        self.show_board(self._board)

    def restyle(self) -> None:
        """Draw marks and curves in the colours of the theme, and the list in the size of its type."""
        self.list.setMaximumWidth(scaled(_LIST))
        self.list.doItemsLayout()
        self.curves.restyle()
        self.table.redraw()
        self.show_board(self._board)

    def _lay_out(self) -> None:
        for _ in range(2):
            self.tabs.addTab("")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for page in (self.table, self.curves):
            self.pages.addWidget(page)
        found = QWidget()
        inner = QVBoxLayout(found)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.tabs)
        inner.addWidget(self.pages, 1)
        detail = QWidget()
        self._note = EmptyNote(found, detail)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        for widget in (self.question, self.remark, self.error):
            right.addWidget(widget)
        right.addWidget(detail, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN - GAP, 0, MARGIN, MARGIN - GAP)
        layout.setSpacing(3 * GAP)
        layout.addWidget(self.list, 2)
        layout.addLayout(right, 3)

    def _choose(self, name: str) -> None:
        self.options.setText(self._typed.get(name, ""))
        self._show()

    def _remember(self, text: str) -> None:
        self._typed[self.list.name] = text

    def _show(self) -> None:
        row = self._board.row(self.list.name)
        self._offer()
        if row is None:
            self._note.reveal(content=False)
            return
        set_placeholder(self.options, tr("Other options"), tr("It takes {options}", options=row.hint))
        self.question.setText(tr(row.question))
        self.remark.set_full_text(self._said(row))
        self.error.setText(tr("The last measurement failed: {reason}", reason=row.error))
        self.error.setVisible(bool(row.error))
        self._note.say(_explained(is_running=row.name == self._board.running))
        self._note.reveal(content=row.result is not None)
        if row.result is not None:
            self.table.show_figures(row.result.figures)
            self.curves.show_charts(row.result.charts)
            self._offer_curves(has_some=bool(row.result.charts))

    def _offer_curves(self, *, has_some: bool) -> None:
        # not hidden: a tab that was hidden while nobody saw it does not come back by itself
        self.tabs.setTabEnabled(1, has_some)
        if not has_some:
            self.tabs.setCurrentIndex(0)

    def _said(self, row: ProofRow) -> str:
        """Say in a line how the measurement goes on, or what the last one came to."""
        if row.name == self._board.running:
            told = self._board.line or tr("It has said nothing yet")
            return f"{clock(self._board.seconds)} · {told}"
        if (result := row.result) is None:
            return ""
        held = sum(claim.verdict == "holds" for claim in result.claims)
        words = tr("{held} of {all} claims hold", held=held, all=len(result.claims))
        unpromised = MARKS["reported"].words
        told = words if result.claims else tr(unpromised)
        return " · ".join(part for part in (told, row.when, clock(result.seconds), result.options) if part)

    def _offer(self) -> None:
        running, name = self._board.running, self.list.name
        self.button.setIcon(icon("ph.stop" if running else "ph.play"))
        start, stop = tr("Measure {name} in the background", name=name), tr("Stop measuring {name}", name=running)
        told = stop if running else start
        self.button.setToolTip(told)
        self.button.setAccessibleName(told)
        self.button.setEnabled(bool(running or name))
        for part in (self.quick, self.options):
            part.setEnabled(not running)

    def _press(self) -> None:
        if self._board.running:
            self.requested.emit(StopBenchmark())
        else:
            self._start()

    def _start(self) -> None:
        if self.list.name and not self._board.running:
            options = f"--quick {self.options.text()}" if self.quick.isChecked() else self.options.text()
            self.requested.emit(RunBenchmark(self.list.name, options.strip()))


def _explained(*, is_running: bool) -> str:
    if is_running:
        return tr("Its figures appear here when it is done.")
    return tr(
        "Not measured yet. Play measures it in the background, some in seconds and some in hours: "
        "its figures appear here beside goals and controls."
    )

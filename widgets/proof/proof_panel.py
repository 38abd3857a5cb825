"""The proof panel: runs benchmarks in the background, and shows their figures, verdicts and learning curves."""

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
"""Maximum width of the list at normal type size, in pixels."""


class ProofPanel(Panel):
    """Shows the benchmarks at the left, and the result of the selected one at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = ProofBoard()
        self._typed: dict[str, str] = {}
        self.list, self.table, self.curves = ProofList(), ProofTable(), ProofCurves()
        self.options = QLineEdit(clearButtonEnabled=True)
        self.options.setFixedWidth(130)
        self.quick = QCheckBox()
        self.options.textEdited.connect(self._store_options)
        self.options.returnPressed.connect(self._start)
        self.button = QToolButton()
        self.button.setProperty("flat", True)
        self.button.clicked.connect(self._press)
        self.question, self.summary, self.error = QLabel(wordWrap=True), Elided(), QLabel(wordWrap=True)
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
        """Return the check box for a quick run, the options, and the button that starts or stops."""
        return [self.quick, self.options, self.button]

    def subtitle(self) -> str:
        """Return which benchmark is running, and for how long."""
        if not self._board.running:
            return ""
        return tr("measuring {name}, {time}", name=self._board.running, time=clock(self._board.seconds))

    def show_board(self, board: ProofBoard) -> None:
        """Show the state of all benchmarks."""
        self._board = board
        self.list.show_board(board)
        self._show()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        for index, text in enumerate((tr("Figures"), tr("Curves"))):
            self.tabs.setTabText(index, text)
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
        """Apply the theme to marks and curves, and the type size to the list."""
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
        results = QWidget()
        inner = QVBoxLayout(results)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addWidget(self.tabs)
        inner.addWidget(self.pages, 1)
        detail = QWidget()
        self._note = EmptyNote(results, detail)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        for widget in (self.question, self.summary, self.error):
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

    def _store_options(self, text: str) -> None:
        self._typed[self.list.name] = text

    def _show(self) -> None:
        row = self._board.row(self.list.name)
        self._update_button()
        if row is None:
            self._note.reveal(content=False)
            return
        set_placeholder(self.options, tr("Other options"), tr("It takes {options}", options=row.hint))
        self.question.setText(tr(row.question))
        self.summary.set_full_text(self._summary(row))
        self.error.setText(tr("The last measurement failed: {reason}", reason=row.error))
        self.error.setVisible(bool(row.error))
        self._note.set_text(_explanation(is_running=row.name == self._board.running))
        self._note.reveal(content=row.result is not None)
        if row.result is not None:
            self.table.show_figures(row.result.figures)
            self.curves.show_charts(row.result.charts)
            self._offer_curves(has_some=bool(row.result.charts))

    def _offer_curves(self, *, has_some: bool) -> None:
        # disabled, not hidden: a tab that was hidden while the panel was hidden does not reappear
        self.tabs.setTabEnabled(1, has_some)
        if not has_some:
            self.tabs.setCurrentIndex(0)

    def _summary(self, row: ProofRow) -> str:
        """Return the progress of the running benchmark, or the last result in one line."""
        if row.name == self._board.running:
            output = self._board.line or tr("No output yet")
            return f"{clock(self._board.seconds)} · {output}"
        if (result := row.result) is None:
            return ""
        passed = sum(claim.verdict == "holds" for claim in result.claims)
        claims = tr("{held} of {all} claims hold", held=passed, all=len(result.claims))
        without_claims = MARKS["reported"].text
        verdict = claims if result.claims else tr(without_claims)
        return " · ".join(part for part in (verdict, row.when, clock(result.seconds), result.options) if part)

    def _update_button(self) -> None:
        running, name = self._board.running, self.list.name
        self.button.setIcon(icon("ph.stop" if running else "ph.play"))
        start, stop = tr("Measure {name} in the background", name=name), tr("Stop measuring {name}", name=running)
        text = stop if running else start
        self.button.setToolTip(text)
        self.button.setAccessibleName(text)
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


def _explanation(*, is_running: bool) -> str:
    if is_running:
        return tr("Its figures appear here when it is done.")
    return tr(
        "Not measured yet. Play measures it in the background, some in seconds and some in hours: "
        "its figures appear here beside goals and controls."
    )

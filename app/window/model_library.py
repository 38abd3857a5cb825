"""Selectable models: listed and inspected in a background thread, and chosen for the next run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from agents.config import RunConfig
from agents.config.agent import AnyModelConfig
from agents.config.repair import repaired
from agents.models.catalogue import ModelChoice, choices, from_source
from agents.models.facts import model_facts
from app.runs.run_library import LibraryWorker
from app.session.session import Session
from widgets.requests import ExamineModel, FindModel, ListModels, ModelRequest, NameModel, UseModel
from widgets.style.translation import tr


class ModelLibrary(QObject):
    """Executes the requests of the models panel.

    Signals:
        listed: tuple[ModelChoice, ...], the selectable models.
        named: a `ModelChoice` that the user added.
        examined: the config of a model, and its `ModelFacts`.
    """

    listed = Signal(tuple)
    named = Signal(object)
    examined = Signal(object, object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._worker = LibraryWorker(self)
        self._worker.failed.connect(self._notify_problem)

    def execute(self, request: ModelRequest) -> None:
        """Execute a request of the panel."""
        match request:
            case ListModels():
                self.list_all()
            case ExamineModel(model=model):
                self.examine(model)
            case FindModel(kind=kind):
                self.find(kind)
            case NameModel(source=source):
                self.name(source)
            case UseModel(model=model):
                self.use(model)

    def list_all(self) -> None:
        """List all models, then examine each of them."""
        config = self._session.config
        self._worker.send(lambda: self._list(config))

    def examine(self, model: AnyModelConfig) -> None:
        """Read the facts about a model."""
        config = self._session.config
        self._worker.send(lambda: self._examine(model, config))

    def find(self, kind: Literal["folder", "file"]) -> None:
        """Ask for a model's folder or file, and add it to the list."""
        if kind == "folder":
            chosen = QFileDialog.getExistingDirectory(self._window, tr("Choose a folder with a model"))
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, tr("Choose a GGUF file"), str(Path.home()), tr("GGUF files (*.gguf)")
            )
        if chosen:
            self.name(chosen)

    def name(self, source: str) -> None:
        """Add a model to the list by its source: a folder, a file or a name of the hub."""
        self.named.emit(from_source(source, self._session.config.model))

    def use(self, model: AnyModelConfig) -> None:
        """Choose the model of the next run, with undo; change other settings that are incompatible with it."""
        before = self._session.config
        try:
            after, changes = repaired(before, {f"model.{key}": value for key, value in model.model_dump().items()})
        except ValueError as error:
            self._notify_problem(str(error))
            return
        self._session.reconfigure(after, changes)

    def close(self) -> None:
        """End the worker thread."""
        if self._worker.isRunning():
            self._worker.close()

    def _list(self, config: RunConfig) -> None:
        models: tuple[ModelChoice, ...] = choices(config.model)
        self.listed.emit(models)
        for choice in models:
            self._examine(choice.model, config)

    def _examine(self, model: AnyModelConfig, config: RunConfig) -> None:
        self.examined.emit(model, model_facts(config.model_copy(update={"model": model})))

    def _notify_problem(self, reason: str) -> None:
        self._session.notice(reason, is_problem=True)

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
    """Answers what the panel of models asks for.

    Signals:
        listed: tuple[ModelChoice, ...]: what there is.
        named: `ModelChoice`: one more, that a person named.
        examined: the settings of a model and its `ModelFacts`.
    """

    listed = Signal(tuple)
    named = Signal(object)
    examined = Signal(object, object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._library_worker = LibraryWorker(self)
        self._library_worker.failed.connect(self._complain)

    def obey(self, request: ModelRequest) -> None:
        """Do what the panel asks for."""
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
        """Look up what there is, and what each of them is like."""
        config = self._session.config
        self._library_worker.send(lambda: self._list(config))

    def examine(self, model: AnyModelConfig) -> None:
        """Look up what is known of a model."""
        config = self._session.config
        self._library_worker.send(lambda: self._examine(model, config))

    def find(self, kind: Literal["folder", "file"]) -> None:
        """Let the person choose a folder or a file, and put it on the list."""
        if kind == "folder":
            chosen = QFileDialog.getExistingDirectory(self._window, tr("Choose a folder with a model"))
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, tr("Choose a GGUF file"), str(Path.home()), tr("GGUF files (*.gguf)")
            )
        if chosen:
            self.name(chosen)

    def name(self, source: str) -> None:
        """Put a model on the list that a person named."""
        self.named.emit(from_source(source, self._session.config.model))

    def use(self, model: AnyModelConfig) -> None:
        """Let the next run have this model; that can be undone. Other parts are changed where none else fits."""
        before = self._session.config
        try:
            after, changes = repaired(before, {f"model.{key}": value for key, value in model.model_dump().items()})
        except ValueError as error:
            self._complain(str(error))
            return
        self._session.reconfigure(after, changes)

    def close(self) -> None:
        """End the reading thread."""
        if self._library_worker.isRunning():
            self._library_worker.dismiss()

    def _list(self, config: RunConfig) -> None:
        found: tuple[ModelChoice, ...] = choices(config.model)
        self.listed.emit(found)
        for choice in found:
            self._examine(choice.model, config)

    def _examine(self, model: AnyModelConfig, config: RunConfig) -> None:
        self.examined.emit(model, model_facts(config.model_copy(update={"model": model})))

    def _complain(self, reason: str) -> None:
        self._session.notice(reason, is_problem=True)

"""Episodic memory: a reservoir of lived moments for each task, and the source of replay."""

from __future__ import annotations

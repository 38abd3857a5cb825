"""Agents and runs as files that travel, read as what a stranger sent."""

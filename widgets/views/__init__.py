"""Widgets that several panels use: action bars, sentences, pictures, tables of entries."""

"""Pretrain the built-in model by next-token prediction on text from our own environments."""

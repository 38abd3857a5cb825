"""The training loop: stages, commands, checkpoints, start, resume and rollback."""

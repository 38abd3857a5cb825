"""Cards, notices, questions and dialogs: what stands around the panels."""

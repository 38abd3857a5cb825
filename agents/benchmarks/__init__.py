"""Published figures, reproduced by one command each. Free of Qt."""

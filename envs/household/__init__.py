"""Household worlds: one room, several rooms, their requests, rules and pictures."""

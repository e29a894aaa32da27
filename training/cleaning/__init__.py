"""Cleaning: what looks wrong in a data folder, written into a review file that a person edits and the trainer obeys."""

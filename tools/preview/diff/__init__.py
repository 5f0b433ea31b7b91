"""Compares a stack with the same stack at a git revision, or with another stack file."""

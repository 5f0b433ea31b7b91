"""Reads and checks a stack file."""

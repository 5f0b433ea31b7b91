"""Runs a fault-injection experiment in a cell, and says what was promised and what was seen."""

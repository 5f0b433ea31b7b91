"""Rolls a change through the cells of a fleet, one after another."""

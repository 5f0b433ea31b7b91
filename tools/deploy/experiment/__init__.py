"""Runs a fault-injection experiment in a cell, and prints its promises and the values seen."""

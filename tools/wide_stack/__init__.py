"""A stack file with every kind of app and pool, in any size, for benchmarks and tests."""

from tools.wide_stack.stack import POOLS, ZONES, write_wide

__all__ = ["POOLS", "ZONES", "write_wide"]

"""Checks that the claims of a stack hold in its account, without changing anything."""

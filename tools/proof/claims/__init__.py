"""The claims, a module for each group."""

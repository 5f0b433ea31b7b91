"""Replaces nodes zone by zone: creates new nodes, drains the old nodes, and deletes them."""

"""Pulumi ComponentResources of a cell."""

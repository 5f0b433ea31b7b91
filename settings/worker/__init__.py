"""The key ha-eks:workers: models."""

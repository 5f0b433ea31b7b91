"""Zonal autoshift, experiments and backups: one file or folder per section of the settings."""

from components.resilience.resilience import Resilience, ResilienceArgs

__all__ = ["Resilience", "ResilienceArgs"]

"""Runs `__main__.py` offline and records every resource that the program registers."""

from tools.recording.manifests import manifests
from tools.recording.record import record
from tools.recording.recording import Recording, RecordingError, Resource

__all__ = ["Recording", "RecordingError", "Resource", "manifests", "record"]

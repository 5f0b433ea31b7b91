"""Runs the real `__main__.py` offline and records what it registers."""

from tools.recording.manifests import manifests
from tools.recording.record import record
from tools.recording.recording import Recording, RecordingError, Resource

__all__ = ["Recording", "RecordingError", "Resource", "manifests", "record"]

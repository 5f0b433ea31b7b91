"""Runs `__main__.py` offline and records every resource that the program registers."""

from tools.recording.manifests import manifest, manifests, objects
from tools.recording.record import record
from tools.recording.recording import Recording, RecordingError, Resource, in_extension

__all__ = [
    "Recording", "RecordingError", "Resource", "in_extension", "manifest", "manifests", "objects",
    "record",
]  # fmt: skip

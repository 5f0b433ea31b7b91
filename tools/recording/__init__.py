"""Runs `__main__.py` offline and records every resource that the program registers."""

from tools.recording.manifests import manifests, objects, without_secrets
from tools.recording.record import record
from tools.recording.recording import Recording, RecordingError, Resource, in_extension

__all__ = [
    "Recording", "RecordingError", "Resource", "in_extension", "manifests", "objects", "record",
    "without_secrets",
]  # fmt: skip

"""Cache of recordings: each stack file is recorded once per test session.

The key is the content of the stack file and of its shared file. Recordings are cached in memory
and, for other test processes, in a folder that is removed at the end of the session.
"""

import gc
import hashlib
import itertools
import os
import pickle
import shutil
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from settings import files_of
from tools.recording import Recording, record
from tools.recording.garbage_collector import paused_collector
from tools.recording.manifests import Dumper
from tools.recording.record import ROOT

_VARIABLE = "HA_EKS_TEST_RECORDINGS"
"""Environment variable with the path of the folder, for test processes of the same session."""

_MAX_FROZEN = 200
"""Maximum number of recordings of a test process whose garbage stays in memory, about 1 GB."""
_recordings = itertools.count()


def begin_session() -> None:
    """Creates the folder, unless the session that started this process has already created it."""
    os.environ.setdefault(_VARIABLE, tempfile.mkdtemp(prefix="ha-eks-test-recordings-"))


def end_session() -> None:
    """Removes the folder."""
    shutil.rmtree(os.environ.pop(_VARIABLE))


def recorded(stack: str, root: Path = ROOT) -> Recording:
    """Returns the recording of `Pulumi.<stack>.yaml` in `root`. Do not modify the shared result."""
    files = files_of(root / f"Pulumi.{stack}.yaml")
    return _recorded(stack, tuple((file.name, file.read_bytes()) for file in files))


def recorded_config(stack: str, config: Mapping[str, Any]) -> Recording:
    """Returns the recording of a stack whose file has `config` below its key `config`."""
    content = yaml.dump({"config": config}, Dumper=Dumper).encode()
    return _recorded(stack, ((f"Pulumi.{stack}.yaml", content),))


def record_fast(stack: str, *, root: Path = ROOT) -> Recording:
    """Returns `record(stack, root=root)`, and leaves the garbage of the SDK in memory.

    A recording of prod leaves 18,000 objects in reference cycles, 5 MB with the recording itself.
    Finding and freeing them would take a tenth of the duration.
    """
    with paused_collector():
        recording = record(stack, root=root)
        if next(_recordings) < _MAX_FROZEN:
            gc.freeze()
    return recording


@lru_cache(maxsize=20)
def _recorded(stack: str, files: tuple[tuple[str, bytes], ...]) -> Recording:
    name = hashlib.sha256(b"\0".join([stack.encode(), *(each for _, each in files)])).hexdigest()
    folder = Path(os.environ[_VARIABLE]) / name
    with FileLock(f"{folder}.lock"):
        file = folder / "recording.pickle"
        if not file.exists():
            folder.mkdir(exist_ok=True)
            for file_name, content in files:
                (folder / file_name).write_bytes(content)
            recording = record_fast(stack, root=folder)
            temporary = folder / "new.pickle"
            temporary.write_bytes(pickle.dumps(recording))
            temporary.rename(file)
            return recording
        with paused_collector():
            return pickle.loads(file.read_bytes())

"""Recordings that tests share: each stack file is recorded once in a test session.

A recording is kept by the content of its stack file, in memory and for other test processes in a
folder that ends with the session.
"""

import hashlib
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

from tools.recording import Recording, record
from tools.recording.record import ROOT

_VARIABLE = "HA_EKS_TEST_RECORDINGS"
"""Names the folder for the test processes that a session starts."""


def begin_session() -> None:
    """Creates the folder, unless the session that started this process has created it."""
    os.environ.setdefault(_VARIABLE, tempfile.mkdtemp(prefix="ha-eks-test-recordings-"))


def end_session() -> None:
    """Removes the folder."""
    shutil.rmtree(os.environ.pop(_VARIABLE))


def recorded(stack: str, root: Path = ROOT) -> Recording:
    """The recording of `Pulumi.<stack>.yaml` in `root`. It is shared: do not change it."""
    return _recorded(stack, (root / f"Pulumi.{stack}.yaml").read_bytes())


def recorded_config(stack: str, config: Mapping[str, Any]) -> Recording:
    """The recording of a stack with a configuration, as a stack file has it below `config`."""
    return _recorded(stack, yaml.safe_dump({"config": config}).encode())


@lru_cache(maxsize=20)
def _recorded(stack: str, content: bytes) -> Recording:
    name = hashlib.sha256(stack.encode() + b"\0" + content).hexdigest()
    folder = Path(os.environ[_VARIABLE]) / name
    with FileLock(f"{folder}.lock"):
        file = folder / "recording.pickle"
        if not file.exists():
            folder.mkdir(exist_ok=True)
            (folder / f"Pulumi.{stack}.yaml").write_bytes(content)
            made = folder / "new.pickle"
            made.write_bytes(pickle.dumps(record(stack, root=folder)))
            made.rename(file)
        return pickle.loads(file.read_bytes())

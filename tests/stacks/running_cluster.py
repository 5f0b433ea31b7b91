"""Recordings of a running cell: the program finds the resources of an earlier recording."""

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.settings.stack_files import config_of
from tests.shared_recordings import record_fast
from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.fake_cloud.lookups import look_up

_NODE_GROUP_TYPES = (NODE_GROUP, "aws:autoscaling/tag:Tag")


def record_again(
    monkeypatch: pytest.MonkeyPatch,
    recording: Recording,
    *,
    without: str = "",
    nodes: int | None = None,
    limits: tuple[int, int] | None = None,
    change: Callable[[Config], None] = lambda config: None,
) -> Recording:
    """Records a shipped stack after a change of its file, while the cell of a recording runs.

    The node groups of the zone `without` do not run. Each node group has `nodes` nodes, and a
    minimum and maximum of `limits`.
    """
    existing = [
        each
        for each in created_by(recording)
        if not (without and each.type in _NODE_GROUP_TYPES and without in each.name)
    ]
    cloud = build(cloud_for(recording, constraints=()), existing)
    for group in cloud.of_type(NODE_GROUP):
        if nodes is not None:
            size = group.inputs["scalingConfig"]
            group.inputs["scalingConfig"] = {**size, "desiredSize": nodes}
        if limits is not None:
            minimum, maximum = limits
            group.inputs["scalingConfig"].update(minSize=minimum, maxSize=maximum)
    made_up_call = MadeUpOutputs.call

    def call(made_up_outputs: MadeUpOutputs, args: object) -> object:
        return look_up(cloud, args) or made_up_call(made_up_outputs, args)

    config = copy.deepcopy(config_of(recording.stack))
    change(config)
    with monkeypatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"Pulumi.{recording.stack}.yaml"
        file.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")
        patch.setattr(MadeUpOutputs, "call", call)
        return record_fast(recording.stack, root=Path(folder))

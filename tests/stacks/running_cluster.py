"""Recordings of a running cell: the program finds the resources of an earlier recording."""

import pytest

from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording, record
from tools.recording.made_up_outputs import Answers
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.fake_cloud.lookups import look_up

_NODE_GROUP_TYPES = (NODE_GROUP, "aws:autoscaling/tag:Tag")


def record_again(
    monkeypatch: pytest.MonkeyPatch,
    recording: Recording,
    *,
    without: str = "",
    nodes: int | None = None,
) -> Recording:
    """Records a shipped stack again while the resources of its first recording exist.

    The node groups of the zone `without` do not exist. Each other node group has a desired size of
    `nodes`, or that of the recording if None.
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
    made_up_call = Answers.call

    def call(answers: Answers, args: object) -> object:
        return look_up(cloud, args) or made_up_call(answers, args)

    with monkeypatch.context() as patch:
        patch.setattr(Answers, "call", call)
        return record(recording.stack)

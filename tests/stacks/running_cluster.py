"""Plans of a cell that runs: the program finds there what an earlier plan has made."""

import pytest

from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording, record
from tools.recording.made_up_outputs import Answers
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.fake_cloud.lookups import look_up

_OF_A_GROUP = (NODE_GROUP, "aws:autoscaling/tag:Tag")


def record_again(
    monkeypatch: pytest.MonkeyPatch,
    recording: Recording,
    *,
    without: str = "",
    nodes: int | None = None,
) -> Recording:
    """The plan of a shipped stack, when all of `plan` runs but the node groups of a zone.

    Each node group is to have `nodes` nodes, if they are given.
    """
    made = [
        each
        for each in created_by(recording)
        if not (without and each.type in _OF_A_GROUP and without in each.name)
    ]
    cloud = build(cloud_for(recording, constraints=()), made)
    for group in cloud.of_type(NODE_GROUP):
        if nodes is not None:
            size = group.inputs["scalingConfig"]
            group.inputs["scalingConfig"] = {**size, "desiredSize": nodes}
    answer = Answers.call

    def call(answers: Answers, args: object) -> object:
        return look_up(cloud, args) or answer(answers, args)

    with monkeypatch.context() as patch:
        patch.setattr(Answers, "call", call)
        return record(recording.stack)

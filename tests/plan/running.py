"""Plans of a cell that runs: the program finds there what an earlier plan has made."""

import pytest

from plan import Plan, record
from plan.answers import Answers
from rehearsal.lookups import asked
from tests.rehearsal.clouds import build, cloud_for, created_by

_OF_A_GROUP = ("aws:eks/nodeGroup:NodeGroup", "aws:autoscaling/tag:Tag")


def record_again(monkeypatch: pytest.MonkeyPatch, plan: Plan, *, without: str = "") -> Plan:
    """The plan of a shipped stack, when all of `plan` runs but the node groups of a zone."""
    made = [
        each
        for each in created_by(plan)
        if not (without and each.type in _OF_A_GROUP and without in each.name)
    ]
    cloud = build(cloud_for(plan, laws=()), made)
    answer = Answers.call

    def call(answers: Answers, args: object) -> object:
        return asked(cloud, args) or answer(answers, args)

    with monkeypatch.context() as patch:
        patch.setattr(Answers, "call", call)
        return record(plan.stack)

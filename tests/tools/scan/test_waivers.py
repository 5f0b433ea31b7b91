"""A finding is waived by check and object, for a reason, and by nothing that is not needed."""

import re

from tools.scan.checkov import Finding
from tools.scan.waivers import Waiver, idle, read, unwaived


def finding(check: str, resource: str) -> Finding:
    return Finding(check=check, name="should be good", resource=resource)


ROOM = Waiver(check="CKV_K8S_9", resources=["Deployment.headroom.*"], reason="nobody asks it")
OURS = finding("CKV_K8S_9", "Deployment.headroom.web-us-east-1a")


def test_a_waiver_is_of_its_check_and_of_its_objects_only() -> None:
    others = [
        finding("CKV_K8S_8", OURS.resource),
        finding("CKV_K8S_9", "Deployment.web.web"),
        finding("CKV_K8S_90", OURS.resource),
        finding("CKV_K8S_9", "Pod.Deployment.headroom.web"),
    ]
    assert unwaived([OURS, *others], [ROOM]) == others
    assert unwaived([OURS, *others], []) == [OURS, *others]


def test_a_waiver_that_covers_nothing_is_told() -> None:
    assert idle([OURS], [ROOM]) == []
    assert idle([finding("CKV_K8S_8", OURS.resource)], [ROOM]) == [(ROOM, "Deployment.headroom.*")]


def test_a_pattern_that_covers_nothing_is_told_beside_one_that_does() -> None:
    both = Waiver(check="CKV_K8S_9", resources=["Deployment.headroom.*", "*.web"], reason="so")
    assert idle([OURS], [both]) == [(both, "*.web")]


def test_every_waiver_says_what_of_and_why() -> None:
    for waiver in read():
        assert re.fullmatch(r"CKV2?_K8S_\d+", waiver.check)
        assert waiver.resources
        assert len(waiver.reason.split()) > 4, f"{waiver.check} is waived without a reason"


def test_no_waiver_is_of_everything() -> None:
    for waiver in read():
        for pattern in waiver.resources:
            kind = pattern.split(".")[0]
            assert kind in ("Deployment", "Pod"), "a kind at least is said"

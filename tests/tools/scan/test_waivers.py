"""A waiver covers findings of one check on named objects, and is reported when it is unused."""

import re

from tools.scan.findings import Finding
from tools.scan.waivers import Waiver, read, unused, unwaived


def finding(check: str, resource: str) -> Finding:
    return Finding(check=check, name="Description of the check", resource=resource)


HEADROOM = Waiver(check="CKV_K8S_9", resources=["Deployment.headroom.*"], reason="no traffic")
COVERED = finding("CKV_K8S_9", "Deployment.headroom.web-us-east-1a")


def test_a_waiver_covers_only_its_check_and_its_objects() -> None:
    others = [
        finding("CKV_K8S_8", COVERED.resource),
        finding("CKV_K8S_9", "Deployment.web.web"),
        finding("CKV_K8S_90", COVERED.resource),
        finding("CKV_K8S_9", "Pod.Deployment.headroom.web"),
    ]
    assert unwaived([COVERED, *others], [HEADROOM]) == others
    assert unwaived([COVERED, *others], []) == [COVERED, *others]


def test_a_waiver_that_matches_no_finding_is_reported() -> None:
    other = finding("CKV_K8S_8", COVERED.resource)
    assert unused([COVERED], [HEADROOM]) == []
    assert unused([other], [HEADROOM]) == [(HEADROOM, "Deployment.headroom.*")]


def test_an_unused_pattern_is_reported_beside_one_that_matches() -> None:
    both = Waiver(
        check="CKV_K8S_9", resources=["Deployment.headroom.*", "*.web"], reason="no traffic"
    )
    assert unused([COVERED], [both]) == [(both, "*.web")]


def test_every_waiver_has_a_check_objects_and_a_reason() -> None:
    for waiver in read():
        assert re.fullmatch(r"CKV2?_K8S_\d+|[a-z]+(-[a-z]+)+", waiver.check)
        assert waiver.resources
        assert len(waiver.reason.split()) > 4, f"{waiver.check} is waived without a reason"


def test_every_pattern_of_a_waiver_names_a_kind() -> None:
    for waiver in read():
        for pattern in waiver.resources:
            kind = pattern.split(".")[0]
            assert kind in ("CronJob", "Deployment", "Job", "NetworkPolicy", "Pod"), (
                f"{pattern} would waive objects of any kind"
            )

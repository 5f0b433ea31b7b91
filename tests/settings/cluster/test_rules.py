"""Who may use the cluster, and its add-ons otherwise than the cell has them."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    AUTOSCALING,
    CLUSTER,
    Case,
    Change,
    accepted,
    assert_one,
    changed,
    every_stack,
    fragment,
    put_in,
    refused,
)

OPS, DEV = (f"arn:aws:iam::210987654321:role/{name}" for name in ("ops", "dev"))
ADD_ONS, EDITORS = (CLUSTER, "addOns"), (CLUSTER, "editors")
KNOWN = "coredns (did you mean it?), or one of amazon-cloudwatch-observability, aws-ebs-csi-driver"

BAD: dict[str, Case] = {
    "a viewer that is no principal": (
        (CLUSTER, "viewers"), ["ops"], f"{CLUSTER}.viewers[0]", "ops",
        fragment("ARN of an IAM role or user"),
    ),
    "a viewer twice": (
        (CLUSTER, "viewers"), [OPS, OPS], f"{CLUSTER}.viewers", [OPS, OPS],
        fragment("more than once"),
    ),
    "an editor that is no principal": (
        EDITORS, {"web": ["ops"]}, f"{CLUSTER}.editors.web[0]", "ops",
        fragment("ARN of an IAM role or user"),
    ),
    "an editor twice in a namespace": (
        EDITORS, {"web": [OPS, OPS]}, f"{CLUSTER}.editors.web", [OPS, OPS],
        fragment("more than once"),
    ),
    "a namespace without editors": put_in(
        EDITORS, "web", [], "must have at least 1 item, but has 0",
    ),
    "editors of a namespace that is no app's": (
        EDITORS, {"kube-system": [OPS]}, f"{CLUSTER}.editors.kube-system", [OPS],
        "an app, whose namespace it is: cache, web",
    ),
    "an add-on that no cell has": (
        ADD_ONS, {"cordns": {}}, f"{CLUSTER}.addOns.cordns", {},
        'must be one of amazon-cloudwatch-observability, aws-ebs-csi-driver, coredns, '
        'eks-node-monitoring-agent, eks-pod-identity-agent, kube-proxy, metrics-server, '
        'vpc-cni; did you mean "coredns"?',
    ),
    "an unknown key of an add-on": (
        ADD_ONS, {"coredns": {"verson": "v1.14.7-eksbuild.10"}}, f"{CLUSTER}.addOns.coredns.verson",
        "v1.14.7-eksbuild.10",
        'unknown key; did you mean "version"? All keys: docs/settings.md#ha-eks-cluster',
    ),
    "a version of an add-on without a build": (
        ADD_ONS, {"coredns": {"version": "v1.14.7"}},
        f"{CLUSTER}.addOns.coredns.version", "v1.14.7", fragment("v1.14.7-eksbuild.10"),
    ),
    "a version with more after it": (
        ADD_ONS, {"coredns": {"version": "v1.14.7-eksbuild.1\n"}},
        f"{CLUSTER}.addOns.coredns.version", "v1.14.7-eksbuild.1\n",
        fragment("v1.14.7-eksbuild.10"),
    ),
    "a configuration that is text": (
        ADD_ONS, {"coredns": {"configuration": "{}"}},
        f"{CLUSTER}.addOns.coredns.configuration", "{}", 'must be a mapping, not "{}"',
    ),
    "an autoscaler that is no release": put_in(
        (AUTOSCALING,), "version", "1.36.1", "a release of the Cluster Autoscaler, such as v1.36.1"
    ),
    "an autoscaler of another minor": put_in(
        (AUTOSCALING,), "version", "v1.35.2", fragment("v1.36.…, of cluster.version 1.36")
    ),
    "an autoscaler of a longer minor": put_in(
        (AUTOSCALING,), "version", "v1.361.0", fragment("another scheduler")
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", BAD)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, word = BAD[case]
    assert_one(refused(tmp_path, stack, changed(stack, (path, new))), key, value, word)


PLACES: dict[str, Change] = {
    "deployer": ((CLUSTER, "deployer"), OPS),
    "admins[0]": ((CLUSTER, "admins"), [OPS]),
    "viewers[0]": ((CLUSTER, "viewers"), [OPS]),
    "editors.web[0]": (EDITORS, {"web": [OPS]}),
}


@pytest.mark.parametrize(
    ("first", "second"),
    [(one, other) for number, one in enumerate(PLACES) for other in [*PLACES][number + 1 :]],
)
def test_a_principal_with_two_rights_is_refused_with_both_places(
    tmp_path: Path, first: str, second: str
) -> None:
    text = changed("dev", PLACES[first], PLACES[second])
    assert_one(
        refused(tmp_path, "dev", text), f"{CLUSTER}.{second}", OPS, fragment(f"{CLUSTER}.{first}:")
    )


def test_every_further_place_of_a_principal_is_told(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", *PLACES.values()))
    assert [each.key for each in problems] == [f"{CLUSTER}.{place}" for place in [*PLACES][1:]]
    assert all(f"{CLUSTER}.deployer" in each.message for each in problems)


def test_an_editor_may_be_one_of_several_apps(tmp_path: Path) -> None:
    editors = {"web": [OPS, DEV], "cache": [DEV]}
    cluster = accepted(tmp_path, "dev", (EDITORS, editors)).cluster
    assert cluster.editors == {"web": (OPS, DEV), "cache": (DEV,)}


@every_stack
def test_what_is_allowed_is_accepted(tmp_path: Path, stack: str) -> None:
    configuration = {"tolerations": [{"key": "a"}], "deep": {"er": [1, None, {"x": True}]}}
    settings = accepted(
        tmp_path,
        stack,
        ((CLUSTER, "viewers"), [OPS]),
        (EDITORS, {"web": [DEV]}),
        (ADD_ONS, {"coredns": {"version": "v1.14.7-eksbuild.10", "configuration": configuration}}),
        ((AUTOSCALING,), {"version": "v1.36.9"}),
    )
    override = settings.cluster.add_ons["coredns"]
    assert override.model_dump(mode="json")["configuration"] == configuration
    assert settings.autoscaling.version == "v1.36.9"

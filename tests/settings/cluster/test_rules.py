"""Tests of ha-eks:cluster: access to the cluster, add-ons and the end of standard support."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.facts.versions.kubernetes import KUBERNETES
from settings import check, read_stack_file
from settings.cautions import cautions
from tests.settings.stack_files import (
    ABSENT,
    AUTOSCALING,
    CLUSTER,
    ROOT,
    Case,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    put,
    put_in,
    refused,
    unknown_key,
)

OPS, DEV = (f"arn:aws:iam::210987654321:role/{name}" for name in ("ops", "dev"))
ADD_ONS, EDITORS = (CLUSTER, "addOns"), (CLUSTER, "editors")
CIDRS = (CLUSTER, "publicAccessCidrs")
PRINCIPAL = "must be the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/ops"
ADD_ON_NAMES = (
    "must be one of amazon-cloudwatch-observability, aws-ebs-csi-driver, aws-efs-csi-driver, "
    "aws-secrets-store-csi-driver-provider, coredns, eks-node-monitoring-agent, "
    "eks-pod-identity-agent, kube-proxy, metrics-server, vpc-cni"
)
ADD_ON_VERSION = "must be a version of an EKS add-on, such as v1.14.7-eksbuild.10"


def duplicate(arn: str) -> str:
    return f"{arn} is listed more than once; list each name once"


def open_endpoint(cidr: str) -> str:
    return (
        f"{cidr} opens the public endpoint to the internet; write your own networks, or "
        "publicAccessFromAnywhere: true"
    )


BAD: dict[str, Case] = {
    "an interval of the pod autoscaler on a standard control plane": put(
        (CLUSTER, "podAutoscalerSeconds"),
        10,
        "EKS changes the interval of 15s only of a provisioned control plane, but controlPlaneTier "
        "is standard; write controlPlaneTier: tier-xl or higher, or remove podAutoscalerSeconds",
    ),
    "an interval of the pod autoscaler below 10s": put(
        (CLUSTER, "podAutoscalerSeconds"), 9, "must be between 10 and 15, not 9"
    ),
    "a viewer that is not an ARN": (
        (CLUSTER, "viewers"), ["ops"], f"{CLUSTER}.viewers[0]", "ops", PRINCIPAL,
    ),
    "a viewer twice": put((CLUSTER, "viewers"), [OPS, OPS], duplicate(OPS)),
    "an editor that is not an ARN": (
        EDITORS, {"web": ["ops"]}, f"{CLUSTER}.editors.web[0]", "ops", PRINCIPAL,
    ),
    "an editor twice in a namespace": put_in(EDITORS, "web", [OPS, OPS], duplicate(OPS)),
    "a namespace without editors": put_in(
        EDITORS, "web", [], "must have at least 1 item, but has 0"
    ),
    "editors of a namespace without an app": put_in(
        EDITORS, "kube-system", [OPS],
        "there is no workload kube-system; write one of cache, web"
    ),
    "an unknown add-on": put_in(
        ADD_ONS, "cordns", {}, f'{ADD_ON_NAMES}; did you mean "coredns"?'
    ),
    "a misspelled key of an add-on": (
        ADD_ONS, {"coredns": {"verson": "v1.14.7-eksbuild.10"}},
        f"{CLUSTER}.addOns.coredns.verson", "v1.14.7-eksbuild.10", unknown_key(CLUSTER, "version"),
    ),
    "a version of an add-on without a build": (
        ADD_ONS, {"coredns": {"version": "v1.14.7"}},
        f"{CLUSTER}.addOns.coredns.version", "v1.14.7", ADD_ON_VERSION,
    ),
    "a version of an add-on with a line break": (
        ADD_ONS, {"coredns": {"version": "v1.14.7-eksbuild.1\n"}},
        f"{CLUSTER}.addOns.coredns.version", "v1.14.7-eksbuild.1\n",
        ADD_ON_VERSION,
    ),
    "a configuration that is text": (
        ADD_ONS, {"coredns": {"configuration": "{}"}},
        f"{CLUSTER}.addOns.coredns.configuration", "{}", 'must be a mapping, not "{}"',
    ),
    "an unknown Kubernetes version": put(
        (CLUSTER, "version"), "1.12",
        'must be a Kubernetes version with standard support ("1.34", "1.35", "1.36")',
    ),
    "a Kubernetes version without quotes": put(
        (CLUSTER, "version"), 1.36, 'must be text, not 1.36; write "1.36" in quotes'
    ),
    "a public endpoint that is open to the internet": (
        CIDRS, ["203.0.113.0/24", "0.0.0.0/0"],
        f"{CLUSTER}.publicAccessCidrs[1]", "0.0.0.0/0", open_endpoint("0.0.0.0/0"),
    ),
    **{
        f"{cidr} as public network": (
            CIDRS, [cidr], f"{CLUSTER}.publicAccessCidrs[0]", cidr,
            f"{cidr} is not a public network, and cannot reach the public endpoint; write the "
            "public addresses of your network, such as that of its NAT gateway",
        )
        for cidr in (
            "0.0.0.0/32", "10.0.0.0/8", "10.1.2.0/24", "100.64.0.0/10", "127.0.0.1/32",
            "169.254.0.0/16", "172.31.0.0/16", "192.168.1.0/24", "224.0.0.0/8", "255.0.0.0/8",
        )
    },
    "41 public networks": put(
        CIDRS, [f"198.51.100.{number}/32" for number in range(41)],
        "must have at most 40 items, but has 41",
    ),
    "a public network twice": put(
        CIDRS, ["203.0.113.0/24"] * 2,
        "203.0.113.0/24 is listed more than once; list each name once",
    ),
    "an unknown log type": (
        (CLUSTER, "logTypes"), ["audit", "kubelet"], f"{CLUSTER}.logTypes[1]", "kubelet",
        "must be one of api, audit, authenticator, controllerManager, scheduler; found "
        '"kubelet"',
    ),
    "a retention of 0 days": put(
        (CLUSTER, "logRetentionDays"), 0,
        "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
        "2192, 2557, 2922, 3288, 3653; found 0",
    ),
    "an unknown key": put(
        (CLUSTER, "qqqq"), 1, "unknown key. All keys: docs/settings.md#ha-eks-cluster"
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", BAD)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = BAD[case]
    assert_problem(refused(tmp_path, stack, changed(stack, (path, new))), key, value, message)


def test_two_halves_of_the_internet_are_the_internet(tmp_path: Path) -> None:
    halves = ["0.0.0.0/1", "128.0.0.0/1"]
    problems = refused(tmp_path, "dev", changed("dev", (CIDRS, halves)))
    assert [(each.key, each.message) for each in problems] == [
        (f"{CLUSTER}.publicAccessCidrs[{index}]", open_endpoint(cidr))
        for index, cidr in enumerate(halves)
    ]


@every_stack
def test_an_open_endpoint_is_accepted_with_public_access_from_anywhere(
    tmp_path: Path, stack: str
) -> None:
    anywhere: Change = ((CLUSTER, "publicAccessFromAnywhere"), True)
    accepted(tmp_path, stack, (CIDRS, ["0.0.0.0/0"]), anywhere)


@every_stack
def test_public_access_from_anywhere_needs_a_public_endpoint(tmp_path: Path, stack: str) -> None:
    anywhere: Change = ((CLUSTER, "publicAccessFromAnywhere"), True)
    assert_problem(
        refused(tmp_path, stack, changed(stack, (CIDRS, []), anywhere)),
        f"{CLUSTER}.publicAccessFromAnywhere",
        True,
        "there is no public endpoint; add publicAccessCidrs: [0.0.0.0/0], or remove "
        "publicAccessFromAnywhere",
    )


@every_stack
def test_forty_public_networks_are_accepted(tmp_path: Path, stack: str) -> None:
    cidrs = ["172.15.0.0/16", "172.32.0.0/16", *(f"198.51.100.{n}/32" for n in range(38))]
    assert accepted(tmp_path, stack, (CIDRS, cidrs)).cluster.public_access_cidrs == tuple(cidrs)


def test_a_private_endpoint_in_a_new_vpc_is_a_caution() -> None:
    assert f"{CLUSTER}.publicAccessCidrs" not in cautions_of()
    assert cautions_of((CIDRS, ABSENT))[f"{CLUSTER}.publicAccessCidrs"] == (
        "without it, the Kubernetes API has a private endpoint only, in a VPC that this stack "
        "creates: the first up cannot reach it from outside, and fails at the first Kubernetes "
        "object; set it for the first up, or use network.existing (docs/access.md)"
    )


def test_a_private_endpoint_in_an_existing_vpc_is_a_caution() -> None:
    settings, problems = check(read_stack_file(ROOT / "examples" / "Pulumi.existing-vpc.yaml"))
    assert settings, problems
    found = cautions(settings, date(2026, 11, 1))
    assert [each.text for each in found if each.key == f"{CLUSTER}.publicAccessCidrs"] == [
        "without it, the Kubernetes API has a private endpoint only: run Pulumi and kubectl in the "
        "VPC, or in a network that is connected to it (docs/access.md)"
    ]


PLACES: dict[str, Change] = {
    "deployer": ((CLUSTER, "deployer"), OPS),
    "admins[0]": ((CLUSTER, "admins"), [OPS]),
    "viewers[0]": ((CLUSTER, "viewers"), [OPS]),
    "editors.web[0]": (EDITORS, {"web": [OPS]}),
}


def two_types(first: str) -> str:
    return (
        f"{OPS} is listed in {CLUSTER}.{first} too, but a principal can have only one type of "
        "access; remove one of them (only editors can list a principal for several apps)"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [(one, other) for number, one in enumerate(PLACES) for other in [*PLACES][number + 1 :]],
)
def test_a_principal_with_two_types_of_access_is_refused(
    tmp_path: Path, first: str, second: str
) -> None:
    problems = refused(tmp_path, "dev", changed("dev", PLACES[first], PLACES[second]))
    assert_problem(problems, f"{CLUSTER}.{second}", OPS, two_types(first))


def test_every_further_type_of_access_of_a_principal_is_a_problem(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", *PLACES.values()))
    assert [(each.key, each.message) for each in problems] == [
        (f"{CLUSTER}.{place}", two_types("deployer")) for place in [*PLACES][1:]
    ]


def test_a_principal_can_be_an_editor_of_several_apps(tmp_path: Path) -> None:
    editors = {"web": [OPS, DEV], "cache": [DEV]}
    cluster = accepted(tmp_path, "dev", (EDITORS, editors)).cluster
    assert cluster.editors == {"web": (OPS, DEV), "cache": (DEV,)}


@every_stack
def test_access_add_ons_and_autoscaler_versions_are_accepted(tmp_path: Path, stack: str) -> None:
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


@pytest.mark.parametrize(("days", "expected"), [(61, 0), (60, 1), (-1, 1)])
def test_the_end_of_standard_support_is_a_caution_from_60_days_before(
    days: int, expected: int
) -> None:
    settings, _ = check(config_of("prod"))
    assert settings
    version = settings.cluster.version
    end = KUBERNETES[version]
    found = cautions(settings, end - timedelta(days=days))
    assert [each.text for each in found if each.key == f"{CLUSTER}.version"] == [
        f"standard support of Kubernetes {version} ends on {end}, and EKS then upgrades the "
        "control plane automatically; upgrade before that date (docs/upgrade.md)"
    ] * expected


@pytest.mark.parametrize(
    ("configuration", "key", "value"),
    [
        ({"enableNetworkPolicy": "false"}, "enableNetworkPolicy", "false"),
        ({"enableNetworkPolicy": False}, "enableNetworkPolicy", False),
        ({"nodeAgent": {"enabled": False}}, "nodeAgent.enabled", False),
    ],
)
def test_a_configuration_without_network_policies_is_refused(
    tmp_path: Path, configuration: dict[str, object], key: str, value: object
) -> None:
    text = changed("dev", (ADD_ONS, {"vpc-cni": {"configuration": configuration}}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{CLUSTER}.addOns.vpc-cni.configuration.{key}",
        value,
        "without the agent of the VPC CNI, nodes do not enforce the network policies of the apps; "
        f"remove {key}",
    )


@pytest.mark.parametrize(
    ("configuration", "key", "value", "setting"),
    [
        (
            {"env": {"ENABLE_PREFIX_DELEGATION": "true"}},
            "env.ENABLE_PREFIX_DELEGATION",
            "true",
            "network.pods.prefixDelegation",
        ),
        ({"eniConfig": {"create": True}}, "eniConfig", {"create": True}, "network.pods.cidr"),
    ],
)
def test_a_configuration_of_what_a_setting_decides_is_refused(
    tmp_path: Path, configuration: dict[str, object], key: str, value: object, setting: str
) -> None:
    text = changed("dev", (ADD_ONS, {"vpc-cni": {"configuration": configuration}}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{CLUSTER}.addOns.vpc-cni.configuration.{key}",
        value,
        f"the program sets {key} and calculates the pods of a node from it; remove {key}, and "
        f"write {setting}",
    )


def test_other_configuration_of_the_vpc_cni_is_accepted(tmp_path: Path) -> None:
    env = {"env": {"WARM_IP_TARGET": "5"}, "enableNetworkPolicy": "true"}
    accepted(tmp_path, "dev", (ADD_ONS, {"vpc-cni": {"configuration": env}}))


@pytest.mark.parametrize(
    ("add_on", "configuration", "key", "name"),
    [
        ("coredns", {"autoScaling": {"minReplicas": 1}}, "autoScaling.minReplicas", "coredns"),
        ("metrics-server", {"replicas": 1}, "replicas", "metrics-server"),
    ],
)
def test_an_add_on_with_a_single_pod_is_a_caution(
    add_on: str, configuration: dict[str, object], key: str, name: str
) -> None:
    assert cautions_of((ADD_ONS, {add_on: {"configuration": configuration}})) == {
        f"{CLUSTER}.addOns.{add_on}.configuration.{key}": f"{name} has one pod, and fails with the "
        "zone of that pod; write 2 or more"
    }
    assert cautions_of((ADD_ONS, {add_on: {"configuration": {}}})) == {}

"""What an app is given: files, secrets, a volume, rights, a place."""

from typing import Any

import pytest

from settings.app.connections import Metrics
from tests.components.app.test_app import (
    ACCOUNT,
    AUTOSCALER,
    BUDGET,
    DEPLOYMENT,
    HOST,
    SERVICE,
    ZONE,
    app,
    container,
    pod,
)
from tests.components.deploy import Deployed

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

FILES = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

KEPT: Any = {
    "volume": {"path": "/kept", "size": "20Gi"},
    "replicas": {"needed": 1, "min": 1, "max": 1},
}
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
OWN = "arn:aws:iam::123456789012:policy/team/AmazonS3ReadOnlyAccess"


def template(of: Deployed) -> dict[str, Any]:
    return of.one(DEPLOYMENT).inputs["spec"]["template"]


def test_files_are_mounted_one_by_one_from_a_config_map_that_never_changes() -> None:
    given = {"/etc/a/x.conf": "1", "/etc/b/x.conf": "2", "/etc/a_x.conf": "3"}
    web = app(files=given)
    made = web.one(FILES).inputs
    assert made["immutable"] is True
    spec = template(web)["spec"]
    [volume] = spec["volumes"]
    assert volume == {"name": "files", "configMap": {"name": made["metadata"]["name"]}}
    mounts = spec["containers"][0]["volumeMounts"]
    assert {each["mountPath"]: made["data"][each["subPath"]] for each in mounts} == given
    assert len(made["data"]) == 3, "two files of one name would be one"
    assert all(each["readOnly"] is True for each in mounts)


@pytest.mark.parametrize("other", [{"/a": "2"}, {"/b": "1"}, {"/a": "1", "/b": ""}, {"/a": ""}])
def test_other_files_are_another_config_map_and_another_pod(other: dict[str, str]) -> None:
    one, two = app(files={"/a": "1"}), app(files=other)
    first, second = (each.one(FILES) for each in (one, two))
    assert first.inputs["metadata"]["name"] != second.inputs["metadata"]["name"]
    assert first.name != second.name, "replaced, the old one would go though the rollout failed"
    assert template(one) != template(two), "nothing would roll"


def test_the_same_files_in_another_order_are_the_same() -> None:
    one, two = app(files={"/a": "1", "/b": "2"}), app(files={"/b": "2", "/a": "1"})
    assert one.one(FILES).name == two.one(FILES).name
    assert one.one(FILES).name.startswith("web-")
    assert app().of_type(FILES) == []


def test_a_file_s_long_name_is_no_longer_than_a_key() -> None:
    [key] = app(files={f"/{'x' * 400}": ""}).one(FILES).inputs["data"]
    assert len(key) <= 253


def test_secrets_are_referred_to_and_never_seen() -> None:
    main = container(env={"A": "1"}, secretEnv={"B": {"secret": "db", "key": "password"}})
    assert main["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ]


def test_a_volume_is_claimed_kept_and_mounted_where_the_app_may_write() -> None:
    web = app(runAsGroup=7, **KEPT)
    assert web.one(CLAIM).inputs["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp3",
        "resources": {"requests": {"storage": "20Gi"}},
    }
    spec = template(web)["spec"]
    [volume] = spec["volumes"]
    assert volume["persistentVolumeClaim"] == {"claimName": "web"}
    assert spec["containers"][0]["volumeMounts"] == [{"name": volume["name"], "mountPath": "/kept"}]
    assert spec["securityContext"]["fsGroup"] == 7
    assert app().of_type(CLAIM) == []


def test_the_pod_of_a_volume_is_one_that_nothing_scales_and_that_can_be_drained() -> None:
    web = app(**KEPT)
    spec = web.one(DEPLOYMENT).inputs["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert web.of_type(AUTOSCALER) == []
    assert web.one(BUDGET).inputs["spec"]["maxUnavailable"] == 1
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in web.shown()["serving"]]
    assert kinds == [DEPLOYMENT]


def test_a_role_has_its_policies_and_the_app_s_account_and_pods_that_know_of_it() -> None:
    web = app(policies=(READ, OWN))
    role = web.one(ROLE)
    given = [each.inputs for each in web.of_type(ATTACHMENT)]
    assert {each["policyArn"] for each in given} == {READ, OWN}
    assert {each["role"] for each in given} == {web.id_of(role)}
    association = web.one(ASSOCIATION)
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("web", "web")
    assert association.inputs["clusterName"] == "prod"
    assert "pods.eks.amazonaws.com" in role.inputs["assumeRolePolicy"]
    annotations = template(web)["metadata"]["annotations"]
    assert annotations == {"ha-eks/identity": web.id_of(association)}, (
        "pods that are there would stay without credentials"
    )


def test_an_app_without_policies_has_nothing_in_aws() -> None:
    web = app()
    assert not [each for each in web.all if each.typ.startswith("aws:")]
    assert "annotations" not in template(web)["metadata"]


def test_only_a_pod_that_asks_for_it_has_a_token_and_its_account_gives_none_by_itself() -> None:
    web = app(serviceAccountToken=True)
    assert template(web)["spec"]["automountServiceAccountToken"] is True
    assert web.one(ACCOUNT).inputs["automountServiceAccountToken"] is False
    assert pod()["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("spread", "asked"),
    [
        ({}, {ZONE: "ScheduleAnyway"}),
        ({"zones": "strict"}, {ZONE: "DoNotSchedule"}),
        ({"nodes": "strict"}, {ZONE: "ScheduleAnyway", HOST: "DoNotSchedule"}),
        ({"nodes": "alone"}, {ZONE: "ScheduleAnyway"}),
    ],
)
def test_what_is_strict_is_a_constraint_that_nodes_out_of_service_do_not_count_in(
    spread: Any, asked: dict[str, str]
) -> None:
    found = pod(spread=spread)["topologySpreadConstraints"]
    assert {each["topologyKey"]: each["whenUnsatisfiable"] for each in found} == asked
    for each in found:
        assert each["nodeTaintsPolicy"] == "Honor"
        assert each["matchLabelKeys"] == ["pod-template-hash"]


def test_callers_are_sent_to_their_own_zone_where_that_is_said() -> None:
    assert "trafficDistribution" not in app().one(SERVICE).inputs["spec"]
    spec = app(same_zone=True).one(SERVICE).inputs["spec"]
    assert spec["trafficDistribution"] == "PreferSameZone"


@pytest.mark.parametrize("scraped", [True, False])
def test_metrics_are_open_to_the_scraper_that_there_is(scraped: bool) -> None:
    policy = app(metrics=Metrics(), scraped=scraped).one(POLICY)
    into = policy.inputs["spec"].get("ingress", [])
    networks = [
        each["ipBlock"]["cidr"] for rule in into for each in rule["from"] if "ipBlock" in each
    ]
    assert networks == (["10.0.31.240/28"] if scraped else []), "who asks, and nobody else"

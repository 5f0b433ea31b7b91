"""Files, secrets, volume, IAM role and spread of an app."""

from typing import Any

import pytest

from settings.workload.connections import Metrics
from tests.components.app.deployed_apps import (
    ACCOUNT,
    AUTOSCALER,
    BUDGET,
    DEPLOYMENT,
    SERVICE,
    app,
    container,
    deployed,
    pod,
    singleton,
    worker,
)
from tests.components.app.test_pod_spec import HOST, ZONE
from tests.components.deploy import Deployed

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

FILES = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

VOLUME: Any = {"volume": {"path": "/data", "size": "20Gi"}, "port": 8080}
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
OWN = "arn:aws:iam::123456789012:policy/team/AmazonS3ReadOnlyAccess"


def template(deployed: Deployed) -> dict[str, Any]:
    return deployed.one(DEPLOYMENT).inputs["spec"]["template"]


def test_files_are_mounted_individually_from_an_immutable_config_map() -> None:
    files = {"/etc/a/x.conf": "1", "/etc/b/x.conf": "2", "/etc/a_x.conf": "3"}
    web = app(files=files)
    config_map = web.one(FILES).inputs
    assert config_map["immutable"] is True
    spec = template(web)["spec"]
    [volume] = spec["volumes"]
    assert volume == {"name": "files", "configMap": {"name": config_map["metadata"]["name"]}}
    mounts = spec["containers"][0]["volumeMounts"]
    assert {each["mountPath"]: config_map["data"][each["subPath"]] for each in mounts} == files
    assert len(config_map["data"]) == 3, (
        "files with one name in different directories would collide"
    )
    assert all(each["readOnly"] is True for each in mounts)


@pytest.mark.parametrize("other", [{"/a": "2"}, {"/b": "1"}, {"/a": "1", "/b": ""}, {"/a": ""}])
def test_changed_files_create_a_new_config_map_and_roll_out(other: dict[str, str]) -> None:
    one, two = app(files={"/a": "1"}), app(files=other)
    first, second = (each.one(FILES) for each in (one, two))
    assert first.inputs["metadata"]["name"] != second.inputs["metadata"]["name"]
    assert first.name != second.name, (
        "a failed rollout would delete the ConfigMap of the old version"
    )
    assert template(one) != template(two), "the change would not roll out"


def test_the_order_of_files_does_not_change_the_config_map() -> None:
    one, two = app(files={"/a": "1", "/b": "2"}), app(files={"/b": "2", "/a": "1"})
    assert one.one(FILES).name == two.one(FILES).name
    assert one.one(FILES).name.startswith("web-")
    assert app().of_type(FILES) == []


def test_a_long_file_name_is_shortened_to_a_valid_key() -> None:
    [key] = app(files={f"/{'x' * 400}": ""}).one(FILES).inputs["data"]
    assert len(key) <= 253


def test_secrets_are_referenced_and_not_read() -> None:
    main = container(env={"A": "1"}, secretEnv={"B": {"secret": "db", "key": "password"}})
    assert main["env"] == [
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
        {"name": "A", "value": "1"},
    ], "Kubernetes would not replace references to B in the value of A"


def test_a_volume_is_claimed_protected_and_mounted() -> None:
    web = deployed(singleton(runAsGroup=7, **VOLUME))
    assert web.one(CLAIM).inputs["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp3",
        "resources": {"requests": {"storage": "20Gi"}},
    }
    spec = template(web)["spec"]
    [volume] = spec["volumes"]
    assert volume["persistentVolumeClaim"] == {"claimName": "web"}
    assert spec["containers"][0]["volumeMounts"] == [{"name": volume["name"], "mountPath": "/data"}]
    assert spec["securityContext"]["fsGroup"] == 7
    assert app().of_type(CLAIM) == []


@pytest.mark.parametrize("changes", [{}, VOLUME])
def test_a_singleton_has_one_evictable_pod_and_no_autoscaler(changes: Any) -> None:
    web = deployed(singleton(**changes))
    spec = web.one(DEPLOYMENT).inputs["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert web.of_type(AUTOSCALER) == []
    assert web.one(BUDGET).inputs["spec"]["maxUnavailable"] == 1
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in web.shown()["serving"]]
    assert kinds == [DEPLOYMENT]
    assert len(web.of_type(SERVICE)) == len(changes) // 2, "a Service without a port is invalid"


def test_a_worker_has_no_service_no_probe_and_receives_term_at_once() -> None:
    web = deployed(worker(longestJobSeconds=90))
    assert web.of_type(SERVICE) == []
    spec = template(web)["spec"]
    [only] = spec["containers"]
    assert {*only} & {"ports", "lifecycle", "readinessProbe", "livenessProbe", "startupProbe"} == (
        set()
    )
    assert spec["terminationGracePeriodSeconds"] == 95
    assert web.one(AUTOSCALER).inputs["spec"]["minReplicas"] == 6
    assert {each["topologyKey"] for each in spec["topologySpreadConstraints"]} == {ZONE}


def test_a_worker_can_have_probes_by_command() -> None:
    probes = {"readiness": {"command": ("ready",)}, "liveness": {"command": ("live",)}}
    [only] = template(deployed(worker(probes=probes)))["spec"]["containers"]
    assert only["readinessProbe"]["exec"] == {"command": ["ready"]}
    assert only["livenessProbe"]["exec"] == only["startupProbe"]["exec"] == {"command": ["live"]}


def test_a_role_has_policies_an_association_and_an_annotation_of_the_pods() -> None:
    web = app(policies=(READ, OWN))
    role = web.one(ROLE)
    attachments = [each.inputs for each in web.of_type(ATTACHMENT)]
    assert {each["policyArn"] for each in attachments} == {READ, OWN}
    assert {each["role"] for each in attachments} == {web.id_of(role)}
    association = web.one(ASSOCIATION)
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("web", "web")
    assert association.inputs["clusterName"] == "prod"
    assert "pods.eks.amazonaws.com" in role.inputs["assumeRolePolicy"]
    annotations = template(web)["metadata"]["annotations"]
    assert annotations == {"ha-eks/identity": web.id_of(association)}, (
        "running pods would have no credentials"
    )


def test_an_app_without_policies_has_no_role() -> None:
    web = app()
    assert not [each for each in web.all if each.typ.startswith("aws:")]
    assert "annotations" not in template(web)["metadata"]


def test_only_an_app_with_the_setting_has_a_service_account_token() -> None:
    web = app(serviceAccountToken=True)
    assert template(web)["spec"]["automountServiceAccountToken"] is True
    assert web.one(ACCOUNT).inputs["automountServiceAccountToken"] is False
    assert pod()["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("spread", "expected"),
    [
        ({}, {ZONE: "DoNotSchedule"}),
        ({"zones": "preferred"}, {ZONE: "ScheduleAnyway"}),
        ({"nodes": "strict"}, {ZONE: "DoNotSchedule", HOST: "DoNotSchedule"}),
        ({"nodes": "alone"}, {ZONE: "DoNotSchedule"}),
    ],
)
def test_a_strict_spread_ignores_nodes_out_of_service(
    spread: Any, expected: dict[str, str]
) -> None:
    found = pod(spread=spread)["topologySpreadConstraints"]
    assert {each["topologyKey"]: each["whenUnsatisfiable"] for each in found} == expected
    for each in found:
        assert each["nodeTaintsPolicy"] == "Honor"
        assert each["matchLabelKeys"] == ["pod-template-hash"]


def test_the_service_can_prefer_the_zone_of_the_caller() -> None:
    assert "trafficDistribution" not in app().one(SERVICE).inputs["spec"]
    spec = app(same_zone=True).one(SERVICE).inputs["spec"]
    assert spec["trafficDistribution"] == "PreferSameZone"


@pytest.mark.parametrize("scraped", [True, False])
def test_only_an_existing_scraper_can_reach_metrics(scraped: bool) -> None:
    policy = app(metrics=Metrics(), scraped=scraped).one(POLICY)
    ingress = policy.inputs["spec"].get("ingress", [])
    networks = [
        each["ipBlock"]["cidr"] for rule in ingress for each in rule["from"] if "ipBlock" in each
    ]
    assert networks == (["10.0.31.240/28"] if scraped else []), "only the scraper needs access"

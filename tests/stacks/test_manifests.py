"""Rendered manifests that the Kubernetes API server accepts.

The tests check the strict schema of the Kubernetes version, and then rules beyond the schema:
quantities, names, mutually exclusive fields and references to other objects.
"""

import functools
import itertools
import re
from collections.abc import Callable

import kubernetes_validate
import kubernetes_validate.utils
import pytest

from tests.shared_recordings import recorded
from tests.stacks.objects import (
    Object,
    containers_of,
    object_in_namespace,
    objects,
    of_kind,
    pod_of,
    selects,
    values_of,
)
from tools.recording import Recording
from tools.recording.record import ROOT

# The package would read 2 MB of schemas for each object.
kubernetes_validate.utils.schema_contents = functools.cache(
    kubernetes_validate.utils.schema_contents
)
kubernetes_validate.utils.all_versions = functools.cache(kubernetes_validate.utils.all_versions)

QUANTITY = re.compile(r"[0-9]+(\.[0-9]{1,3})?(m|Ki|Mi|Gi|Ti)?")
LABEL_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
PORT_NAME = re.compile(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")

RELEASE = "kubernetes:helm.sh/v3:Release"

CUSTOM_KINDS = {
    "CapacityBuffer", "ScaledObject", "SecretProviderClass", "TargetGroupBinding",
    "TriggerAuthentication",
}  # fmt: skip
"""Kinds of custom resources, which the schema of Kubernetes does not contain."""

OPTIONAL_KINDS = {
    "HorizontalPodAutoscaler", "CustomResourceDefinition", "PodTemplate", "ConfigMap",
    "PersistentVolume", "PersistentVolumeClaim", "Job", "CronJob", "Role", "RoleBinding",
}  # fmt: skip

CLUSTER_SCOPED_KINDS = {
    "CustomResourceDefinition", "Namespace", "PersistentVolume", "PriorityClass", "StorageClass",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
}  # fmt: skip
"""Kinds without a namespace."""

BINDING_FIELDS = {"serviceRef", "targetGroupARN", "targetType", "multiClusterTargetGroup"}
"""Fields of a binding that ha-eks sets, from the spec in
https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/apis/elbv2/v1beta1/targetgroupbinding_types.go"""


def pods(recording: Recording) -> list[Object]:
    kinds = ("Deployment", "Job", "CronJob")
    return [pod_of(each) for kind in kinds for each in of_kind(recording, kind)]


def test_every_object_is_valid_in_the_kubernetes_version_of_the_cluster(
    recording: Recording,
) -> None:
    version = recording.settings.cluster.version
    checked = [each for each in objects(recording) if each["kind"] not in CUSTOM_KINDS]
    kinds = {each["kind"] for each in checked}
    assert kinds - OPTIONAL_KINDS == {
        "Namespace", "Service", "ServiceAccount", "Deployment", "PodDisruptionBudget",
        "PriorityClass", "StorageClass", "NetworkPolicy", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }  # fmt: skip
    for each in checked:
        kubernetes_validate.validate(each, version, strict=True)


def test_the_schema_refuses_unknown_fields() -> None:
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {"minAvail": 1}}
    with pytest.raises(kubernetes_validate.ValidationError, match="minAvail"):
        kubernetes_validate.validate(budget, "1.36", strict=True)


def test_a_binding_has_the_fields_that_the_controller_reads(recording: Recording) -> None:
    bindings = of_kind(recording, "TargetGroupBinding")
    assert bindings
    for each in bindings:
        assert each["apiVersion"] == "elbv2.k8s.aws/v1beta1"
        assert set(each["spec"]) == BINDING_FIELDS


def test_each_binding_of_an_app_adds_a_readiness_gate_of_its_own() -> None:
    """The gate has the name of the binding. Pods that the Service of the binding selects have it.

    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/targetgroupbinding/utils.go
    """
    recording = recorded("internal", ROOT / "examples")
    bindings = of_kind(recording, "TargetGroupBinding")
    gates = [(each["metadata"]["namespace"], each["metadata"]["name"]) for each in bindings]
    assert len(gates) > len({namespace for namespace, _ in gates}), "no app has two bindings"
    assert len({*gates}) == len(gates), "pods would be ready after the first load balancer only"
    for binding, (namespace, name) in zip(bindings, gates, strict=True):
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?", name), "no name of a condition"
        service = object_in_namespace(recording, "Service", namespace)
        assert binding["spec"]["serviceRef"]["name"] == service["metadata"]["name"]
        template = object_in_namespace(recording, "Deployment", namespace)["spec"]["template"]
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        assert "readinessGates" not in template["spec"], "the webhook would add none"


def test_a_binding_is_replaced_with_its_target_group(recording: Recording) -> None:
    for each in recording.of_type("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"):
        assert each.options["replaceOnChanges"] == ["spec.targetGroupARN"]
        assert each.options["deleteBeforeReplace"] is True, "two bindings cannot have one name"


EXTERNAL_TRIGGERS = {
    "prometheus": {"serverAddress", "query", "threshold", "awsRegion", "ignoreNullValues"},
    "aws-sqs-queue": {"queueURL", "queueLength", "awsRegion", "scaleOnInFlight"},
}
"""Metadata of the triggers that KEDA itself reads, as in
https://github.com/kedacore/keda/blob/v2.20.2/pkg/scalers/prometheus_scaler.go and
https://github.com/kedacore/keda/blob/v2.20.2/pkg/scalers/aws_sqs_queue_scaler.go"""


def test_a_scaled_object_has_only_fields_of_the_schema_of_keda(recording: Recording) -> None:
    """The fields are in
    https://github.com/kedacore/keda/blob/v2.20.2/config/crd/bases/keda.sh_scaledobjects.yaml"""
    found = of_kind(recording, "ScaledObject")
    assert bool(found) is recording.settings.uses_keda
    for each in found:
        spec = each["spec"]
        assert each["apiVersion"] == "keda.sh/v1alpha1"
        assert len(each["metadata"]["name"]) <= 54, (
            "KEDA adds the prefix keda-hpa-, and the name would be too long"
        )
        assert set(spec) == {
            "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "fallback", "advanced",
            "triggers",
        }  # fmt: skip
        assert set(spec["fallback"]) == {"failureThreshold", "replicas", "behavior"}
        assert set(spec["advanced"]) == {"horizontalPodAutoscalerConfig"}
        assert set(spec["advanced"]["horizontalPodAutoscalerConfig"]) == {"behavior"}
        kinds = [trigger["type"] for trigger in spec["triggers"]]
        external = [kind for kind in kinds if kind not in ("cpu", "memory")]
        assert set(external) <= {*EXTERNAL_TRIGGERS}
        assert external, "fallback requires a trigger other than CPU"
        assert "cpu" in kinds
        names = [trigger["name"] for trigger in spec["triggers"] if "name" in trigger]
        assert len(set(names)) == len(names) == len(external)
        for trigger in spec["triggers"]:
            required = {"type", "metricType", "metadata"}
            if trigger["type"] in EXTERNAL_TRIGGERS:
                required |= {"name", "authenticationRef"}
                assert set(trigger["metadata"]) == EXTERNAL_TRIGGERS[trigger["type"]]
            assert set(trigger) == required
            assert all(isinstance(value, str) for value in trigger["metadata"].values())
            assert not str(trigger["metadata"].get("serverAddress")).endswith("/")
    for each in of_kind(recording, "TriggerAuthentication"):
        assert each["apiVersion"] == "keda.sh/v1alpha1"
        assert each["spec"] == {"podIdentity": {"provider": "aws"}}
    namespaces = [
        [each["metadata"]["namespace"] for each in of_kind(recording, kind)]
        for kind in ("ScaledObject", "TriggerAuthentication")
    ]
    assert sorted(namespaces[0]) == sorted(namespaces[1]), (
        "KEDA would have no credentials for a query"
    )


def test_the_wide_stack_has_both_kinds_of_autoscaler(previewed: Callable[[str], Recording]) -> None:
    kinds = {each["kind"] for each in objects(previewed("wide"))}
    assert {"HorizontalPodAutoscaler", "ScaledObject", "TriggerAuthentication"} <= kinds


def test_quantities_are_valid_and_not_zero(recording: Recording) -> None:
    seen = 0
    for pod in pods(recording):
        for amounts in values_of(pod, "requests", "limits"):
            for amount in amounts.values():
                assert QUANTITY.fullmatch(amount), amount
                assert amount.strip("0.mKiMGT"), "a request of zero reserves nothing"
                seen += 1
        for size in values_of(pod, "sizeLimit"):
            assert QUANTITY.fullmatch(size), size
    assert seen


def test_names_and_labels_are_valid(recording: Recording) -> None:
    for each in objects(recording):
        metadata = each["metadata"]
        dotted = each["kind"] in {"CustomResourceDefinition", "TargetGroupBinding"}
        for part in metadata["name"].split(".") if dotted else [metadata["name"]]:
            assert LABEL_NAME.fullmatch(part), metadata["name"]
        for labels in values_of(each, "labels", "matchLabels", "nodeSelector"):
            for key, value in labels.items():
                prefix, _, name = key.rpartition("/")
                assert LABEL_VALUE.fullmatch(name), key
                assert all(LABEL_NAME.fullmatch(part) for part in prefix.split(".") if prefix), key
                assert LABEL_VALUE.fullmatch(value), value


def test_objects_of_a_kind_have_unique_names(recording: Recording) -> None:
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in objects(recording)
    ]
    assert len(names) == len(set(names)), "one object would overwrite the other"


def test_ports_have_valid_unique_names_and_numbers(recording: Recording) -> None:
    for pod in pods(recording):
        for ports in values_of(pod, "ports"):
            for name in (port["name"] for port in ports):
                assert PORT_NAME.fullmatch(name), name
            assert len({port["name"] for port in ports}) == len(ports)
            assert len({port["containerPort"] for port in ports}) == len(ports)
        ports = [port for each in containers_of(pod) for port in each.get("ports", [])]
        assert len({port["name"] for port in ports}) == len(ports)
        assert len({port["containerPort"] for port in ports}) == len(ports), (
            "the containers of a pod share its address"
        )


def test_a_probe_has_one_handler_and_a_volume_has_one_source(recording: Recording) -> None:
    for pod in pods(recording):
        for probe in values_of(pod, "livenessProbe", "readinessProbe", "startupProbe"):
            assert len({"httpGet", "tcpSocket", "exec", "grpc"} & set(probe)) == 1
        for hook in values_of(pod, "preStop"):
            assert set(hook) in ({"sleep"}, {"exec"})
        for volume in pod.get("volumes", []):
            sources = {"emptyDir", "configMap", "csi", "secret", "persistentVolumeClaim"}
            assert len(sources & set(volume)) == 1
            assert len(volume) == 2


def test_every_mount_has_a_volume_and_every_volume_a_mount(recording: Recording) -> None:
    for pod in pods(recording):
        mounts = [mount for mounts in values_of(pod, "volumeMounts") for mount in mounts]
        volumes = [volume["name"] for volume in pod.get("volumes", [])]
        assert {mount["name"] for mount in mounts} == {*volumes}
        assert len({*volumes}) == len(volumes)
        for container in containers_of(pod):
            paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            assert len({*paths}) == len(paths)


def test_every_file_of_an_app_is_mounted_read_only_at_its_path(
    recording: Recording,
) -> None:
    config_maps = {_namespace_and_name(each): each for each in of_kind(recording, "ConfigMap")}
    seen: set[tuple[str, str]] = set()
    for each in (e for kind in ("Deployment", "Job", "CronJob") for e in of_kind(recording, kind)):
        app = recording.settings.workloads.get(each["metadata"]["namespace"])
        if app is None:
            continue
        pod = pod_of(each)
        names = {
            v["name"]: v["configMap"]["name"] for v in pod.get("volumes", []) if "configMap" in v
        }
        for container in containers_of(pod):
            found: dict[str, str] = {}
            for mount in container.get("volumeMounts", []):
                if mount["name"] in names:
                    key = each["metadata"]["namespace"], names[mount["name"]]
                    found[mount["mountPath"]] = config_maps[key]["data"][mount["subPath"]]
                    assert mount["readOnly"] is True
                    assert config_maps[key]["immutable"] is True
                    seen.add(key)
            assert found == app.files
    assert seen == set(config_maps), "no pod mounts the ConfigMap"


def test_every_volume_has_a_claim_with_the_size_of_the_stack_file(recording: Recording) -> None:
    [storage_class] = of_kind(recording, "StorageClass")
    claims = {
        _namespace_and_name(each)[0]: each
        for each in of_kind(recording, "PersistentVolumeClaim")
        if each["spec"]["storageClassName"]
    }
    apps = {name: app for name, app in recording.settings.singletons.items() if app.volume}
    assert set(claims) == set(apps)
    for name, app in apps.items():
        [deployment] = [
            e for e in of_kind(recording, "Deployment") if _namespace_and_name(e) == (name, name)
        ]
        pod, spec = pod_of(deployment), claims[name]["spec"]
        claim_name = claims[name]["metadata"]["name"]
        [volume] = [
            v
            for v in pod["volumes"]
            if v.get("persistentVolumeClaim", {}).get("claimName") == claim_name
        ]
        assert app.volume
        for container in containers_of(pod):
            [mount] = [m for m in container["volumeMounts"] if m["name"] == volume["name"]]
            assert mount["mountPath"] == app.volume.path
        assert spec["resources"]["requests"]["storage"] == app.volume.size
        assert spec["storageClassName"] == storage_class["metadata"]["name"]
        assert pod["securityContext"]["fsGroup"] == app.run_as_group, (
            "the app could not write to its volume"
        )


def test_a_budget_has_one_limit_and_allows_evictions(recording: Recording) -> None:
    for each in of_kind(recording, "PodDisruptionBudget"):
        assert "minAvailable" not in each["spec"], "Kubernetes refuses a budget with both limits"
        assert each["spec"]["maxUnavailable"] >= 1, "no node could be drained"


def test_namespaces_service_accounts_and_priority_classes_exist(recording: Recording) -> None:
    namespaces = {each["metadata"]["name"] for each in of_kind(recording, "Namespace")}
    accounts = {
        (each["metadata"]["namespace"], each["metadata"]["name"])
        for each in of_kind(recording, "ServiceAccount")
    }
    priorities = {each["metadata"]["name"] for each in of_kind(recording, "PriorityClass")}
    for each in objects(recording):
        if each["kind"] not in CLUSTER_SCOPED_KINDS:
            assert each["metadata"]["namespace"] in namespaces, each["metadata"]
    for each in of_kind(recording, "Deployment"):
        pod = pod_of(each)
        assert pod["priorityClassName"] in priorities
        if "serviceAccountName" in pod:
            assert (each["metadata"]["namespace"], pod["serviceAccountName"]) in accounts


def test_a_deployment_selects_only_its_own_pods(recording: Recording) -> None:
    deployments = of_kind(recording, "Deployment")
    for each in deployments:
        labels = each["spec"]["template"]["metadata"]["labels"]
        assert selects(each["spec"]["selector"]["matchLabels"], labels)
    for one, other in itertools.permutations(deployments, 2):
        if one["metadata"]["namespace"] == other["metadata"]["namespace"]:
            labels = other["spec"]["template"]["metadata"]["labels"]
            assert not selects(one["spec"]["selector"]["matchLabels"], labels)


def test_services_budgets_and_autoscalers_select_existing_pods(recording: Recording) -> None:
    deployments = {
        (each["metadata"]["namespace"], each["metadata"]["name"]): each
        for each in of_kind(recording, "Deployment")
    }
    for each in of_kind(recording, "Service"):
        namespace, name = _namespace_and_name(each)
        template = deployments[namespace, name.removesuffix("-peers")]["spec"]["template"]
        assert selects(each["spec"]["selector"], template["metadata"]["labels"])
        port_names = {p["name"] for p in template["spec"]["containers"][0]["ports"]}
        target_ports = {port["targetPort"] for port in each["spec"]["ports"]}
        headless = each["spec"].get("clusterIP") == "None"
        assert target_ports <= port_names if headless else target_ports == port_names
    charts = [
        (each.inputs["namespace"], each.inputs["name"]) for each in recording.of_type(RELEASE)
    ]
    for each in of_kind(recording, "PodDisruptionBudget"):
        namespace, selector = each["metadata"]["namespace"], each["spec"]["selector"]["matchLabels"]
        if namespace in dict(charts):  # a proportional headroom has a chart for each workload
            assert (namespace, selector["app.kubernetes.io/instance"]) in charts
            continue
        template = deployments[_namespace_and_name(each)]["spec"]["template"]
        assert selects(selector, template["metadata"]["labels"])
    for each in (
        *of_kind(recording, "HorizontalPodAutoscaler"),
        *of_kind(recording, "ScaledObject"),
    ):
        target = each["spec"]["scaleTargetRef"]
        assert (target["apiVersion"], target["kind"]) == ("apps/v1", "Deployment")
        assert (each["metadata"]["namespace"], target["name"]) in deployments
    for each in of_kind(recording, "TargetGroupBinding"):
        [service] = [
            s
            for s in of_kind(recording, "Service")
            if s["metadata"]["namespace"] == each["metadata"]["namespace"]
            and s["metadata"]["name"] == each["metadata"]["name"].removesuffix(".internal")
        ]
        reference = each["spec"]["serviceRef"]
        assert reference["name"] == service["metadata"]["name"]
        assert reference["port"] in {port["port"] for port in service["spec"]["ports"]}


def test_affinity_and_spread_select_existing_pods(recording: Recording) -> None:
    templates = [
        (each["metadata"]["namespace"], each["spec"]["template"]["metadata"]["labels"])
        for each in of_kind(recording, "Deployment")
    ]
    for each in of_kind(recording, "Deployment"):
        pod, namespace = pod_of(each), each["metadata"]["namespace"]
        terms = [
            term
            for terms in values_of(pod, "requiredDuringSchedulingIgnoredDuringExecution")
            for term in terms
        ]
        terms += [*values_of(pod, "podAffinityTerm"), *pod.get("topologySpreadConstraints", [])]
        for term in terms:
            selector = term["labelSelector"]["matchLabels"]
            namespaces = term.get("namespaces", [namespace])
            assert any(
                other in namespaces and selects(selector, labels) for other, labels in templates
            ), "the term would have no effect"


def test_node_selectors_match_a_pool_whose_taints_are_tolerated(recording: Recording) -> None:
    zones = set(recording.settings.network.zones)
    for pod in pods(recording):
        selector = dict(pod.get("nodeSelector", {}))
        assert selector.pop("topology.kubernetes.io/zone", next(iter(zones))) in zones
        name = selector.pop("ha-eks/pool", None)
        assert selector == {}
        if name:
            pool = recording.settings.pools[name]
            taints = {(taint.key, taint.value) for taint in pool.all_taints}
            tolerated = {
                (each["key"], each["value"])
                for each in pod.get("tolerations", [])
                if not each["key"].startswith("node.kubernetes.io/")
            }
            assert taints == tolerated, "the pod would stay pending"


def _namespace_and_name(each: Object) -> tuple[str, str]:
    return each["metadata"]["namespace"], each["metadata"]["name"]

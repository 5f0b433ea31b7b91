"""Fields of Deployments: what each becomes, and what is reported."""

from pathlib import Path

import pytest

from tests.tools.importer.case import Object, deployment, imported, service

Capsys = pytest.CaptureFixture[str]
POD = "Deployment/web: spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
EXTENSION = "there is no setting; if it is needed, write an extension (docs/extensions.md)"
POD_SECURITY = (
    "namespaces enforce the restricted Pod Security Standard; write an extension "
    "(docs/extensions.md)"
)


@pytest.mark.parametrize(
    ("container", "path", "message"),
    [
        ({"tty": True}, "tty", EXTENSION),
        (
            {"lifecycle": {"postStart": {"exec": {"command": ["x"]}}}},
            "lifecycle.postStart",
            "start the program with a command that includes this",
        ),
        (
            {"lifecycle": {"preStop": {"exec": {"command": ["/bin/drain"]}}}},
            "lifecycle.preStop",
            "write preStop with the command and its duration in seconds",
        ),
        (
            {"readinessProbe": {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTPS"}}},
            "readinessProbe.httpGet.scheme",
            "probes send plain HTTP without headers to the pod; write another path, or a command",
        ),
        (
            {"readinessProbe": {"httpGet": {"path": "/", "port": "nope"}}},
            "readinessProbe.port",
            "no container has a port named nope; write the port",
        ),
        (
            {"ports": [{"containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}]},
            "ports[1]",
            "ports are TCP ports; write an extension for UDP",
        ),
        (
            {"securityContext": {"runAsUser": 1, "readOnlyRootFilesystem": True,
                                 "privileged": True}},
            "securityContext.privileged",
            POD_SECURITY,
        ),
        (
            {"securityContext": {"runAsUser": 1, "readOnlyRootFilesystem": True,
                                 "capabilities": {"add": ["SYS_ADMIN"]}}},
            "securityContext.capabilities.add",
            POD_SECURITY,
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}}]},
            "env[0].valueFrom.configMapKeyRef",
            "no file has ConfigMap m with k; write it in env",
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.x"}}}]},
            "env[0].valueFrom.fieldRef.fieldPath",
            "must be one of metadata.name, metadata.namespace, metadata.uid, spec.nodeName, "
            "spec.serviceAccountName, status.hostIP, status.hostIPs, status.podIP, status.podIPs",
        ),
    ],
)  # fmt: skip
def test_a_field_of_a_container_without_a_setting_is_reported(
    tmp_path: Path, capsys: Capsys, container: Object, path: str, message: str
) -> None:
    found = imported(tmp_path, capsys, deployment(container=container))
    assert found.status == 0
    assert f"not carried over: {CONTAINER}.{path}: {message}" in found.notes


@pytest.mark.parametrize(
    ("pod", "path", "message"),
    [
        ({"hostNetwork": True}, "hostNetwork", "pods have their own network and processes"),
        ({"nodeSelector": {"a": "b"}}, "nodeSelector",
         "write pool, the pool whose nodes run the pods"),
        ({"priorityClassName": "high"}, "priorityClassName",
         "write critical: true if the pods are to preempt other pods"),
        ({"shareProcessNamespace": True}, "shareProcessNamespace", EXTENSION),
    ],
)  # fmt: skip
def test_a_field_of_a_pod_without_a_setting_is_reported(
    tmp_path: Path, capsys: Capsys, pod: Object, path: str, message: str
) -> None:
    found = imported(tmp_path, capsys, deployment(pod=pod))
    assert found.notes == [f"not carried over: {POD}.{path}: {message}"]


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"hostPath": {"path": "/var/log"}},
         f"{POD}.volumes[0]: pods cannot mount files of a node; write scratch, files or "
         "secretFiles"),
        ({"nfs": {"server": "x", "path": "/"}},
         f"{POD}.volumes[0]: no setting for a volume of nfs; write files, secretFiles, scratch or "
         "sharedVolume"),
        ({"configMap": {"name": "absent"}},
         f"{CONTAINER}.volumeMounts[0]: write the files of ConfigMap absent in files"),
        ({"persistentVolumeClaim": {"claimName": "absent"}},
         f"{POD}.volumes[0].persistentVolumeClaim: no file has PersistentVolumeClaim absent; "
         "import its file too"),
    ],
)  # fmt: skip
def test_a_volume_without_a_setting_is_reported(
    tmp_path: Path, capsys: Capsys, volume: Object, message: str
) -> None:
    mount = {"name": "v", "mountPath": "/data"}
    document = deployment(
        container={"volumeMounts": [mount]}, pod={"volumes": [{"name": "v", **volume}]}
    )
    assert f"not carried over: {message}" in imported(tmp_path, capsys, document).notes


def test_a_pod_as_root_with_a_writable_file_system_is_reported(
    tmp_path: Path, capsys: Capsys
) -> None:
    found = imported(tmp_path, capsys, deployment(container={"securityContext": {"runAsUser": 0}}))
    assert "runAsUser" not in found.entries["ha-eks:apps"]["web"]
    assert found.notes == [
        "changed: Deployment/web: securityContext.runAsUser: pods never run as root; 65532 is "
        "used, or write the user of the image in runAsUser and runAsGroup",
        "changed: Deployment/web: securityContext.readOnlyRootFilesystem: the file system is "
        "read-only; write each directory that the program writes to, such as /tmp, in scratch",
    ]


def test_a_container_without_requests_gets_some(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(tmp_path, capsys, deployment(container={"resources": {}}))
    assert found.entries["ha-eks:apps"]["web"]["requests"] == {"cpu": "100m", "memory": "128Mi"}
    path = f"changed: {CONTAINER}.resources.requests"
    assert found.notes == [
        f"{path}.cpu: 100m is assumed; measure and write requests.cpu",
        f"{path}.memory: 128Mi is assumed; measure and write requests.memory",
    ]


def test_one_replica_becomes_two(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(tmp_path, capsys, deployment(spec={"replicas": 1}))
    replicas = found.entries["ha-eks:apps"]["web"]["replicas"]
    assert replicas == {"needed": 1, "min": 2, "max": 2}
    assert found.notes == [
        "changed: Deployment/web: spec.replicas: 1 became 2, so that the app survives a failed "
        "zone; if two pods do harm, write the entry in ha-eks:singletons"
    ]


def test_one_replica_of_an_autoscaler_becomes_two(tmp_path: Path, capsys: Capsys) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 4}
    scaler = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"}, "spec": spec}
    found = imported(tmp_path, capsys, deployment(), scaler)
    replicas = found.entries["ha-eks:apps"]["web"]["replicas"]
    assert replicas == {"needed": 1, "min": 2, "max": 4}
    assert found.notes == [
        "changed: HorizontalPodAutoscaler/web: spec.minReplicas: 1 became 2, so that the app "
        "survives a failed zone"
    ]


def test_a_budget_that_blocks_evictions_is_reported(tmp_path: Path, capsys: Capsys) -> None:
    budget = {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "web"}}},
    }
    found = imported(tmp_path, capsys, deployment(), budget)
    assert found.notes == [
        "not carried over: PodDisruptionBudget/web: spec.minAvailable: with 2 pods, 1 to 1 can be "
        "evicted at once; the default is used, or write replicas.maxUnavailable"
    ]


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        ({}, True),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}, True),
        (
            {
                "matchLabels": {"app": "web"},
                "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}],
            },
            False,
        ),
    ],
)
def test_a_budget_belongs_to_the_pods_that_its_selector_matches(
    tmp_path: Path, capsys: Capsys, selector: Object, selects: bool
) -> None:
    budget = {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "any"},
        "spec": {"maxUnavailable": 1, "selector": selector},
    }
    found = imported(tmp_path, capsys, deployment(), budget)
    replicas = found.entries["ha-eks:apps"]["web"]["replicas"]
    assert ("maxUnavailable" in replicas) is selects
    assert found.notes == (
        []
        if selects
        else ["not carried over: PodDisruptionBudget/any: it selects no workload of these files"]
    )


def test_a_cpu_target_without_capacity_for_a_zone_is_reported(
    tmp_path: Path, capsys: Capsys
) -> None:
    resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    scaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "any"},
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": 9,
            "metrics": [{"type": "Resource", "resource": resource}],
        },
    }
    found = imported(tmp_path, capsys, deployment(), scaler)
    app = found.entries["ha-eks:apps"]["web"]
    assert app["replicas"] == {"needed": 1, "min": 2, "max": 9}
    assert "scaling" not in app
    assert found.notes == [
        "not carried over: HorizontalPodAutoscaler/any: "
        "spec.metrics[0].resource.target.averageUtilization: 80% of cpu leaves no capacity for the "
        "load of a failed zone; the default is used"
    ]


def claim(name: str, mode: str) -> Object:
    storage = {"requests": {"storage": "5Gi"}}
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": [mode], "resources": storage},
    }


def with_claims(name: str, *claims: str) -> Object:
    """Returns a Deployment whose pods mount claims, each at the path of its name."""
    return deployment(
        name,
        container={"volumeMounts": [{"name": each, "mountPath": f"/{each}"} for each in claims]},
        pod={
            "volumes": [
                {"name": each, "persistentVolumeClaim": {"claimName": each}} for each in claims
            ]
        },
    )


def test_pods_with_one_volume_of_a_zone_are_refused(tmp_path: Path, capsys: Capsys) -> None:
    documents = [with_claims("web", "data"), claim("data", "ReadWriteOnce")]
    found = imported(tmp_path, capsys, *documents)
    assert (found.status, found.entries) == (1, {})
    assert found.notes[0] == (
        "refused: Deployment/web: spec.template.spec.volumes: 2 pods cannot share a volume of one "
        "zone; use sharedVolume or a managed service (docs/stateful.md)"
    )


def test_a_claim_of_many_pods_becomes_a_shared_volume(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(
        tmp_path,
        capsys,
        *(with_claims("web", "uploads", "themes"), with_claims("page", "uploads")),
        *(claim(name, "ReadWriteMany") for name in ("uploads", "themes")),
    )
    apps = found.entries["ha-eks:apps"]
    assert {name: app["sharedVolume"] for name, app in apps.items()} == {
        "web": {"path": "/uploads"},
        "page": {"path": "/uploads", "of": "web"},
    }
    assert found.notes == [
        f"changed: {POD}.volumes[0].persistentVolumeClaim: a new, empty EFS file system takes the "
        "place of PersistentVolumeClaim uploads; copy its data",
        f"not carried over: {POD}.volumes[1].persistentVolumeClaim: a workload has one "
        "sharedVolume; PersistentVolumeClaim themes is missing",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("http://api/v1", "http://api.api:8080/v1"),
        ("http://api:80", "http://api.api:8080"),
        ("https://api.example.com", "https://api.example.com"),
        ("postgres://u:p@api:80/x", "postgres://u:p@api.api:8080/x"),
        ("api.default.svc.cluster.local:80", "api.api:8080"),
        ("rapi:80,api:80", "rapi:80,api.api:8080"),
        ("api", "api"),
        ("api:99", "api:99"),
        ("my-api:80", "my-api:80"),
    ],
)
def test_addresses_of_other_workloads_are_rewritten(
    tmp_path: Path, capsys: Capsys, text: str, written: str
) -> None:
    caller = deployment(container={"env": [{"name": "TARGET", "value": text}]})
    called = deployment("api")
    for each in (caller, called, api := service("api")):
        each["metadata"]["namespace"] = "default"
    found = imported(tmp_path, capsys, caller, called, api)
    app = found.entries["ha-eks:apps"]["web"]
    assert app["env"] == {"TARGET": written}
    assert app.get("talksTo", []) == (["api"] if written != text else [])


def test_a_word_that_may_be_an_address_is_reported(tmp_path: Path, capsys: Capsys) -> None:
    caller = deployment(container={"args": ["--target", "api"]})
    found = imported(tmp_path, capsys, caller, deployment("api"), service("api"))
    assert found.entries["ha-eks:apps"]["web"]["args"] == ["--target", "api"]
    assert found.notes == [
        "not carried over: Deployment/web: args[1]: api may be an address; if so, write api.api, "
        "and api in talksTo"
    ]


def test_a_secret_that_is_used_twice_is_one_line(tmp_path: Path, capsys: Capsys) -> None:
    reference = {"secretKeyRef": {"name": "db", "key": "password"}}
    names = ("PASSWORD", "PASSWORD_AGAIN")
    env = [{"name": name, "valueFrom": reference} for name in names]
    found = imported(tmp_path, capsys, deployment(container={"env": env}))
    assert found.notes == [
        "not carried over: Secret/db: this program never reads secrets; create the Secret in the "
        "namespace of web before the first pod starts"
    ]


def test_a_directory_has_one_path_in_all_containers(tmp_path: Path, capsys: Capsys) -> None:
    document = deployment(
        container={"volumeMounts": [{"name": "v", "mountPath": "/data"}]},
        pod={
            "initContainers": [
                {
                    "name": "fetch",
                    "image": "registry.example.org/fetch:1",
                    "resources": {
                        "requests": {"cpu": "10m", "memory": "32Mi"},
                        "limits": {"memory": "32Mi"},
                    },
                    "volumeMounts": [{"name": "v", "mountPath": "/work"}],
                }
            ],
            "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}],
        },
    )
    found = imported(tmp_path, capsys, document)
    app = found.entries["ha-eks:apps"]["web"]
    assert app["scratch"] == {"/data": "1Gi"}
    assert app["initContainers"] == [
        {
            "name": "fetch",
            "image": "registry.example.org/fetch:1",
            "requests": {"cpu": "10m", "memory": "32Mi"},
        }
    ]
    assert found.notes == [
        f"not carried over: {POD}.initContainers[0].volumeMounts[0].mountPath: a directory has the "
        "same path in all containers of a pod; use /data there"
    ]


@pytest.mark.parametrize(
    ("resource", "device", "name"),
    [("nvidia.com/gpu", "gpu", "GPUs"), ("aws.amazon.com/neuron", "neuron", "Neuron devices")],
)
def test_accelerators_become_requests(
    tmp_path: Path, capsys: Capsys, resource: str, device: str, name: str
) -> None:
    size = {"cpu": "1", "memory": "2Gi"}
    resources = {"requests": size, "limits": {"memory": "2Gi", resource: 2}}
    found = imported(tmp_path, capsys, deployment(container={"resources": resources}))
    assert found.status == 0
    assert found.entries["ha-eks:apps"]["web"]["requests"] == {**size, device: 2}
    assert (
        f"changed: {CONTAINER}.resources.limits.{resource}: the pods run in a pool with {name}; "
        "write one in ha-eks:pools"
    ) in found.notes


def test_a_part_of_a_gpu_is_not_carried_over(tmp_path: Path, capsys: Capsys) -> None:
    resources = {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {
        "memory": "2Gi", "nvidia.com/mig-1g.5gb": 1,
    }}  # fmt: skip
    found = imported(tmp_path, capsys, deployment(container={"resources": resources}))
    assert (
        f"not carried over: {CONTAINER}.resources.limits.nvidia.com/mig-1g.5gb: write whole "
        "devices in requests.gpu or requests.neuron"
    ) in found.notes

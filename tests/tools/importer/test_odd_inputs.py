"""Unusual inputs are answered by the entry, or by one clear line."""

from pathlib import Path

import pytest

from tests.tools.importer.case import Object, deployment, imported, service

Capsys = pytest.CaptureFixture[str]
FILE = "web.yaml"


def compose(**service: object) -> Object:
    return {"services": {"web": {"image": "a/b:1", "ports": ["80"], **service}}}


def autoscaler(version: str, **spec: object) -> Object:
    return {
        "apiVersion": f"autoscaling/{version}",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 9, **spec},
    }


@pytest.mark.parametrize(
    ("documents", "line"),
    [
        (["a: 1\nb: 2\na: 3\n"], f"{FILE}:3: a is there twice; remove one of them"),
        (["kind: [\n"], f"{FILE}:2: not valid YAML; use the output of helm template"),
        (["---\n# only a comment\n---\n"], "no workload to import in"),
        (["- a\n"], f"{FILE}: must have mappings"),
        (["NAME: shop\n"], f"{FILE}: must have Kubernetes objects with apiVersion and kind"),
        ([{"kind": "List", "items": []}], "no workload to import in"),
        ([deployment(), deployment()], f"{FILE}: Deployment/web: "),
        ([compose(), compose()], "this name; import the output of docker compose config"),
        ([{"include": ["db.yaml"], **compose()}],
         f"{FILE}: include: import the output of docker compose config"),
        ([deployment(pod={"containers": []})],
         "refused: Deployment/web: containers: the pods have no container"),
        ([{"kind": "Deployment", "metadata": {"name": "web"}}],
         "refused: Deployment/web: containers: the pods have no container"),
        ([{"kind": "Deployment", "metadata": {"generateName": "web-"}}],
         f"{FILE}: Deployment: metadata.name: required"),
        ([deployment(container={"image": "{{ .Values.image }}"})], "has no version"),
        ([deployment(container={"ports": [{"containerPort": 70000}]})],
         "refused: Deployment/web: ha-eks:apps.web.port: must be between 1 and 65535, not 70000"),
        ([deployment(spec={"replicas": "two"})], "spec.replicas: must be a whole number"),
        ([compose(command='a "b')],
         "services.web.command: must be a command with a closing quotation mark"),
        ([compose(extends={"service": "base"})],
         "refused: service/web: extends: import the output of docker compose config"),
        ([compose(ports=[["80"]])], "services.web.ports: must be a list of texts or mappings"),
        ([{"services": ["web"]}], "services: must be a mapping"),
        ([{"services": {"web": None}}], "refused: service/web: image: required"),
    ],
)  # fmt: skip
def test_an_input_without_entry_has_one_line_about_it(
    tmp_path: Path, capsys: Capsys, documents: list[Object | str], line: str
) -> None:
    found = imported(tmp_path, capsys, *documents)
    assert found.status == 1
    assert len([each for each in found.notes if line in each.replace(f"{tmp_path}/", "")]) == 1


@pytest.mark.parametrize(
    ("documents", "wanted", "lines"),
    [
        (["---\n# Source: a\n---\nnull\n", deployment()], {"port": 8080}, []),
        ([autoscaler("v1", targetCPUUtilizationPercentage=40), deployment()],
         {"scaling": {"cpuPercent": 40}}, []),
        ([autoscaler("v2beta1", metrics=[{"type": "Resource", "resource": {
            "name": "memory", "targetAverageUtilization": 40}}]), deployment()],
         {"scaling": {"memoryPercent": 40}}, []),
        ([autoscaler("v1", targetCPUUtilizationPercentage=80), deployment()], {},
         ["spec.targetCPUUtilizationPercentage: 80% of cpu leaves no capacity"]),
        ([deployment(container={"resources": {"requests": {"cpu": "lots"}}})], {},
         ["requests.cpu: lots is no amount of CPU; 100m is assumed"]),
        ([deployment(container={"volumeMounts": [{"name": "gone", "mountPath": "/a"}]})], {},
         ["volumeMounts[0]: the pod has no volume of this name"]),
        ([deployment(pod={"volumes": [{"name": "h", "hostPath": {"path": "/"}}]},
                     container={"volumeMounts": [{"name": "h", "mountPath": "/a"}]})], {},
         ["volumes[0]: pods cannot mount files of a node"]),
        ([compose(ports=["8080:80", {"target": 81}, "127.0.0.1:90-92:90-92"])],
         {"port": 80, "otherPorts": {f"port-{each}": each for each in (81, 90, 91, 92)}}, []),
        ([compose(healthcheck={"disable": True})], {}, []),
        ([compose(depends_on={"db": {"condition": "service_healthy"}})], {},
         ["depends_on.db: no port of db is known; write its port"]),
        ([compose(deploy={"mode": "global", "resources": {"reservations": {"devices": []}}})], {},
         ["deploy.mode: the scheduler chooses the nodes", "write whole devices in requests.gpu"]),
    ],
)  # fmt: skip
def test_an_unusual_input_is_carried_over_with_a_line_for_the_rest(
    tmp_path: Path,
    capsys: Capsys,
    documents: list[Object | str],
    wanted: Object,
    lines: list[str],
) -> None:
    found = imported(tmp_path, capsys, *documents)
    assert found.status == 0
    web = found.entries["ha-eks:apps"]["web"]
    assert {key: web.get(key) for key in wanted} == wanted
    for line in lines:
        assert len([each for each in found.notes if line in each]) == 1, found.notes
    lost = [each for each in found.notes if each.startswith("not carried over")]
    assert len(lost) <= len(lines), "a field is reported twice, or without reason"


def test_an_ingress_of_an_old_api_leads_to_its_service(tmp_path: Path, capsys: Capsys) -> None:
    backend = {"serviceName": "web", "servicePort": 80}
    old = {
        "apiVersion": "extensions/v1beta1",
        "kind": "Ingress",
        "metadata": {"name": "web"},
        "spec": {"rules": [{"http": {"paths": [{"path": "/shop", "backend": backend}]}}]},
    }
    found = imported(tmp_path, capsys, deployment(), service(), old)
    assert found.entries["ha-eks:apps"]["web"]["expose"]["path"] == "/shop"

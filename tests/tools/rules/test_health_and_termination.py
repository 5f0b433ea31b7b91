"""HA2 and HA3: rules about probes and the termination of pods."""

import pytest

from tests.tools.rules.case import Change, Manifests, add, container, findings, pod

_SAME = {"httpGet": {"path": "/ready", "port": "http"}}


def _stays_ready(objects: Manifests) -> None:
    container(objects).pop("readinessProbe")
    objects["Service"]["spec"]["publishNotReadyAddresses"] = True


def _pause(objects: Manifests) -> None:
    """Makes of the shop pods that hold headroom."""
    container(objects).clear()
    container(objects).update(
        name="pause",
        image="registry.k8s.io/pause:3.10",
        resources={"requests": {"cpu": "1", "memory": "1Gi"}},
    )
    del objects["Service"]
    pod(objects)["terminationGracePeriodSeconds"] = 0


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (
            lambda o: container(o).pop("readinessProbe"),
            "error HA201 Deployment/shop/shop: spec.template.spec.containers[web].readinessProbe: "
            "no container has a readinessProbe, so that Service/shop/shop sends requests to pods "
            "that are still starting, and a rollout replaces all pods before the new ones can "
            "serve; write a readinessProbe",
        ),
        (
            lambda o: container(o).update(livenessProbe={**_SAME, "periodSeconds": 5}),
            "warning HA202 Deployment/shop/shop: spec.template.spec.containers[web].livenessProbe: "
            "makes the same request as the readinessProbe and fails within 15s, so that a slow or "
            "overloaded pod is restarted instead of getting no requests for a while, which "
            "overloads the other pods; write a livenessProbe that checks the process only, or a "
            "longer failureThreshold",
        ),
        (
            lambda o: container(o)["livenessProbe"]["httpGet"].update(port="admin"),
            "error HA203 Deployment/shop/shop: spec.template.spec.containers[web].livenessProbe"
            ".httpGet.port: the container has no port with the name admin, so that the probe "
            "always fails; write the name or number of a containerPort",
        ),
        (
            lambda o: (
                pod(o).update(terminationGracePeriodSeconds=0),
                container(o).pop("lifecycle"),
            ),
            "error HA301 Deployment/shop/shop: spec.template.spec.terminationGracePeriodSeconds: "
            "0 kills the processes at once, so that their requests and jobs fail; write the "
            "seconds that they need, or remove the field for the default of 30",
        ),
        (
            lambda o: container(o)["lifecycle"]["preStop"]["sleep"].update(seconds=60),
            "error HA302 Deployment/shop/shop: spec.template.spec.containers[web].lifecycle"
            ".preStop: sleeps 60s, but the grace period is 60s, so that the process is killed "
            "before it can finish its requests; raise terminationGracePeriodSeconds above the "
            "sleep and the longest request",
        ),
        (
            lambda o: (
                pod(o).pop("terminationGracePeriodSeconds"),
                container(o)["lifecycle"].update(
                    preStop={"exec": {"command": ["sh", "-c", "nginx -s quit; sleep 30"]}}
                ),
            ),
            "error HA302 Deployment/shop/shop: spec.template.spec.containers[web].lifecycle"
            ".preStop: sleeps 30s, but the grace period is 30s, so that the process is killed "
            "before it can finish its requests; raise terminationGracePeriodSeconds above the "
            "sleep and the longest request",
        ),
    ],
)
def test_a_gap_is_found(change: Change, finding: str) -> None:
    assert findings(change) == [finding]


@pytest.mark.parametrize(
    "change",
    [
        lambda o: container(o).update(startupProbe=container(o).pop("readinessProbe")),
        lambda o: (
            container(o).pop("readinessProbe"),
            pod(o).update(readinessGates=[{"conditionType": "target-health"}]),
        ),
        _stays_ready,
        lambda o: (container(o).pop("readinessProbe"), o.pop("Service")),
        lambda o: container(o).update(
            livenessProbe={**_SAME, "periodSeconds": 10, "failureThreshold": 6}
        ),
        lambda o: container(o).update(
            readinessProbe={"tcpSocket": {"port": 8080}},
            livenessProbe={"tcpSocket": {"port": 8080}},
        ),
        lambda o: container(o).pop("livenessProbe"),
        lambda o: container(o)["livenessProbe"]["httpGet"].update(port=9090),
        _pause,
        lambda o: add(o, JOB),
        lambda o: container(o)["lifecycle"].update(
            preStop={"exec": {"command": ["/bin/drain", "--seconds=90"]}}
        ),
        lambda o: container(o)["lifecycle"].update(preStop={"exec": {"command": ["sleep", "20"]}}),
    ],
)
def test_a_case_that_is_not_a_gap_is_not_flagged(change: Change) -> None:
    assert findings(change) == []


JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: import, namespace: shop}
spec:
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers: [{name: import, image: "registry.example.com/import:latest"}]
"""

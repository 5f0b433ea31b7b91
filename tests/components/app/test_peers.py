"""Workloads whose pods reach one another: headless Service, variables and network policy."""

from typing import Any

import pytest

from settings.worker.workers import Worker
from tests.components.app.deployed_apps import DEPLOYMENT, SERVICE, deployed, settings
from tests.components.deploy import Deployed

POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

PEERS: dict[str, Any] = {
    "otherPorts": {"cluster": 7800, "metrics": 9000},
    "peers": {"ports": ("cluster",)},
}


def worker() -> Worker:
    return Worker.model_validate(
        {
            "image": "example.com/worker:1.0",
            "requests": {"cpu": "250m", "memory": "128Mi"},
            "replicas": {"needed": 2, "max": 6},
            **PEERS,
        }
    )


def environment(web: Deployed) -> list[dict[str, Any]]:
    spec = web.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    return spec["containers"][0].get("env", [])


@pytest.mark.parametrize("workload", [settings(**PEERS), worker()])
def test_the_headless_service_has_the_addresses_of_all_pods(workload: Any) -> None:
    service = deployed(workload).one(SERVICE, "web-peers").inputs
    metadata = service["metadata"]
    assert (metadata["namespace"], metadata["name"]) == ("web", "web-peers")
    assert metadata["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert service["spec"] == {
        "type": "ClusterIP",
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {"app.kubernetes.io/name": "web"},
        "ports": [{"name": "cluster", "port": 7800, "targetPort": "cluster", "protocol": "TCP"}],
    }, "pods could not join a cluster before they are ready"


def test_pods_know_their_address_and_the_dns_name_of_their_peers() -> None:
    own = {"NODE": "app@$(POD_IP)"}
    assert environment(deployed(settings(**PEERS, env=own))) == [
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "PEERS_DNS", "value": "web-peers.web.svc.cluster.local"},
        {"name": "NODE", "value": "app@$(POD_IP)"},
    ], "a reference to a later variable would stay as it is"


def test_an_app_can_set_the_variables_of_peers_itself() -> None:
    found = environment(deployed(settings(**PEERS, env={"PEERS_DNS": "own"})))
    assert [each["name"] for each in found] == ["POD_IP", "PEERS_DNS"]
    assert found[1]["value"] == "own"


def test_pods_reach_one_another_on_the_ports_of_peers_only() -> None:
    spec = deployed(settings(**PEERS)).one(POLICY).inputs["spec"]
    pods = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
    }
    ports = [{"port": "cluster", "protocol": "TCP"}]
    assert spec["ingress"] == [{"from": [pods], "ports": ports}]
    assert spec["egress"][1:] == [{"to": [pods], "ports": ports}]


def test_without_peers_pods_have_no_headless_service_and_cannot_reach_one_another() -> None:
    web = deployed(settings(otherPorts=PEERS["otherPorts"]))
    assert [each.name for each in web.of_type(SERVICE)] == ["web"]
    assert environment(web) == []
    spec = web.one(POLICY).inputs["spec"]
    assert (spec.get("ingress", []), len(spec["egress"])) == ([], 1)

import json
from typing import Any

import pytest

from components.autoscaling.descheduler import LABELS, WITHOUT, values
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import DESCHEDULER
from tests.components.deploy import copied, upstream

PLUGIN = "RemovePodsViolatingTopologySpreadConstraint"


def policy() -> dict[str, Any]:
    return values(upstream)["deschedulerPolicy"]


def args_of(plugin: str) -> dict[str, Any]:
    [profile] = policy()["profiles"]
    [found] = [each["args"] for each in profile["pluginConfig"] if each["name"] == plugin]
    return found


def test_it_does_nothing_but_spread_pods_anew() -> None:
    assert set(policy()) == {"maxNoOfPodsToEvictTotal", "profiles"}, "a misspelt cap is no cap"
    [profile] = policy()["profiles"]
    assert profile["plugins"] == {"balance": {"enabled": [PLUGIN]}}
    assert [each["name"] for each in profile["pluginConfig"]] == ["DefaultEvictor", PLUGIN]


def test_it_evicts_one_pod_at_a_time_and_ten_in_minutes() -> None:
    assert policy()["maxNoOfPodsToEvictTotal"] == 1
    assert values(upstream)["deschedulingInterval"] == "30s"


def test_it_sees_constraints_that_pods_have_and_moves_none_that_would_find_no_place() -> None:
    args = args_of(PLUGIN)
    assert "ScheduleAnyway" in args["constraints"], "no app has any other"
    assert args["topologyBalanceNodeFit"] is True, "evicted again and again for a full zone"
    assert args_of("DefaultEvictor")["nodeFit"] is True


def test_it_counts_every_pod_of_an_app() -> None:
    evictor = args_of("DefaultEvictor")
    assert evictor["podProtections"] == {"defaultDisabled": ["PodsWithLocalStorage"]}
    assert set(evictor) == {"nodeFit", "podProtections"}, "pods that are protected do not count"


def test_it_has_two_replicas_of_which_one_works() -> None:
    given = values(upstream)
    assert (given["kind"], given["replicas"]) == ("Deployment", 2)
    election = given["leaderElection"]
    assert election["enabled"] is True
    assert election["resourceNamespace"] == DESCHEDULER.name, "its lease would be in kube-system"
    lease, renewal, retry = (
        int(election[key].removesuffix("s"))
        for key in ("leaseDuration", "renewDeadline", "retryPeriod")
    )
    assert lease > renewal > retry


def test_it_is_of_the_system_and_never_evicts_itself() -> None:
    assert values(upstream)["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize("key", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"])
def test_its_replicas_spread_over_zones_and_nodes(key: str) -> None:
    constraints = values(upstream)["topologySpreadConstraints"]
    [own] = [each for each in constraints if each["topologyKey"] == key]
    assert own["labelSelector"] == {"matchLabels": dict(LABELS)}
    assert own["whenUnsatisfiable"] == "ScheduleAnyway"


def test_it_is_within_the_restricted_standard() -> None:
    given = values(upstream)
    assert given["podSecurityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    container = given["securityContext"]
    assert container["runAsNonRoot"] is True
    assert container["allowPrivilegeEscalation"] is False
    assert container["capabilities"] == {"drop": ["ALL"]}


def test_it_asks_for_what_the_zones_hold_for_it_and_has_no_limit_of_cpu() -> None:
    asks = CONTROLLERS[DESCHEDULER.name]
    assert values(upstream)["resources"] == {
        "requests": {"cpu": f"{asks.cpu}m", "memory": f"{asks.memory}Mi"},
        "limits": {"memory": f"{asks.memory}Mi"},
    }
    assert "resources.limits.cpu" in WITHOUT, "its chart has one, which Helm merges in"


def test_its_image_can_be_a_copy() -> None:
    assert values(copied)["image"] == {"repository": copied(DESCHEDULER.image)}


def test_its_policy_is_what_a_chart_can_take() -> None:
    assert "{{" not in json.dumps(values(upstream)), "the chart takes the policy for a template"

import json
from typing import Any

import pytest

from components.autoscaling.descheduler import LABELS, REMOVED_VALUES, values
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import DESCHEDULER
from tests.components.deploy import copied, upstream

PLUGIN = "RemovePodsViolatingTopologySpreadConstraint"


def policy(*excluded: str) -> dict[str, Any]:
    return values(upstream, excluded)["deschedulerPolicy"]


def profile(name: str, *excluded: str) -> dict[str, Any]:
    [found] = [each for each in policy(*excluded)["profiles"] if each["name"] == name]
    return found


def args_of(plugin: str, *excluded: str, of: str = "preferred") -> dict[str, Any]:
    configured = profile(of, *excluded)["pluginConfig"]
    [found] = [each["args"] for each in configured if each["name"] == plugin]
    return found


KINDS = pytest.mark.parametrize("kind", ["preferred", "strict"])


def test_the_descheduler_only_enforces_the_spread_of_pods() -> None:
    assert set(policy()) == {"maxNoOfPodsToEvictPerNamespace", "profiles"}, (
        "the descheduler ignores unknown keys, so the limit of evictions would not apply"
    )
    assert [each["name"] for each in policy()["profiles"]] == ["preferred", "strict"]
    for each in policy()["profiles"]:
        assert each["plugins"] == {"balance": {"enabled": [PLUGIN]}}
        assert [plugin["name"] for plugin in each["pluginConfig"]] == ["DefaultEvictor", PLUGIN]


def test_the_descheduler_evicts_at_most_one_pod_of_each_app_every_30_seconds() -> None:
    assert policy()["maxNoOfPodsToEvictPerNamespace"] == 1
    assert values(upstream, [])["deschedulingInterval"] == "30s"


def test_pods_with_a_preferred_spread_are_evicted_only_if_they_fit_on_another_node() -> None:
    args = args_of(PLUGIN)
    assert args["constraints"] == ["ScheduleAnyway"]
    assert args["topologyBalanceNodeFit"] is True, (
        "pods would be evicted again and again although the other zone is full"
    )
    assert args_of("DefaultEvictor")["nodeFit"] is True


def test_pods_with_a_strict_spread_are_evicted_also_if_headroom_must_give_way() -> None:
    args = args_of(PLUGIN, of="strict")
    assert args["constraints"] == ["DoNotSchedule"]
    assert args["topologyBalanceNodeFit"] is False
    assert args_of("DefaultEvictor", of="strict")["nodeFit"] is False


@KINDS
def test_the_descheduler_leaves_out_apps_with_constraints_over_zones_and_nodes(kind: str) -> None:
    excluded = args_of(PLUGIN, "web", "cache", of=kind)["namespaces"]
    assert excluded == {"exclude": ["web", "cache"]}, (
        "pods would be evicted again and again, because no node satisfies both constraints"
    )
    assert "namespaces" not in args_of(PLUGIN, of=kind), (
        "an empty list may be refused by the plugin"
    )


@KINDS
def test_the_descheduler_counts_all_pods_of_an_app(kind: str) -> None:
    evictor = args_of("DefaultEvictor", of=kind)
    assert evictor["podProtections"] == {"defaultDisabled": ["PodsWithLocalStorage"]}
    assert set(evictor) == {"nodeFit", "podProtections"}, "protected pods would not be counted"


def test_the_descheduler_has_two_replicas_with_leader_election() -> None:
    chart_values = values(upstream, [])
    assert (chart_values["kind"], chart_values["replicas"]) == ("Deployment", 2)
    election = chart_values["leaderElection"]
    assert election["enabled"] is True
    assert election["resourceNamespace"] == DESCHEDULER.name, (
        "the lease would be in kube-system, where the descheduler may not write"
    )
    lease, renewal, retry = (
        int(election[key].removesuffix("s"))
        for key in ("leaseDuration", "renewDeadline", "retryPeriod")
    )
    assert lease > renewal > retry


def test_the_descheduler_is_a_system_pod_and_never_evicts_itself() -> None:
    assert values(upstream, [])["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize("key", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"])
def test_the_replicas_of_the_descheduler_spread_over_zones_and_nodes(key: str) -> None:
    constraints = values(upstream, [])["topologySpreadConstraints"]
    [constraint] = [each for each in constraints if each["topologyKey"] == key]
    assert constraint["labelSelector"] == {"matchLabels": dict(LABELS)}
    assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"


def test_the_descheduler_meets_the_restricted_standard() -> None:
    chart_values = values(upstream, [])
    assert chart_values["podSecurityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    container = chart_values["securityContext"]
    assert container["runAsNonRoot"] is True
    assert container["allowPrivilegeEscalation"] is False
    assert container["capabilities"] == {"drop": ["ALL"]}


def test_the_descheduler_has_the_requests_of_the_headroom_arithmetic_and_no_cpu_limit() -> None:
    requests = CONTROLLERS[DESCHEDULER.name]
    assert values(upstream, [])["resources"] == {
        "requests": {"cpu": f"{requests.cpu}m", "memory": f"{requests.memory}Mi"},
        "limits": {"memory": f"{requests.memory}Mi"},
    }
    assert "resources.limits.cpu" in REMOVED_VALUES, (
        "Helm would merge in the CPU limit of the chart"
    )


def test_the_descheduler_image_is_pulled_from_the_image_source() -> None:
    assert values(copied, [])["image"] == {"repository": copied(DESCHEDULER.image)}


def test_the_descheduler_policy_contains_no_template_syntax() -> None:
    assert "{{" not in json.dumps(values(upstream, [])), (
        "the chart would render the policy as a template"
    )

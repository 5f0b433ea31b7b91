"""Lookup of workloads by the labels of their pods."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.rules.case import Manifest
from tools.manifests.documents import Document
from tools.manifests.selectors import Selector, label_selector
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.model import Object, object_of
from tools.rules.objects import Objects
from tools.rules.rule import findings_of

_LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), max_size=2)
_NAMESPACES = st.sampled_from(["", "shop", "test"])
_EXPRESSIONS = st.fixed_dictionaries({
    "key": st.sampled_from("ab"),
    "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    "values": st.lists(st.sampled_from("12"), max_size=2),
})  # fmt: skip
_SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": _LABELS, "matchExpressions": st.lists(_EXPRESSIONS, max_size=2)}
)


def _object(kind: str, name: str, namespace: str, spec: Manifest) -> Object:
    metadata = {"name": name, "namespace": namespace}
    values = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
    found = object_of(Document(file="a.yaml", line=1, values=values))
    assert found
    return found


def _workload(kind: str, name: str, namespace: str, labels: Mapping[str, str]) -> Object:
    return _object(kind, name, namespace, {"template": {"metadata": {"labels": labels}}})


@settings(max_examples=30)
@given(
    st.lists(st.tuples(_NAMESPACES, _LABELS), max_size=6),
    st.lists(st.tuples(_NAMESPACES, _SELECTORS), max_size=3),
)
def test_a_selector_finds_the_workloads_that_a_search_of_all_would_find(
    pods: Sequence[tuple[str, Mapping[str, str]]], selectors: Sequence[tuple[str, Manifest]]
) -> None:
    workloads = [_workload("ReplicaSet", str(number), *each) for number, each in enumerate(pods)]
    budgets = [
        _object("PodDisruptionBudget", str(number), namespace, {"selector": each})
        for number, (namespace, each) in enumerate(selectors)
    ]
    objects = Objects([*budgets, *workloads])
    for budget in budgets:
        selector = label_selector(budget.spec, "selector")
        assert selector
        expected = [
            each
            for each in objects.workloads
            if each.object.shares_namespace(budget) and selector.matches(each.labels)
        ]
        assert objects.selected(budget) == objects.matching(budget, selector) == expected


@pytest.mark.parametrize(
    ("kind", "label", "value"),
    [
        ("StatefulSet", "statefulset.kubernetes.io/pod-name", "web-0"),
        ("StatefulSet", "apps.kubernetes.io/pod-index", "0"),
        ("Job", "batch.kubernetes.io/job-name", "web"),
    ],
)
def test_a_selector_finds_labels_that_kubernetes_adds(kind: str, label: str, value: str) -> None:
    found, other = (_workload(kind, name, "shop", {"app": "a"}) for name in ("web", "other"))
    service = _object("Service", "web", "shop", {"selector": {"app": "a", label: value}})
    objects = Objects([other, service, found, _workload("Pod", "web", "shop", {})])
    expected = [other, found] if value == "0" else [found]
    assert [each.object for each in objects.selected(service)] == expected


def test_an_audit_compares_a_selector_with_few_workloads(monkeypatch: pytest.MonkeyPatch) -> None:
    apps, compared = 40, 0
    original = Selector.matches

    def matches(self: Selector, labels: Mapping[str, str]) -> bool:
        nonlocal compared
        compared += 1
        return original(self, labels)

    monkeypatch.setattr(Selector, "matches", matches)
    found: list[Object] = []
    for number in range(apps):
        labels = {"app": str(number), "part-of": "shop"}
        selector = {"matchLabels": labels}
        spread = {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": selector}
        pod = {"topologySpreadConstraints": [spread]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        found += [
            _object("Deployment", f"app{number}", "shop", {"template": template}),
            _object("Service", f"app{number}", "shop", {"selector": labels}),
            _object("PodDisruptionBudget", f"app{number}", "shop", {"selector": selector}),
        ]
    assert [*findings_of(KUBERNETES_RULES, Objects(found))]
    assert apps <= compared <= 3 * apps, "the time of an audit grows with the square of the objects"

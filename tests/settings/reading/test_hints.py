"""Tests of the hints for unknown keys: the key to write instead."""

from typing import Any

import pytest

from settings import check
from settings.aws import Aws
from settings.reading.declared import Declared, declared, declared_at, fields_of
from settings.reading.hints import HINTS, hint_for
from settings.reading.unknown_keys import unknown_key
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tests.settings.stack_files import config_of, further, problems_of, put_at

MODELS = {f"{NAMESPACE}:{name}": model for name, model in {**REQUIRED, **OPTIONAL}.items()}


def declared_key(key: str) -> Declared | None:
    """Returns the declared type of a full key; None if the key does not exist."""
    top, *parts = key.split(".")
    if top.startswith("aws:"):
        return declared_at(Aws, (top.removeprefix("aws:"), *parts))
    return declared_at(MODELS[top], tuple(parts)) if top in MODELS else None


@pytest.mark.parametrize("section", HINTS)
def test_a_hint_is_for_an_unknown_name_and_names_existing_keys(section: str) -> None:
    place = section.replace("probes.*", "probes.liveness").replace(".*", ".NAME")
    if section == NAMESPACE:
        known = {*REQUIRED, *OPTIONAL}
    elif section == "aws":
        known = {*fields_of(Aws)}
    else:
        found = declared_key(place)
        assert found, "the section does not exist"
        assert found.model, "the section does not exist"
        known = {*fields_of(found.model)}
    assert known.isdisjoint(HINTS[section]), "a hint for a key that exists is never shown"
    prefix = "aws:" if section == "aws" else f"{place}."
    for name, hint in HINTS[section].items():
        for key in hint.keys:
            full = key if ":" in key else f"{prefix}{key}"
            assert declared_key(full), f"{name} points to {full}, which does not exist"


CASES: dict[tuple[str, ...], str] = {
    ("ha-eks:vpc",): ("unknown key; write ha-eks:network instead. All keys: docs/settings.md"),
    ("ha-eks:nat",): ("unknown key; write ha-eks:network.nat instead. All keys: docs/settings.md"),
    ("ha-eks:instanceTypes",): (
        "unknown key; write ha-eks:pools.NAME.instanceTypes instead. All keys: docs/settings.md"
    ),
    ("ha-eks:Network",): 'unknown key; did you mean "network"? All keys: docs/settings.md',
    ("aws:assumeRole",): (
        "unknown key; write assumeRoles instead (a list). All keys: docs/settings.md#aws"
    ),
    ("ha-eks:cluster", "deletionProtection"): (
        "unknown key; write ha-eks:protected instead (protects the whole cell). All keys: "
        "docs/settings.md#ha-eks-cluster"
    ),
    ("ha-eks:loadBalancing", "deletionProtection"): (
        "unknown key; write ha-eks:protected instead (protects the whole cell). All keys: "
        "docs/settings.md#ha-eks-loadBalancing"
    ),
    ("ha-eks:network", "NAT"): (
        'unknown key; did you mean "nat"? All keys: docs/settings.md#ha-eks-network'
    ),
    ("ha-eks:network", "singleNatGateway"): (
        "unknown key; write nat instead (nat: single). All keys: docs/settings.md#ha-eks-network"
    ),
    ("ha-eks:pools", "general", "minSize"): (
        "unknown key; write perZone.min instead (numbers are per zone). All keys: "
        "docs/settings.md#ha-eks-pools"
    ),
    ("ha-eks:pools", "general", "reuseOnScaleIn"): (
        "unknown key; write warmPool.reuseOnScaleIn instead. All keys: "
        "docs/settings.md#ha-eks-pools"
    ),
    ("ha-eks:apps", "web", "livenessProbe"): (
        "unknown key; write probes.liveness instead. All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "terminationGracePeriodSeconds"): (
        "unknown key; write shutdownSeconds instead (time from TERM to exit; the grace period is "
        "derived from it). All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "requests", "nvidia.com/gpu"): (
        "unknown key; write gpu instead. All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "hpa"): (
        "unknown key; write replicas or scaling instead. All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "imagePullSecret"): (
        "unknown key; write imagePullSecrets instead (a list). All keys: "
        "docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "probes", "liveness", "failureThreshold"): (
        "unknown key; write failures instead. All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "keepAliveSeconds"): (
        "unknown key; write expose.keepAliveSeconds instead. All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "volume"): (
        "unknown key; write sharedVolume or ha-eks:singletons.NAME.volume instead (EFS for all "
        "pods, EBS for a single pod). All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "efs"): (
        "unknown key; write sharedVolume instead (an EFS file system for all pods). All keys: "
        "docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "secretsManager"): (
        "unknown key; write awsSecrets instead (files from AWS, by ARN). All keys: "
        "docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:jobs",): (
        "unknown key; write ha-eks:cronJobs, ha-eks:apps.NAME.migration or ha-eks:workers "
        "instead (at set times, before a rollout, or from a queue). All keys: docs/settings.md"
    ),
    ("ha-eks:migrations",): (
        "unknown key; write ha-eks:apps.NAME.migration instead (a job before the rollout of its "
        "app). All keys: docs/settings.md"
    ),
    ("ha-eks:statefulSets",): (
        "unknown key; write ha-eks:singletons instead (one pod with a volume). All keys: "
        "docs/settings.md"
    ),
    ("ha-eks:apps", "web", "containers"): (
        "unknown key; write image or sidecars instead (the workload is the first container, all "
        "others are sidecars). All keys: docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "extraContainers"): (
        "unknown key; write sidecars instead (a list; each item has a name). All keys: "
        "docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "initContainer"): (
        "unknown key; write initContainers instead (a list; each item has a name). All keys: "
        "docs/settings.md#ha-eks-apps"
    ),
    ("ha-eks:apps", "web", "qqq"): "unknown key. All keys: docs/settings.md#ha-eks-apps",
}


@pytest.mark.parametrize("path", CASES, ids=".".join)
def test_an_unknown_key_is_refused_with_the_key_to_write(path: tuple[str, ...]) -> None:
    config: Any = config_of("prod")
    for top in path[:-1][:1]:
        config.setdefault(top, {})
    put_at(config, path, {})
    assert [(each.key, each.message) for each in check(config)[1]] == [
        (".".join(path), CASES[path])
    ]


@pytest.mark.parametrize("kind", ["apps", "workers", "singletons"])
def test_a_hint_below_a_workload_names_keys_of_the_same_kind(kind: str) -> None:
    hint = hint_for(f"ha-eks:{kind}.NAME.probes.liveness", "initialDelaySeconds")
    assert hint
    assert str(hint) == f"write ha-eks:{kind}.NAME.probes.startupSeconds instead"


@pytest.mark.parametrize("kind", ["apps", "workers", "singletons", "cronJobs"])
def test_a_hint_in_a_sidecar_or_an_init_container_names_keys_of_its_workload(kind: str) -> None:
    hint = f"write ha-eks:{kind}.NAME.sidecars instead (a sidecar is always restarted, no other"
    for place in ("initContainers[0]", "sidecars[1]"):
        found = hint_for(f"ha-eks:{kind}.nightly.{place}", "restartPolicy")
        assert str(found) == f"{hint} container)"
    assert str(hint_for(f"ha-eks:{kind}.nightly", "sidecar")) == (
        "write sidecars instead (a list; each item has a name)"
    )


def test_an_unknown_key_of_a_sidecar_is_refused_with_the_key_to_write() -> None:
    change = (("ha-eks:apps", "web", "sidecars"), [further("proxy", resources={})])
    assert [(each.key, each.message) for each in problems_of(change)] == [
        (
            "ha-eks:apps.web.sidecars[0].resources",
            "unknown key; write requests instead (the memory limit is the request, and CPU has no "
            "limit). All keys: docs/settings.md#ha-eks-apps",
        )
    ]


def test_an_unknown_key_suggests_the_three_nearest_keys() -> None:
    names = ("minReplicas", "maxReplicas", "replicas", "replicaCount")
    known: dict[str, Declared] = {name: declared(int) for name in names}
    assert unknown_key("replica", known, "ha-eks:apps.web") == (
        'unknown key; did you mean "replicas", "minReplicas" or "maxReplicas"? All keys: '
        "docs/settings.md#ha-eks-apps"
    )

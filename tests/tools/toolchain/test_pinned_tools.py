"""Pinned versions of the tools and their Go modules."""

import re
from pathlib import Path

import pytest

from core.facts.versions.kubernetes import KUBERNETES
from tools.recording.record import ROOT
from tools.toolchain import (
    ETCD,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KWOK,
    METRICS_SERVER,
    PULUMI,
    PULUMI_KUBERNETES,
    VEGETA,
    Tool,
    build,
)


@pytest.mark.parametrize(
    ("tool", "variable"),
    [
        (PULUMI, "HA_EKS_PULUMI"),
        (ETCD, "HA_EKS_ETCD"),
        (KUBE_APISERVER["1.36"], "HA_EKS_KUBE_APISERVER"),
        (KUBE_CONTROLLER_MANAGER["1.34"], "HA_EKS_KUBE_CONTROLLER_MANAGER"),
        (KUBE_SCHEDULER["1.35"], "HA_EKS_KUBE_SCHEDULER"),
        (KWOK, "HA_EKS_KWOK"),
        (VEGETA, "HA_EKS_VEGETA"),
        (METRICS_SERVER, "HA_EKS_METRICS_SERVER"),
    ],
)
def test_a_tool_has_a_variable_and_a_pinned_module(tool: Tool, variable: str) -> None:
    assert tool.variable == variable
    module = Path(build.__file__).parent / tool.module
    pins = (module / "go.mod").read_text()
    assert re.search(rf"^(tool |\t){re.escape(tool.package)}$", pins, re.MULTILINE)
    version = re.escape(".".join(map(str, tool.version)))
    roots = re.findall(rf"^(?:require |\t)(\S+) v{version}(?: |$)", pins, re.MULTILINE)
    assert [root for root in roots if f"{tool.package}/".startswith(f"{root}/")], (
        "the build would have another version than the tool"
    )
    assert (module / "go.sum").stat().st_size


def test_the_kubernetes_provider_embeds_files_of_its_pinned_module() -> None:
    module = Path(build.__file__).parent / PULUMI_KUBERNETES.module
    embedded = PULUMI_KUBERNETES.embedded
    assert embedded
    pins = (module / "go.mod").read_text()
    assert pins.startswith(f"module {PULUMI_KUBERNETES.package}\n")
    assert f"\nrequire {embedded.module} v4.0.0-20260115033456-f47bc2d6f199\n" in pins
    main = (module / "main.go").read_text()
    assert re.findall("//go:embed (.*)", main) == [Path(each).name for each in embedded.files]
    assert PULUMI_KUBERNETES.variable == "HA_EKS_PULUMI_RESOURCE_KUBERNETES"


def test_every_supported_kubernetes_version_has_a_control_plane() -> None:
    for programs in (KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER):
        assert set(programs) == set(KUBERNETES)
    for minor, each in KUBE_APISERVER.items():
        assert ".".join(map(str, each.version)).startswith(f"{minor}.")
        assert f"k8s.io/kubernetes v{'.'.join(map(str, each.version))}" in (
            ROOT / "tools" / "toolchain" / each.module / "go.mod"
        ).read_text(encoding="utf-8")

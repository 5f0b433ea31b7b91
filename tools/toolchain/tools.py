"""The programs, and the pinned Go modules that they are built from."""

from collections.abc import Mapping
from dataclasses import dataclass

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Files that a main package embeds, and that are in another module."""

    module: str
    """Path of the other module."""
    files: tuple[str, ...]
    """Paths of the files in the module. The main package embeds them by their names."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program and the Go package that it is built from."""

    name: str
    """File name of the program."""
    module: str
    """Folder with go.mod and go.sum, beside this file; empty if the program is not built."""
    package: str
    """Go package of the main function; without a module, the package of the distribution."""
    version: Version
    """Version that the module pins, and the lowest supported version."""
    below: Version
    """Lowest version that is not supported."""
    version_arguments: tuple[str, ...]
    """Arguments with which the program prints its version; empty if the program prints none."""
    version_variables: tuple[str, ...] = ()
    """Go variables that the linker sets to the version."""
    embedded: Embedded | None = None
    """Files that the main function in the folder of go.mod embeds."""
    build_time: str = "some minutes"
    """Duration of a build, for messages."""

    @property
    def variable(self) -> str:
        """Name of the environment variable with the path of the program."""
        return f"HA_EKS_{self.name.upper().replace('-', '_')}"


PULUMI = Tool(
    name="pulumi",
    module="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version=(3, 259, 0),
    below=(4, 0, 0),
    version_arguments=("version",),
    version_variables=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",),
)
ETCD = Tool(
    name="etcd",
    module="etcd",
    package="go.etcd.io/etcd/server/v3",
    version=(3, 6, 8),
    below=(3, 7, 0),
    version_arguments=("--version",),
)
_KUBERNETES_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4"
PULUMI_KUBERNETES = Tool(
    name="pulumi-resource-kubernetes",
    module="pulumi-kubernetes",
    package="ha-eks/toolchain/pulumi-kubernetes",
    version=(4, 25, 0),
    below=(5, 0, 0),
    version_arguments=(),
    version_variables=(f"{_KUBERNETES_PROVIDER}/pkg/version.Version",),
    embedded=Embedded(
        module=_KUBERNETES_PROVIDER,
        files=(
            "cmd/pulumi-resource-kubernetes/schema.json",
            "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
        ),
    ),
    build_time="up to 30 minutes",
)
"""The Kubernetes provider of Pulumi. The module pins a commit that is almost version 4.25.0."""

_KUBERNETES_VERSIONS = ("k8s.io/component-base/version.gitVersion",
                        "k8s.io/client-go/pkg/version.gitVersion")  # fmt: skip


def _of_control_plane(name: str) -> Mapping[str, Tool]:
    """Returns a program of the Kubernetes control plane, by minor version of the cluster."""
    return {
        minor: Tool(
            name=name,
            module=f"kubernetes-{minor}",
            package=f"k8s.io/kubernetes/cmd/{name}",
            version=version,
            below=(version[0], version[1] + 1, 0),
            version_arguments=("--version",),
            version_variables=_KUBERNETES_VERSIONS,
        )
        for minor, version in (("1.34", (1, 34, 4)), ("1.35", (1, 35, 4)), ("1.36", (1, 36, 2)))
    }


KUBE_APISERVER = _of_control_plane("kube-apiserver")
KUBE_CONTROLLER_MANAGER = _of_control_plane("kube-controller-manager")
KUBE_SCHEDULER = _of_control_plane("kube-scheduler")

KUBECTL = Tool(
    name="kubectl",
    module="kubectl",
    package="k8s.io/kubernetes/cmd/kubectl",
    version=(1, 36, 2),
    below=(1, 38, 0),
    version_arguments=("version", "--client"),
    version_variables=_KUBERNETES_VERSIONS,
)
"""kubectl, which supports API servers of the same minor version, the previous and the next.

https://kubernetes.io/releases/version-skew-policy/#kubectl
"""

KWOK = Tool(
    name="kwok",
    module="kwok",
    package="sigs.k8s.io/kwok/cmd/kwok",
    version=(0, 8, 0),
    below=(0, 9, 0),
    version_arguments=("--version",),
)
"""KWOK, which simulates kubelets. https://kwok.sigs.k8s.io"""

METRICS_SERVER = Tool(
    name="metrics-server",
    module="metrics-server",
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    version=(0, 9, 0),
    below=(0, 10, 0),
    version_arguments=("--version",),
    version_variables=("k8s.io/client-go/pkg/version.gitVersion",),
)
"""metrics-server, which reads the CPU usage of pods from kubelets for the pod autoscaler."""

VEGETA = Tool(
    name="vegeta",
    module="vegeta",
    package="github.com/tsenart/vegeta/v12",
    version=(12, 13, 0),
    below=(13, 0, 0),
    version_arguments=("-version",),
    version_variables=("main.Version",),
)
"""vegeta, which sends HTTP requests at a constant rate. https://github.com/tsenart/vegeta"""

HELM = Tool(
    name="helm",
    module="helm",
    package="helm.sh/helm/v3/cmd/helm",
    version=(3, 22, 0),
    below=(4, 0, 0),
    version_arguments=("version", "--short"),
    version_variables=("helm.sh/helm/v3/internal/version.version",),
)
"""Helm, which renders charts. https://helm.sh"""

KUBE_SCORE = Tool(
    name="kube-score",
    module="kube-score",
    package="github.com/zegl/kube-score/cmd/kube-score",
    version=(1, 20, 0),
    below=(2, 0, 0),
    version_arguments=("version",),
    version_variables=("main.version",),
)
"""kube-score, which checks manifests. https://github.com/zegl/kube-score"""

HAPROXY = Tool(
    name="haproxy",
    module="",
    package="haproxy",
    version=(2, 4, 0),
    below=(4, 0, 0),
    version_arguments=("-v",),
)
"""haproxy, which stands for the Application Load Balancer. https://www.haproxy.org"""

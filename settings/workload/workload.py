"""Settings of the pods of every workload: app, worker or singleton."""

import re
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field

from core.availability.pod_requests import InitContainerRequests, pod_requests
from core.availability.resources import Resources
from core.facts.accelerators import RESOURCES
from settings.pool.pools import PoolName
from settings.reading.names import AppName, FilePath, ObjectName
from settings.reading.quantities import Bytes, mebibytes, millicores
from settings.reading.section import Unique, refuse
from settings.workload.aws_secrets import AwsSecret, KmsKey
from settings.workload.connections import Reach
from settings.workload.container import (
    LOG_STORAGE,
    Container,
    ContainerRequests,
    Limits,
    Logs,
    Requests,
    SecretFile,
)
from settings.workload.containers import InitContainer, Sidecar
from settings.workload.shared_volume import SharedVolume

_POLICY = re.compile(r"arn:aws:iam::(?:aws|[0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]{1,512}")


def _policy(value: str) -> str:
    if not _POLICY.fullmatch(value):
        raise refuse(
            "must be the ARN of an IAM policy such as "
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        )
    return value


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""User or group ID other than root."""
Policy = Annotated[str, AfterValidator(_policy)]
"""ARN of an IAM policy."""


class Workload(Container):
    """Pods in a namespace with the name of the workload."""

    files: dict[FilePath, str] = Field(default_factory=dict[str, str])
    """Read-only text files, by absolute path; at most 900,000 bytes in all. A change rolls out new
    pods. Contents are visible in Pulumi's state: write secrets with `secretEnv`."""
    secret_files: dict[FilePath, SecretFile] = Field(default_factory=dict[str, SecretFile])
    """Read-only files from Secrets, by absolute path; only the user and group of the container can
    read them. A changed Secret reaches running pods if the path is a directory, and otherwise new
    pods only. https://kubernetes.io/docs/concepts/configuration/secret/"""
    init_containers: tuple[InitContainer, ...] = ()
    """Containers that run to their end, one after the other, before the program starts."""
    sidecars: tuple[Sidecar, ...] = ()
    """Containers that run beside the program, in the order of their start."""
    requests: Requests
    """CPU, memory and ephemeral storage of one pod."""
    limits: Limits = Limits()
    """Limits of one pod. Default: the memory limit is the request, and nothing else is limited."""
    logs: Logs = Logs()
    """Collection of the standard output."""
    traced: bool = False
    """True: the pods receive the OpenTelemetry environment variables (`OTEL_…`) and can send traces
    to the CloudWatch agent. The program needs an OpenTelemetry SDK."""
    run_as_user: Id = 65532
    """User ID of the container's processes."""
    run_as_group: Id = 65532
    """Group ID of the container's processes and volumes."""
    scratch: dict[FilePath, Bytes] = Field(default_factory=dict[str, str])
    """Writable empty directories, by absolute path, with their size limits. The rest of the file
    system is read-only. The contents are lost with the pod. The directories are on the disk of the
    node: the pod requests their sizes as ephemeral storage."""
    memory_scratch: dict[FilePath, Bytes] = Field(default_factory=dict[str, str])
    """Writable empty directories in memory, such as `/dev/shm`, by absolute path, with their size
    limits. What they contain counts against `requests.memory`, which must be larger than all of
    them together. https://kubernetes.io/docs/concepts/storage/volumes/#emptydir"""
    aws_secrets: dict[FilePath, AwsSecret] = Field(default_factory=dict[str, str])
    """Read-only files from AWS Secrets Manager and Parameter Store, by absolute path: ARNs of
    secrets and parameters in the region of the cell. All files are in one directory. Each pod reads
    them when it starts, with the IAM role of the workload, and does not start while AWS does not
    answer. A changed secret reaches new pods only."""
    aws_secret_keys: Annotated[tuple[KmsKey, ...], Unique] = ()
    """ARNs of the customer managed KMS keys that encrypt `awsSecrets`. Default: none; keys of AWS
    need no permission."""
    shared_volume: SharedVolume | None = None
    """EFS file system that the pods share, in every zone. Default: none."""
    image_pull_secrets: Annotated[tuple[ObjectName, ...], Unique] = ()
    """Secrets of type `kubernetes.io/dockerconfigjson` in the namespace of the workload, for
    registries whose images nodes do not pull from ECR. The credentials of registries that ECR
    caches are in `images.credentials`.
    https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"""
    service_account_token: bool = False
    """True: the pods can call the Kubernetes API with the token of their ServiceAccount."""
    policies: Annotated[tuple[Policy, ...], Field(max_length=10), Unique] = ()
    """ARNs of managed IAM policies, at most 10. The pods receive an IAM role with these policies
    through EKS Pod Identity. Default: no role."""
    pool: PoolName | None = None
    """Pool whose nodes run the pods; the pods tolerate its taints. Default: any pool without
    NO_SCHEDULE or NO_EXECUTE taints."""
    talks_to: Annotated[tuple[AppName, ...], Unique] = ()
    """Apps and singletons that the pods send requests to. Their addresses have the name twice, such
    as `http://catalog.catalog:8080`, because the name is the namespace too. Network policies deny
    all other traffic between workloads."""
    reaches: tuple[Reach, ...] = ()
    """IP addresses outside of the cell's workloads that the pods send requests to. Network policies
    deny traffic to all other addresses."""

    @property
    def containers(self) -> dict[str, Container]:
        """All containers, by the prefix of their keys below the workload."""
        return {
            "": self,
            **{
                f"initContainers[{index}].": each for index, each in enumerate(self.init_containers)
            },
            **{f"sidecars[{index}].": each for index, each in enumerate(self.sidecars)},
        }

    @property
    def before_program(self) -> tuple[InitContainer | Sidecar, ...]:
        """Containers that start before the program, in the order of their start."""
        first = [each for each in self.sidecars if each.before_init_containers]
        others = [each for each in self.sidecars if not each.before_init_containers]
        return (*first, *self.init_containers, *others)

    @property
    def sidecar_ports(self) -> tuple[int, ...]:
        """All ports of the sidecars."""
        return tuple(port for each in self.sidecars for port in each.ports.values())

    @property
    def init_seconds(self) -> int:
        """Seconds from the start of a pod to the start of its program, at most."""
        starts = sum(each.longest_start for each in self.sidecars)
        return starts + sum(each.longest_seconds for each in self.init_containers)

    @property
    def sidecar_shutdown(self) -> int:
        """Seconds from the exit of the program to the exit of the last sidecar."""
        return sum(each.shutdown_seconds for each in self.sidecars)

    @property
    def pod_requests(self) -> Resources:
        """Requests of a pod with all of its containers."""
        program = replace(
            _resources(self.requests),
            storage=self.ephemeral_storage,
            accelerators=self.requests.accelerators,
        )
        before_program = [
            InitContainerRequests(
                requests=_resources(each.requests), sidecar=isinstance(each, Sidecar)
            )
            for each in self.before_program
        ]
        return pod_requests([program], before_program)

    @property
    def resource_requests(self) -> dict[str, str]:
        """Requests of a pod, by the names and in the units of Kubernetes, as they are written if
        the program alone determines them."""
        written, pod = self.container_requests, self.pod_requests
        cpu = written["cpu"] if millicores(written["cpu"]) == pod.cpu else f"{pod.cpu}m"
        memory = written["memory"]
        if mebibytes(memory) != pod.memory:
            memory = f"{pod.memory}Mi"
        requests = {"cpu": cpu, "memory": memory, "ephemeral-storage": f"{pod.storage}Mi"}
        return {**requests, **self.devices}

    @property
    def container_requests(self) -> dict[str, str]:
        """Requests of the program, by the names and in the units of Kubernetes."""
        storage = f"{self.ephemeral_storage}Mi"
        requests = self.requests
        amounts = {"cpu": requests.cpu, "memory": requests.memory, "ephemeral-storage": storage}
        return {**amounts, **self.devices}

    @property
    def devices(self) -> dict[str, str]:
        """Request and limit of the accelerator, by the name of Kubernetes; empty without one."""
        requests = self.requests
        return {RESOURCES[requests.device]: f"{requests.accelerators}"} if requests.device else {}

    @property
    def ephemeral_storage(self) -> int:
        """MiB of ephemeral storage that the program requests."""
        written = self.requests.ephemeral_storage
        return mebibytes(written) if written else self.scratch_and_logs

    @property
    def scratch_and_logs(self) -> int:
        """MiB of ephemeral storage that a pod can use: full scratch directories, logs and files."""
        return sum(map(mebibytes, self.scratch.values())) + LOG_STORAGE


def _resources(requests: Requests | ContainerRequests) -> Resources:
    """Returns the requests of a container, with ephemeral storage for its logs."""
    return Resources(
        cpu=millicores(requests.cpu), memory=mebibytes(requests.memory), storage=LOG_STORAGE
    )

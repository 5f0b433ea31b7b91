"""Configuration of Fluent Bit for the logs of pods: the pipeline of the add-on, with four changes.

1. An app can exclude its logs.
2. A stack trace becomes one event, for apps that name their language.
3. Fluent Bit creates no log groups.
4. Logs are not associated with services of Application Signals, which the agent does not run:
   otherwise Fluent Bit would query the agent every minute and log that it does not respond.

Inputs and position databases are those of the add-on:
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
docs/decisions/0041-ha-eks-defines-the-pod-log-pipeline.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

STATE = "/var/fluent-bit/state"
"""Folder on the node, which remains when the pod is replaced."""

EXCLUDED = {"fluentbit.io/exclude": "true"}
"""Annotation of pods whose logs are not collected.
https://docs.fluentbit.io/manual/pipeline/filters/kubernetes"""

TAGS = "application.*"
"""Tag pattern of the logs of pods."""

_LOGS = "/var/log/containers/"
_TAG_PREFIX = "application.var.log.containers."
_SEPARATE_LOGS = ("cloudwatch-agent", "fluent-bit", "aws-node", "kube-proxy")
"""Pods with separate inputs, here or in the logs of the data plane."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a Fluent Bit configuration."""

    kind: str
    """INPUT, FILTER or OUTPUT."""
    options: Mapping[str, str]
    """Options by name; names are case-insensitive."""


def text(sections: Sequence[Section]) -> str:
    """Returns a configuration file in the classic format of Fluent Bit.

    https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema
    """
    return "\n".join(
        "\n".join(
            (f"[{each.kind}]", *(f"    {key} {value}" for key, value in each.options.items()), "")
        )
        for each in sections
    )


def application_log(parsers: Mapping[str, str], region: str, log_group: str) -> str:
    """Returns the pipeline from the logs of all pods to the log group; `parsers` are by app."""
    return text(
        [
            _tail(
                path=f"{_LOGS}*.log",
                exclude=", ".join(f"{_LOGS}{each}*" for each in _SEPARATE_LOGS),
                database="flb_container.db",
                memory="50MB",
                more={"Rotate_Wait": "30", "storage.type": "filesystem"},
            ),
            _tail(path=f"{_LOGS}fluent-bit*", database="flb_log.db", memory="5MB"),
            _tail(path=f"{_LOGS}cloudwatch-agent*", database="flb_cwagent.db", memory="5MB"),
            *_stack_traces(parsers),
            Section(
                kind="FILTER",
                options={
                    "Name": "kubernetes",
                    "Match": TAGS,
                    "Kube_URL": "https://kubernetes.default.svc:443",
                    "Kube_Tag_Prefix": _TAG_PREFIX,
                    "Merge_Log": "On",
                    "Merge_Log_Key": "log_processed",
                    "K8S-Logging.Parser": "On",
                    "K8S-Logging.Exclude": "On",
                    "Labels": "Off",
                    "Annotations": "Off",
                    "Use_Kubelet": "On",
                    "Kubelet_Port": "10250",
                    "Buffer_Size": "0",
                },
            ),
            Section(
                kind="OUTPUT",
                options={
                    "Name": "cloudwatch_logs",
                    "Match": TAGS,
                    "region": region,
                    "log_group_name": log_group,
                    "log_stream_prefix": "${HOST_NAME}-",
                    "auto_create_group": "false",
                    "extra_user_agent": "container-insights",
                },
            ),
        ]
    )


def _tail(
    *,
    path: str,
    database: str,
    memory: str,
    exclude: str | None = None,
    more: Mapping[str, str] | None = None,
) -> Section:
    """Returns an input that tails container logs and continues at the stored position.

    READ_FROM_HEAD of the add-on decides where a new file is read from.
    """
    return Section(
        kind="INPUT",
        options={
            "Name": "tail",
            "Tag": TAGS,
            **({"Exclude_Path": exclude} if exclude else {}),
            "Path": path,
            "multiline.parser": "docker, cri",
            "DB": f"{STATE}/{database}",
            "Mem_Buf_Limit": memory,
            "Skip_Long_Lines": "On",
            "Refresh_Interval": "10",
            "Read_from_Head": "${READ_FROM_HEAD}",
            **(more or {}),
        },
    )


def _stack_traces(parsers: Mapping[str, str]) -> Iterator[Section]:
    """Yields one multiline filter per app; the container has the name of its namespace.

    These filters come first, because joined events pass through all filters again. There is one
    filter per app, because a tag may pass through only one multiline filter.

    https://docs.fluentbit.io/manual/pipeline/filters/multiline-stacktrace
    """
    for app, parser in parsers.items():
        yield Section(
            kind="FILTER",
            options={
                "Name": "multiline",
                "Match": f"{_TAG_PREFIX}*_{app}_{app}-*",
                "multiline.key_content": "log",
                "multiline.parser": parser,
            },
        )

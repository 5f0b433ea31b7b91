"""What Fluent Bit does with the logs of pods: the add-on's own pipeline, but for four things.

An app can keep its logs out of it; stack traces of an app that names its language become one event;
no log group is made by the way; and logs are not joined to services of Application Signals, which
the cell's agent does not do: Fluent Bit would ask it every minute, and log that nobody answers.
What is read where, and the files that remember how far, are as in the add-on:
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
docs/decisions/0041-ha-eks-defines-the-pod-log-pipeline.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

STATE = "/var/fluent-bit/state"
"""A folder of the node, which outlives the pod."""

EXCLUDED = {"fluentbit.io/exclude": "true"}
"""Annotations of pods whose logs stay where they are.
https://docs.fluentbit.io/manual/pipeline/filters/kubernetes"""

TAGS = "application.*"
"""Tags of what is read here."""

_LOGS = "/var/log/containers/"
_TAG_PREFIX = "application.var.log.containers."
_OTHERS_LOGS = ("cloudwatch-agent", "fluent-bit", "aws-node", "kube-proxy")
"""Read by themselves, here or as logs of the data plane."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a Fluent Bit configuration."""

    kind: str
    """INPUT, FILTER or OUTPUT."""
    options: Mapping[str, str]
    """Its options, by name; names do not care for case."""


def text(sections: Sequence[Section]) -> str:
    """A configuration file in Fluent Bit's classic format.

    https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema
    """
    return "\n".join(
        "\n".join((f"[{each.kind}]", *(f"    {key} {of}" for key, of in each.options.items()), ""))
        for each in sections
    )


def application_log(parsers: Mapping[str, str], region: str, log_group: str) -> str:
    """Returns the pipeline from the logs of all pods to the log group; `parsers` are by app."""
    return text(
        [
            _tail(
                path=f"{_LOGS}*.log",
                exclude=", ".join(f"{_LOGS}{each}*" for each in _OTHERS_LOGS),
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
    """Reads files of containers, and goes on where it was: in a new one, where the add-on says."""
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
    """Before all other filters, since it sends what it has joined through all of them again, and
    one for each app, since a tag may pass one only. The container has the name of its namespace.

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

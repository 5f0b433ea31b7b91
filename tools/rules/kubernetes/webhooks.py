"""HA6: rules about admission webhooks that refuse requests while their pods are unavailable."""

from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.rules.model import Object, Workload
from tools.rules.objects import Objects, named
from tools.rules.rule import Evidence, Rule

_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def _fail_closed(objects: Objects) -> Iterator[tuple[Object, Fields, list[Workload]]]:
    """Yields the webhooks that must answer before a pod is created, with the pods that answer."""
    for configuration in objects.of_kind(*_KINDS):
        for webhook in configuration.fields.sections("webhooks"):
            if webhook.text("failurePolicy") == "Ignore" or not _decides_on_pods(webhook):
                continue
            pods = _pods_of(objects, webhook.at("clientConfig.service"))
            if pods:
                yield configuration, webhook, pods


def _decides_on_pods(webhook: Fields) -> bool:
    return any(
        {"*", ""} & {*rule.texts("apiGroups")}
        and {"*", "*/*", "pods"} & {*rule.texts("resources")}
        and {"*", "CREATE"} & {*rule.texts("operations")}
        and rule.text("scope") != "Cluster"
        for rule in webhook.sections("rules")
    )


def _pods_of(objects: Objects, reference: Fields) -> list[Workload]:
    return [
        workload
        for service in objects.of_kind("Service")
        if service.name == reference.text("name")
        and service.namespace in ("", reference.text("namespace"))
        for workload in objects.selected(service)
    ]


def _single_webhook(objects: Objects) -> Iterator[Evidence]:
    for configuration, webhook, pods in _fail_closed(objects):
        if sum(objects.minimum(each) for each in pods if each.replicated) == 1:
            yield Evidence(
                resource=configuration.subject,
                field=f"webhooks[{webhook.text('name')}].failurePolicy",
                text=f"Fail, but {named(pods)} has 1 pod: while this pod is unavailable, the API "
                "server refuses to create the pods on which the webhook decides, also those that "
                "replace pods of a failed node; write 2 or more replicas, or failurePolicy: Ignore",
            )


SINGLE_WEBHOOK = Rule(
    id="HA606",
    claim="A webhook that decides on pods and fails closed has two or more pods.",
    why="The API server refuses new pods while the webhook that decides on them does not answer. "
    "One lost node then stops the recovery of all these pods.",
    not_flagged=(
        "failurePolicy Ignore",
        "webhooks on other resources, such as those of an operator",
        "webhooks at a URL, and Services that no file has",
    ),
    severity="error",
    setting="The program installs no webhook that decides on pods and fails closed.",
    find=_single_webhook,
)


def _own_pods(objects: Objects) -> Iterator[Evidence]:
    for configuration, webhook, pods in _fail_closed(objects):
        selectors = ("namespaceSelector", "objectSelector")
        if not any(webhook.section(each) for each in selectors) and not webhook.sections(
            "matchConditions"
        ):
            yield Evidence(
                resource=configuration.subject,
                field=f"webhooks[{webhook.text('name')}].namespaceSelector",
                text=f"decides on all pods, also on those of {named(pods)}: after all of these "
                "have failed, none can be created again; exclude their namespace and kube-system",
            )


OWN_PODS = Rule(
    id="HA607",
    claim="A webhook that fails closed does not decide on its own pods.",
    why="After a zone failure or a restart of the cluster, the webhook refuses its own pods, and "
    "with them all others, until a person deletes the configuration. "
    "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
    not_flagged=(
        "a namespaceSelector, an objectSelector or matchConditions",
        "failurePolicy Ignore",
        "webhooks on resources other than pods",
    ),
    severity="error",
    setting="The program installs no webhook that decides on pods and fails closed.",
    find=_own_pods,
)

RULES = (SINGLE_WEBHOOK, OWN_PODS)

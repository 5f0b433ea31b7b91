"""Faults of EKS, nodes, zonal shifts, alarms, DNS records and the stack file."""

from tests.tools.deploy.check.cell import Cell, Json
from tests.tools.deploy.check.faults import UP, Faults
from tools.deploy.check.alarm_subscribers import subscribers
from tools.deploy.check.alarms import alarms
from tools.deploy.check.cluster import add_ons, control_plane, node_groups, nodes, zonal_shifts
from tools.deploy.check.drift import drift
from tools.deploy.check.traffic import dns, requests

FAULTS = Faults()
case = FAULTS.case
LAST_MINUTES = "in the first half hour of a cell, wait and run this command again; then "


@case(
    control_plane, "control plane", "ACTIVE, version 1.36; KmsKeyDisabled: the key is disabled",
    "aws eks describe-cluster --name prod --query cluster.health",
)  # fmt: skip
def the_cluster_has_an_issue(cell: Cell) -> None:
    issue = {"code": "KmsKeyDisabled", "message": "the key is disabled"}
    cluster = {"status": "ACTIVE", "version": "1.36", "health": {"issues": [issue]}}
    cell.changed["eks describe-cluster"] = {"cluster": cluster}


@case(
    control_plane, "control plane", "ACTIVE, version 1.35, but the stack file has 1.36",
    f"{UP} (docs/upgrade.md)",
)  # fmt: skip
def the_cluster_is_older(cell: Cell) -> None:
    cell.changed["eks describe-cluster"] = {"cluster": {"status": "ACTIVE", "version": "1.35"}}


def add_on(cell: Cell, **changes: object) -> None:
    found = {"status": "ACTIVE", "addonVersion": "v1.2.3-eksbuild.1", **changes}
    cell.changed["eks describe-addon"] = {"addon": found}


@case(
    add_ons, "coredns", "DEGRADED, v1.2.3-eksbuild.1; InsufficientNumberOfReplicas: no message",
    "aws eks describe-addon --cluster-name prod --addon-name coredns --query addon.health",
)  # fmt: skip
def an_add_on_is_degraded(cell: Cell) -> None:
    issues = [{"code": "InsufficientNumberOfReplicas"}]
    add_on(cell, status="DEGRADED", health={"issues": issues})


@case(
    add_ons, "coredns", "v1.0.0-eksbuild.1, but a deployment installs v1.2.3-eksbuild.1",
    f"{UP}, or pin v1.0.0-eksbuild.1 in cluster.addOns",
)  # fmt: skip
def an_add_on_is_older(cell: Cell) -> None:
    add_on(cell, addonVersion="v1.0.0-eksbuild.1")


NODE_GROUP = "nodes-general-us-east-1a"
DESCRIBE_GROUP = (
    f"aws eks describe-nodegroup --cluster-name prod --nodegroup-name {NODE_GROUP} "
    "--query nodegroup.health (docs/runbooks/autoscaler.md#new-nodes-do-not-start)"
)


@case(node_groups, NODE_GROUP, "DEGRADED; AsgInstanceLaunchFailures: no capacity", DESCRIBE_GROUP)
def a_node_group_is_degraded(cell: Cell) -> None:
    issue = {"code": "AsgInstanceLaunchFailures", "message": "no capacity"}
    group = {"status": "DEGRADED", "health": {"issues": [issue]}}
    cell.changed["eks describe-nodegroup"] = {"nodegroup": group}


@case(node_groups, NODE_GROUP, "not in the state", UP)
def a_node_group_is_missing(cell: Cell) -> None:
    cell.state = [each for each in cell.state if not each["urn"].endswith(NODE_GROUP)]


@case(
    nodes, "general in us-east-1a", "1 node ready, 2 to 12",
    "docs/runbooks/autoscaler.md#new-nodes-do-not-start",
)  # fmt: skip
def a_node_is_missing(cell: Cell) -> None:
    del cell.nodes[0]


@case(nodes, "node node-general-us-east-1a-0", "not ready", "docs/runbooks/node-not-ready.md")
def a_node_is_not_ready(cell: Cell) -> None:
    cell.nodes[0]["status"]["conditions"] = [{"type": "Ready", "status": "Unknown"}]


@case(
    nodes, "node node-general-us-east-1a-0", "cordoned",
    "kubectl uncordon node-general-us-east-1a-0, unless the node is being drained",
)  # fmt: skip
def a_node_is_cordoned(cell: Cell) -> None:
    cell.nodes[0]["spec"]["unschedulable"] = True


@case(
    nodes, "node node-general-us-east-1a-0", "runs v1.35.4-eks-1, not 1.36",
    "finish the upgrade (docs/upgrade.md)",
)  # fmt: skip
def a_node_is_older(cell: Cell) -> None:
    cell.nodes[0]["status"]["nodeInfo"]["kubeletVersion"] = "v1.35.4-eks-1"


@case(
    zonal_shifts, "load balancer", "shifted out of use1-az1 until 2026-12-01T00:00:00+00:00",
    "when the zone works again: aws arc-zonal-shift cancel-zonal-shift --zonal-shift-id id-1",
)  # fmt: skip
def a_zone_is_shifted_out(cell: Cell) -> None:
    shift = {
        "appliedStatus": "APPLIED", "awayFrom": "use1-az1", "zonalShiftId": "id-1",
        "expiryTime": "2026-12-01T00:00:00+00:00",
    }  # fmt: skip
    ended = {**shift, "appliedStatus": "NOT_APPLIED", "awayFrom": "use1-az2"}
    cell.changed["arc-zonal-shift get-managed-resource"] = {"zonalShifts": [ended, shift]}


@case(
    zonal_shifts, "cluster", "shifted out of use1-az1",
    "AWS ends an autoshift when the zone works again",
)  # fmt: skip
def aws_shifts_a_zone_out(cell: Cell) -> None:
    shift = {"appliedStatus": "APPLIED", "awayFrom": "use1-az1"}
    cell.changed["arc-zonal-shift get-managed-resource"] = {"autoshifts": [shift]}


@case(alarms, "prod/balancer/errors", "this alarm does not exist in us-east-1", UP)
def an_alarm_is_missing(cell: Cell) -> None:
    cell.alarms.remove(cell.alarm("balancer/errors"))


@case(
    alarms, "prod/app/web/at-max", "in alarm: 18 is not less than 18",
    "First check: kubectl -n web describe hpa; Runbook: docs/alarms.md#an-app-at-its-maximum",
)  # fmt: skip
def an_alarm_is_in_alarm(cell: Cell) -> None:
    cell.alarm("app/web/at-max").update(StateValue="ALARM", StateReason="18 is not less than 18")


@case(alarms, "prod/impact", "in alarm: a child", "docs/runbooks/README.md")
def a_composite_alarm_is_in_alarm(cell: Cell) -> None:
    cell.alarm("impact").update(StateValue="ALARM", StateReason="a child")


@case(
    alarms, "ContainerInsights replicas_desired",
    "no data in 25 minutes for ClusterName=prod, Namespace=cache, PodName=cache; "
    "read by prod/app/cache/at-max and 1 other",
    f"{LAST_MINUTES}kubectl -n amazon-cloudwatch get pods -o wide "
    "(docs/alarms.md#container-insights-publishes-no-metrics)",
)  # fmt: skip
def a_metric_of_container_insights_has_no_data(cell: Cell) -> None:
    cell.silent = {"replicas_desired"}


@case(
    alarms, "AWS/Route53 HealthCheckStatus",
    "no data in 25 minutes for HealthCheckId={}; read by prod/failover/web and 1 other",
    f"{LAST_MINUTES}compare the dimensions with: aws cloudwatch list-metrics --namespace "
    "AWS/Route53 --metric-name HealthCheckStatus --region us-east-1",
)  # fmt: skip
def a_metric_of_aws_has_no_data(cell: Cell) -> None:
    cell.silent = {"HealthCheckStatus"}
    for key in ("failover/web", "health/web"):
        cell.alarm(key)["Dimensions"] = [{"Name": "HealthCheckId", "Value": "{}"}]


def subscription(cell: Cell, *found: Json) -> None:
    cell.changed["sns list-subscriptions-by-topic"] = {"Subscriptions": [*found]}


@case(
    subscribers, "oncall@example.com", "has not confirmed the subscription in us-east-1",
    "open the link that AWS has sent to it; until then it receives no alarms",
)  # fmt: skip
def a_subscription_is_not_confirmed(cell: Cell) -> None:
    pending = {"Endpoint": "oncall@example.com", "SubscriptionArn": "PendingConfirmation"}
    subscription(cell, pending)


@case(
    subscribers, "oncall@example.com", "is no subscriber of the topic in us-east-1",
    f"{UP}; AWS deletes a subscription that is not confirmed within 48 hours",
)  # fmt: skip
def a_subscription_is_missing(cell: Cell) -> None:
    subscription(cell)


@case(subscribers, "alarms", "not in the state", UP)
def a_topic_is_missing(cell: Cell) -> None:
    cell.state = [each for each in cell.state if "sns/topic:Topic::" not in each["urn"]]


def record(cell: Cell, *records: Json) -> None:
    cell.changed["route53 list-resource-record-sets"] = {"ResourceRecordSets": [*records]}


@case(dns, "record", "app.example.com has no record of this cell in zone Z0123456789ABCDEFGHIJ", UP)
def the_record_is_missing(cell: Cell) -> None:
    other = {"Name": "app.example.com.", "Type": "A", "SetIdentifier": "other"}
    record(cell, {**other, "HealthCheckId": "1"})


@case(dns, "record", "app.example.com leads to old.example.com, not to lb-1.elb.amazonaws.com", UP)
def the_record_leads_elsewhere(cell: Cell) -> None:
    alias = {"DNSName": "old.example.com."}
    record(
        cell,
        {
            "Name": "app.example.com.", "Type": "A", "SetIdentifier": "prod",
            "AliasTarget": alias, "HealthCheckId": "1",
        },
    )  # fmt: skip


@case(
    dns, "drained", "AWS has this cell drained, the stack file has not",
    "AWS has this cell drained, and this up would send clients to it again; pull the commit that "
    "drained it, or write true; when the cell may serve again, run make undrain STACK=prod",
)  # fmt: skip
def the_cell_is_drained(cell: Cell) -> None:
    check = {"Type": "CALCULATED", "ChildHealthChecks": ["1"], "HealthThreshold": 2}
    cell.changed["route53 get-health-check"] = {"HealthCheck": {"HealthCheckConfig": check}}


@case(
    dns, "drained",
    "prod: the record of app.example.com cannot be read, so that a drained cell is not "
    "recognized: 'HealthCheckConfig'",
    "fix the cause, and run this command again",
)  # fmt: skip
def the_health_check_cannot_be_read(cell: Cell) -> None:
    cell.changed["route53 get-health-check"] = {"HealthCheck": {}}


@case(
    dns, "app.example.com", "does not resolve",
    "delegate the domain to the hosted zone Z0123456789ABCDEFGHIJ: its name servers must be those "
    "of the parent zone",
)  # fmt: skip
def the_domain_is_not_delegated(cell: Cell) -> None:
    del cell.hosts["app.example.com"]


@case(
    dns, "app.example.com", "resolves to 198.51.100.1, not to this cell, which is the primary",
    "docs/alarms.md#route-53-finds-the-cell-unhealthy; after a failover: "
    "docs/several-cells.md#failback",
)  # fmt: skip
def another_cell_answers(cell: Cell) -> None:
    cell.hosts["app.example.com"] = frozenset({"198.51.100.1"})


@case(
    requests, "app web", "https://app.example.com/readyz answers 503",
    "docs/alarms.md#load-balancer-errors; an app that checks the Host header must accept the "
    "domain",
)  # fmt: skip
def the_app_answers_an_error(cell: Cell) -> None:
    cell.statuses["/readyz"] = 503


@case(
    requests, "app web", "https://app.example.com/readyz: timed out",
    "check the targets above, and that your network reaches the load balancer",
)  # fmt: skip
def the_load_balancer_does_not_answer(cell: Cell) -> None:
    cell.statuses["/readyz"] = TimeoutError("timed out")


@case(
    drift, "stack file",
    "2 update, 2 create: LoadBalancer lb, Deployment web, Service web and 1 more",
    "pulumi preview --refresh --diff -s prod shows each; make up STACK=prod applies the stack file",
)  # fmt: skip
def the_cell_differs_from_the_stack_file(cell: Cell) -> None:
    prefix = "urn:pulumi:prod::ha-eks::ha-eks:index:App$"
    cell.steps += [
        {"op": "read", "urn": f"{prefix}aws:ec2/vpc:Vpc::existing"},
        {"op": "update", "urn": f"{prefix}aws:lb/loadBalancer:LoadBalancer::lb"},
        {"op": "update", "urn": f"{prefix}kubernetes:apps/v1:Deployment::web"},
        {"op": "create", "urn": f"{prefix}kubernetes:core/v1:Service::web"},
        {"op": "create", "urn": f"{prefix}kubernetes:core/v1:Service::cache"},
    ]

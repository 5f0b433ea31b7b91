"""A running cell of a recording, in which every check passes until a test breaks it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from core.facts.system_deployments import system_deployments
from core.pod_identity import CREDENTIALS
from core.tags import POOL, SPANNING, ZONE
from settings.availability import headroom_of
from tests.tools.deploy.check import aws_shapes, kubernetes_schema
from tools.deploy.add_on_checks import wanted_versions
from tools.deploy.check.result import Check, Readings, Result, inputs_of
from tools.recording import Recording

Json = dict[str, Any]
TRUE = {"type": "Ready", "status": "True"}
GATE = "target-health.elbv2.k8s.aws/"
BALANCER = "lb-1.elb.amazonaws.com"
ACCOUNT = "123456789012"
_UPDATED = "2026-11-01T00:00:00+00:00"


class Cell:
    """The answers of AWS, Kubernetes, Pulumi, DNS and HTTP, which tests may change."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.zones = recording.settings.network.zones_in
        self.nodes = [*self._nodes()]
        self.objects: dict[str, list[Json]] = {
            "nodes": self.nodes,
            "pods": [],
            "deployments": [],
            "daemonsets": [],
            "horizontalpodautoscalers": [],
            "poddisruptionbudgets": [
                _budget(inputs_of(each)["metadata"])
                for each in recording.of_type("kubernetes:policy/v1:PodDisruptionBudget")
            ],
            "policyendpoints.networking.k8s.aws": [],
        }
        self.state: list[Json] = [
            {"urn": each.urn, "type": each.type, "id": self._id(each.type, each.name)}
            for each in recording.cloud_resources
        ]
        for each in self.state:
            if each["type"] == "aws:lb/loadBalancer:LoadBalancer":
                each["outputs"] = {"dnsName": BALANCER}
            if each["type"] == "aws:route53/zone:Zone":
                each["outputs"] = {"zoneId": each["id"]}
        self.steps: list[Json] = [{"op": "same", "urn": each["urn"]} for each in self.state]
        self.hosts = {BALANCER: frozenset({"192.0.2.1", "192.0.2.2"})}
        self.records: set[str] = set()
        if recording.settings.traffic:
            balancers = recording.settings.load_balancers.values()
            self.records = {host for each in balancers for host in each.recorded_hosts}
            self.hosts |= dict.fromkeys(self.records, frozenset({"192.0.2.2"}))
        self.statuses: dict[str, int | OSError] = {}
        self.requests: list[tuple[str, str, str | None]] = []
        self.alarms = [*self._alarms()]
        self.silent: set[str] = set()
        self.changed: dict[str, Json] = {}
        for name in recording.settings.deployments:
            self._add_app(name)
        self._add_system()
        self._add_headroom()

    def check(self, check: Check) -> list[Result]:
        """Returns the results of a check; fails if the objects do not match their schemas."""
        for kind, schema in kubernetes_schema.KINDS.items():
            for each in self.objects[kind]:
                assert [*kubernetes_schema.problems(schema, each)] == []
        return [*check(self.recording, self.readings())]

    def readings(self) -> Readings:
        """Returns functions that read the cell."""
        return Readings(
            aws=self.ask,
            objects=lambda kind: self.objects.get(kind, []),
            state=lambda: self.state,
            changes=lambda: self.steps,
            addresses=lambda name: self.hosts.get(name, frozenset()),
            status=self._status,
        )

    def ask(self, *arguments: str) -> Any:
        """Answers a command of the AWS CLI."""
        answer = self._answer(*arguments)
        answer.update(self.changed.get(" ".join(arguments[:2]), {}))
        assert [*aws_shapes.problems(arguments, answer)] == []
        assert [*aws_shapes.invalid(arguments)] == []
        return answer

    def pods(self, namespace: str) -> list[Json]:
        """Returns the pods of a namespace."""
        return [e for e in self.objects["pods"] if e["metadata"]["namespace"] == namespace]

    def deployment(self, name: str) -> Json:
        """Returns the Deployment with a name."""
        [found] = [e for e in self.objects["deployments"] if e["metadata"]["name"] == name]
        return found

    def alarm(self, key: str) -> Json:
        """Returns the description of an alarm by the name within the cell."""
        name = f"{self.recording.stack}/{key}"
        [found] = [each for each in self.alarms if each["AlarmName"] == name]
        return found

    def _nodes(self) -> Sequence[Json]:
        nodes: list[Json] = []
        version = self.recording.settings.cluster.version
        for group in self.recording.of_type("aws:eks/nodeGroup:NodeGroup"):
            inputs = inputs_of(group)
            tagged = inputs["tags"][ZONE]
            for number in range(inputs["scalingConfig"]["minSize"]):
                zone = self.zones[number % len(self.zones)] if tagged == SPANNING else tagged
                labels = {"topology.kubernetes.io/zone": zone, "ha-eks/pool": inputs["tags"][POOL]}
                name = f"node-{inputs['tags'][POOL]}-{tagged}-{number}"
                nodes.append(
                    {
                        "metadata": {"name": name, "labels": labels},
                        "spec": {},
                        "status": {
                            "conditions": [TRUE],
                            "nodeInfo": {"kubeletVersion": f"v{version}.1-eks-0"},
                        },
                    }
                )
        return nodes

    def _id(self, type_: str, name: str) -> str:
        arn = f"arn:aws:x:us-east-1:{ACCOUNT}:{name}"
        return f"{self.recording.stack}:{name}" if "nodeGroup" in type_ else arn

    def _add_app(self, name: str) -> None:
        settings = self.recording.settings
        app = settings.deployments[name]
        minimum = app.minimum_replicas(settings.network.effective_zones)
        associations = self.recording.of_type(
            "aws:eks/podIdentityAssociation:PodIdentityAssociation"
        )
        with_role = any(each.inputs["namespace"] == name for each in associations)
        for number in range(minimum):
            pod = self.add_pod(name, f"{name}-{number}", name, number, credentials=with_role)
            if name in settings.exposed:
                gate = f"{GATE}{name}"
                pod["spec"]["readinessGates"] = [{"conditionType": gate}]
                pod["status"]["conditions"].append({"type": gate, "status": "True"})
        selected = [{"name": each["metadata"]["name"]} for each in self.pods(name)]
        reference = {"name": name, "namespace": name}
        self.objects["policyendpoints.networking.k8s.aws"].append(
            {"spec": {"policyRef": reference, "podSelectorEndpoints": selected}}
        )
        if name in settings.replicated:
            self._add_autoscaler(name, minimum, app.maximum_replicas)

    def _add_autoscaler(self, name: str, minimum: int, maximum: int) -> None:
        current = {"averageUtilization": 12}
        target = {"type": "Utilization", "averageUtilization": 60}
        self.objects["horizontalpodautoscalers"].append(
            {
                "metadata": {"name": name, "namespace": name},
                "spec": {
                    "scaleTargetRef": {"kind": "Deployment", "name": name},
                    "minReplicas": minimum,
                    "maxReplicas": maximum,
                    "metrics": [
                        {"type": "Resource", "resource": {"name": "cpu", "target": target}}
                    ],
                },
                "status": {
                    "currentReplicas": minimum,
                    "conditions": [{"type": "ScalingActive", "status": "True"}],
                    "currentMetrics": [
                        {"type": "Resource", "resource": {"name": "cpu", "current": current}}
                    ],
                },
            }
        )

    def add_pod(
        self, namespace: str, name: str, account: str, number: int = 0, *, credentials: bool = False
    ) -> Json:
        """Adds a ready pod in a zone."""
        node = self.nodes[[*self._node_of_zone()][number % len(self.zones)]]
        container: Json = {"name": "main", "env": []}
        if credentials:
            container["env"].append({"name": CREDENTIALS, "value": "http://169.254.170.23"})
        pod: Json = {
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/name": namespace},
            },
            "spec": {
                "nodeName": node["metadata"]["name"],
                "serviceAccountName": account,
                "containers": [container],
            },
            "status": {
                "phase": "Running",
                "conditions": [dict(TRUE)],
                "containerStatuses": [
                    {"name": "main", "restartCount": 0, "state": {"running": {}}}
                ],
            },
        }
        self.objects["pods"].append(pod)
        return pod

    def _node_of_zone(self) -> Sequence[int]:
        """Returns the number of the first node of each zone."""
        zones = [each["metadata"]["labels"]["topology.kubernetes.io/zone"] for each in self.nodes]
        return [zones.index(zone) for zone in self.zones]

    def _add_system(self) -> None:
        settings = self.recording.settings
        for namespace, name in system_deployments(
            descheduler=settings.autoscaling.descheduler, keda=settings.uses_keda
        ):
            self.objects["deployments"].append(_deployment(namespace, name, 2))
        agent = {"name": "aws-eks-nodeagent", "args": ["--enable-network-policy=true"]}
        nodes = len(self.nodes)
        self.objects["daemonsets"].append(
            {
                "kind": "DaemonSet",
                "metadata": {"namespace": "kube-system", "name": "aws-node"},
                "spec": {"template": {"spec": {"containers": [{"name": "aws-node"}, agent]}}},
                "status": {"desiredNumberScheduled": nodes, "numberReady": nodes},
            }
        )
        for each in self.recording.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation"):
            namespace, account = str(each.inputs["namespace"]), str(each.inputs["serviceAccount"])
            if namespace not in settings.workloads:
                self.add_pod(namespace, f"{namespace}-0", account, credentials=True)
        for each in self.recording.of_type("aws:eks/addon:Addon"):
            for association in inputs_of(each).get("podIdentityAssociations", ()):
                account = association["serviceAccount"]
                self.add_pod("kube-system", f"{account}-0", account, credentials=True)

    def _add_headroom(self) -> None:
        for name, number in headroom_of(self.recording.settings).pods.items():
            for zone in self.zones:
                found = _deployment("headroom", f"{name}-{zone}", number)
                labels = {"ha-eks/headroom-for": name, "ha-eks/headroom-in": zone}
                found["metadata"]["labels"] = labels
                self.objects["deployments"].append(found)

    def _alarms(self) -> Sequence[Json]:
        found: list[Json] = []
        for each in self.recording.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
            inputs = inputs_of(each)
            alarm: Json = {
                "AlarmName": inputs["name"],
                "AlarmDescription": inputs["alarmDescription"],
                "StateValue": "OK",
                "StateReason": "fine",
                "StateUpdatedTimestamp": _UPDATED,
                "Threshold": inputs["threshold"],
                "ComparisonOperator": inputs["comparisonOperator"],
            }
            if "metricName" in inputs:
                alarm |= {
                    "Namespace": inputs["namespace"],
                    "MetricName": inputs["metricName"],
                    "Dimensions": _pairs(inputs.get("dimensions", {})),
                    "Period": inputs["period"],
                    "Statistic" if "statistic" in inputs else "ExtendedStatistic": inputs.get(
                        "statistic", inputs.get("extendedStatistic")
                    ),
                }
            else:
                alarm["Metrics"] = [_query(query) for query in inputs["metricQueries"]]
            found.append({**alarm, "region": inputs["region"]})
        for each in self.recording.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm"):
            found.append(
                {
                    "AlarmName": each.inputs["alarmName"],
                    "AlarmRule": each.inputs["alarmRule"],
                    "StateValue": "OK",
                    "StateReason": "fine",
                    "StateUpdatedTimestamp": _UPDATED,
                    "region": each.inputs["region"],
                }
            )
        return found

    def _answer(self, service: str, command: str, *options: str) -> Json:
        names = {key: value for key, value in pairwise(options) if key.startswith("--")}
        stack = self.recording.stack
        if command == "describe-cluster":
            version = self.recording.settings.cluster.version
            arn = f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{stack}"
            health: Json = {"issues": []}
            cluster = {"status": "ACTIVE", "version": version, "arn": arn, "health": health}
            return {"cluster": cluster}
        if command == "describe-addon":
            name = names["--addon-name"]
            [version] = wanted_versions(self.ask, self.recording.settings.cluster, name)
            issues: list[Json] = []
            add_on = {"status": "ACTIVE", "addonVersion": version, "health": {"issues": issues}}
            return {"addon": add_on}
        if command == "describe-addon-versions":
            minor = {"clusterVersion": names["--kubernetes-version"], "defaultVersion": True}
            build = {"addonVersion": "v1.2.3-eksbuild.1", "compatibilities": [minor]}
            return {"addons": [{"addonVersions": [build]}]}
        if command == "describe-nodegroup":
            return {"nodegroup": {"status": "ACTIVE", "health": {"issues": []}}}
        if command == "describe-target-health":
            app = names["--target-group-arn"].rpartition("lb-")[2]
            return {"TargetHealthDescriptions": [*self._targets(app)]}
        if command == "get-managed-resource":
            return {"zonalShifts": [], "autoshifts": []}
        if command == "list-subscriptions-by-topic":
            wanted = self.recording.settings.observability.alarms.subscriptions
            arn = f"{names['--topic-arn']}:1"
            return {
                "Subscriptions": [
                    {"Endpoint": each.endpoint, "SubscriptionArn": arn} for each in wanted
                ]
            }
        if command == "list-resource-record-sets":
            traffic = self.recording.settings.traffic
            assert traffic is not None
            host = names["--start-record-name"]
            if host not in self.records:
                return {"ResourceRecordSets": []}
            record = {
                "Name": f"{host.replace('*', chr(92) + '052')}.",
                "Type": "A",
                "SetIdentifier": stack,
                "HealthCheckId": "1",
                "AliasTarget": {"DNSName": f"dualstack.{BALANCER.upper()}."},
            }
            return {"ResourceRecordSets": [record]}
        if command == "get-health-check":
            return {"HealthCheck": {"HealthCheckConfig": {"Type": "HTTPS"}}}
        if command == "describe-alarms":
            return self._described_alarms(names)
        assert (service, command) == ("cloudwatch", "get-metric-data")
        return self._metric_data(names)

    def _targets(self, app: str) -> Sequence[Json]:
        zones = {
            each["metadata"]["name"]: each["metadata"]["labels"]["topology.kubernetes.io/zone"]
            for each in self.nodes
        }
        return [
            {
                "Target": {"Id": "10.0.0.1", "AvailabilityZone": zones[each["spec"]["nodeName"]]},
                "TargetHealth": {"State": "healthy"},
            }
            for each in self.pods(app)
        ]

    def _described_alarms(self, names: dict[str, str]) -> Json:
        assert names["--alarm-name-prefix"] == f"{self.recording.stack}/"
        here = [each for each in self.alarms if each["region"] == names["--region"]]
        kinds: Json = {"MetricAlarms": [], "CompositeAlarms": []}
        for each in here:
            metric = "MetricName" in each or "Metrics" in each
            described = {key: value for key, value in each.items() if key != "region"}
            kinds["MetricAlarms" if metric else "CompositeAlarms"].append(described)
        return kinds

    def _metric_data(self, names: dict[str, str]) -> Json:
        start, end = (datetime.fromisoformat(names[f"--{each}-time"]) for each in ("start", "end"))
        assert start < end <= datetime.now(UTC) + timedelta(minutes=1)
        queries = cast("list[Json]", json.loads(names["--metric-data-queries"]))
        return {
            "MetricDataResults": [
                {
                    "Id": each["Id"],
                    "Values": []
                    if each["MetricStat"]["Metric"]["MetricName"] in self.silent
                    else [1.0],
                }
                for each in queries
            ]
        }

    def _status(self, name: str, path: str, domain: str | None) -> int:
        self.requests.append((name, path, domain))
        answer = self.statuses.get(path, 200)
        if isinstance(answer, OSError):
            raise answer
        return answer


def _deployment(namespace: str, name: str, replicas: int) -> Json:
    return {
        "kind": "Deployment",
        "metadata": {"namespace": namespace, "name": name, "labels": {}},
        "spec": {"replicas": replicas},
        "status": {"readyReplicas": replicas},
    }


def _budget(metadata: Json) -> Json:
    return {
        "metadata": {"namespace": metadata["namespace"], "name": metadata["name"]},
        "status": {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": 2},
    }


def _pairs(dimensions: dict[str, str]) -> list[Json]:
    return [{"Name": key, "Value": value} for key, value in dimensions.items()]


def _query(query: Json) -> Json:
    if "metric" not in query:
        return {"Id": query["id"], "Expression": query["expression"], "ReturnData": True}
    metric = query["metric"]
    described = {
        "Namespace": metric["namespace"],
        "MetricName": metric["metricName"],
        "Dimensions": _pairs(metric.get("dimensions", {})),
    }
    stat = {"Metric": described, "Period": metric["period"], "Stat": metric["stat"]}
    return {"Id": query["id"], "MetricStat": stat, "ReturnData": bool(query.get("returnData"))}

import fnmatch
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pytest

from components.app import App, AppArgs
from components.autoscaling import PriorityClasses
from components.load_balancing import ExposedApp, LoadBalancing, LoadBalancingArgs
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from core.labels import APP_PODS
from settings.app.apps import App as AppSettings
from settings.load_balancing.load_balancing import LoadBalancing as LoadBalancingSettings
from settings.traffic.traffic import Traffic
from tests.components.deploy import (
    REGION,
    Deployed,
    context,
    copied,
    deploy,
    show,
    upstream,
    with_kubernetes,
)

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
PODS = "sg-pods"


def app(path: str | None = "/", **changes: Any) -> AppSettings:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 60},
        "probes": {"readiness": {"path": "/readyz"}},
    }
    expose = {"path": path, **changes.pop("expose", {})} if path else None
    return AppSettings.model_validate({**defaults, **changes, "expose": expose})


def balancing(
    *,
    apps: dict[str, AppSettings] | None = None,
    domain: str | None = None,
    health_paths: Mapping[str, str] = {},
    hosts: Sequence[str] = (),
    zones: Mapping[str, str] = {},
    protected: bool = True,
    **changes: Any,
) -> Deployed:
    """Deploys LoadBalancing; `changes` are keys of `loadBalancing`."""
    traffic = {"hostedZoneId": "Z0123456789", "policy": "latency", "zones": zones}

    def build() -> None:
        section = LoadBalancingSettings.model_validate(changes)
        args = LoadBalancingArgs(
            before_pods=[],
            load_balancing=section,
            idle_timeout_seconds=section.idle_timeout_seconds or 50,
            protected=protected,
            exposed={
                name: ExposedApp(app=each, expose=each.expose)
                for name, each in (apps or {"web": app()}).items()
                if each.expose
            },
            traffic=Traffic.model_validate({**traffic, "domain": domain}) if domain else None,
            health_paths=health_paths,
            hosts_to_certify=hosts,
            context=context(),
            vpc_id="vpc-1",
            subnet_ids={"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
            pod_security_group_id=PODS,
            resolve_image=copied,
        )
        component = LoadBalancing("lb", args, with_kubernetes())
        show(
            dns_name=component.dns_name,
            zone_id=component.zone_id,
            urls=component.urls,
            arns={name: target.arn for name, target in component.targets.items()},
            ready={
                name: [resource.urn for resource in target.ready]
                for name, target in component.targets.items()
            },
        )

    return deploy(build)


APPS = {"web": app(), "api": app("/api"), "docs": app("/docs/v1"), "cache": app(None)}
"""Apps at "/" and at two other paths, and one that is not exposed."""


def listener(lb: Deployed, port: int) -> dict[str, Any]:
    (found,) = [each.inputs for each in lb.of_type(LISTENER) if each.inputs["port"] == port]
    return found


def arn_of(lb: Deployed, app_name: str) -> str | None:
    """Returns the ARN of the target group of an app."""
    return lb.id_of(lb.one(GROUP, f"lb-{app_name}"))


def rules(lb: Deployed) -> list[dict[str, Any]]:
    """Returns the inputs of all listener rules, in the order of their priorities."""
    return sorted((each.inputs for each in lb.of_type(RULE)), key=lambda rule: rule["priority"])


def values(**changes: Any) -> dict[str, Any]:
    return balancing(**changes).one(RELEASE).inputs["values"]


def health_check(**changes: Any) -> dict[str, Any]:
    return balancing(apps={"web": app(**changes)}).one(GROUP).inputs["healthCheck"]


def target_group(**changes: Any) -> dict[str, Any]:
    return balancing(apps={"web": app(**changes)}).one(GROUP).inputs


def rules_of(
    lb: Deployed, kind: str, security_group: str | None
) -> list[tuple[int, int, str | None]]:
    """Returns the ports and the peer of each rule of a security group."""
    return sorted(
        (rule["fromPort"], rule["toPort"], rule.get("referencedSecurityGroupId"))
        for rule in (each.inputs for each in lb.of_type(kind))
        if rule["securityGroupId"] == security_group and rule["ipProtocol"] == "tcp"
    )


def test_the_load_balancer_is_internet_facing_in_every_zone() -> None:
    lb = balancing()
    inputs = lb.one(BALANCER).inputs
    assert inputs["loadBalancerType"] == "application"
    assert inputs["internal"] is False
    assert inputs["subnets"] == ["subnet-a", "subnet-b"]
    assert inputs["securityGroups"] == [lb.id_of(lb.one(SECURITY_GROUP))]


def test_an_internal_load_balancer_requests_no_certificate() -> None:
    lb = balancing(scheme="internal", domain="app.example.com", hosts=("x.app.example.com",))
    assert lb.one(BALANCER).inputs["internal"] is True
    assert lb.of_type("aws:acm/certificate:Certificate") == []
    assert [each.inputs["port"] for each in lb.of_type(LISTENER)] == [80]
    lb = balancing(scheme="internal", domain="app.example.com", certificate=CERTIFICATE)
    assert listener(lb, 443)["certificateArn"] == CERTIFICATE


def test_zonal_shift_is_enabled() -> None:
    assert balancing().one(BALANCER).inputs["enableZonalShift"] is True


def test_client_connections_end_within_minutes_after_a_zonal_shift() -> None:
    assert balancing().one(BALANCER).inputs["clientKeepAlive"] == 300


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_follows_the_stack_file(protected: bool) -> None:
    balancer = balancing(protected=protected).one(BALANCER)
    assert balancer.inputs["enableDeletionProtection"] is protected


def test_the_idle_timeout_is_that_of_the_stack_file() -> None:
    assert balancing(idleTimeoutSeconds=77).one(BALANCER).inputs["idleTimeout"] == 77


def test_invalid_header_fields_are_dropped() -> None:
    assert balancing().one(BALANCER).inputs["dropInvalidHeaderFields"] is True


def test_without_a_certificate_the_only_listener_is_http() -> None:
    lb = balancing()
    only = lb.one(LISTENER).inputs
    assert (only["port"], only["protocol"]) == (80, "HTTP")
    assert not {"certificateArn", "sslPolicy"} & set(only)


def test_with_a_certificate_https_accepts_tls_1_2_and_1_3_only() -> None:
    https = listener(balancing(certificate=CERTIFICATE), 443)
    assert https["protocol"] == "HTTPS"
    assert https["certificateArn"] == CERTIFICATE
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def test_with_a_certificate_http_redirects_to_https() -> None:
    lb = balancing(certificate=CERTIFICATE)
    http = listener(lb, 80)
    assert http["protocol"] == "HTTP"
    assert http["defaultActions"] == [
        {
            "type": "redirect",
            "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
        }
    ]
    assert len(lb.of_type(LISTENER)) == 2


@pytest.mark.parametrize("changes", [{}, {"certificate": CERTIFICATE}])
def test_listeners_and_rules_belong_to_the_load_balancer(changes: dict[str, Any]) -> None:
    lb = balancing(apps=APPS, **changes)
    balancer = lb.id_of(lb.one(BALANCER))
    assert {each.inputs["loadBalancerArn"] for each in lb.of_type(LISTENER)} == {balancer}
    serving = "lb-https" if changes else "lb-http"
    main = lb.id_of(lb.one(LISTENER, serving))
    assert {each.inputs["listenerArn"] for each in lb.of_type(RULE)} == {main}


def test_requests_that_no_app_receives_are_answered_with_status_404() -> None:
    lb = balancing(apps={"api": app("/api")})
    (action,) = listener(lb, 80)["defaultActions"]
    assert action["type"] == "fixed-response"
    assert action["fixedResponse"]["statusCode"] == "404"
    [rule] = lb.of_type("aws:lb/listenerRule:ListenerRule")
    assert rule.inputs["conditions"] == [{"pathPattern": {"values": ["/api", "/api/*"]}}]


@pytest.mark.parametrize("changes", [{}, {"certificate": CERTIFICATE}])
def test_the_app_at_the_root_is_the_default_of_the_listener(changes: dict[str, Any]) -> None:
    lb = balancing(apps={"api": app("/api"), "web": app()}, **changes)
    (action,) = listener(lb, 443 if changes else 80)["defaultActions"]
    assert action == {"type": "forward", "targetGroupArn": arn_of(lb, "web")}


def test_other_apps_have_a_rule_for_their_path_and_everything_below() -> None:
    lb = balancing(apps=APPS)
    for name, path in (("api", "/api"), ("docs", "/docs/v1")):
        [rule] = [
            rule for rule in rules(lb) if rule["actions"][0]["targetGroupArn"] == arn_of(lb, name)
        ]
        assert rule["conditions"] == [{"pathPattern": {"values": [path, f"{path}/*"]}}]
        assert rule["actions"] == [{"type": "forward", "targetGroupArn": arn_of(lb, name)}]
    assert len(lb.of_type(RULE)) == 2, "the app at the root needs no rule"


def test_only_exposed_apps_have_a_target_group() -> None:
    lb = balancing(apps=APPS)
    assert sorted(each.name for each in lb.of_type(GROUP)) == ["lb-api", "lb-docs", "lb-web"]
    exposed = ("api", "docs", "web")
    assert lb.shown()["arns"] == {name: arn_of(lb, name) for name in exposed}
    assert len({arn_of(lb, name) for name in exposed}) == 3


def test_targets_are_pod_addresses() -> None:
    group = target_group()
    assert group["targetType"] == "ip"
    assert group["protocol"] == "HTTP"
    assert group["vpcId"] == "vpc-1"


def test_the_port_of_an_app_can_change_without_a_new_target_group() -> None:
    assert target_group(port=8080)["port"] == target_group(port=9090)["port"]


def test_the_deregistration_delay_covers_in_flight_requests() -> None:
    assert target_group(longestRequestSeconds=15)["deregistrationDelay"] == 20
    assert target_group(longestRequestSeconds=40)["deregistrationDelay"] == 45


def test_the_target_health_check_requests_the_readiness_path_of_the_pod() -> None:
    probes = {"readiness": {"path": "/ready/now"}, "liveness": {"path": "/healthz"}}
    assert health_check(probes=probes) == {
        "protocol": "HTTP",
        "port": "traffic-port",
        "path": "/ready/now",
        "matcher": "200",
        "interval": 5,
        "timeout": 4,
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
    }


def test_clients_reach_the_ports_of_listeners_only() -> None:
    cases: list[tuple[dict[str, Any], set[int]]] = [
        ({}, {80}),
        ({"certificate": CERTIFICATE}, {80, 443}),
    ]
    for changes, ports in cases:
        lb = balancing(**changes)
        own = lb.id_of(lb.one(SECURITY_GROUP))
        rules = [
            each.inputs
            for each in lb.of_type(INGRESS_RULE)
            if each.inputs["securityGroupId"] == own
        ]
        assert {rule["cidrIpv4"] for rule in rules} == {"0.0.0.0/0"}
        assert rules_of(lb, INGRESS_RULE, own) == [(port, port, None) for port in sorted(ports)]
        assert ports == {each.inputs["port"] for each in lb.of_type(LISTENER)}


def test_the_load_balancer_reaches_the_ports_of_exposed_apps_only() -> None:
    apps = {"web": app(), "api": app("/api", port=9090), "cache": app(None, port=6379)}
    lb = balancing(apps=apps)
    own = lb.id_of(lb.one(SECURITY_GROUP))
    assert rules_of(lb, EGRESS_RULE, own) == [(8080, 8080, PODS), (9090, 9090, PODS)]
    assert rules_of(lb, INGRESS_RULE, PODS) == [(8080, 8080, own), (9090, 9090, own)]


def test_apps_with_the_same_port_share_its_rules() -> None:
    lb = balancing(apps={"web": app(), "api": app("/api")})
    own = lb.id_of(lb.one(SECURITY_GROUP))
    assert rules_of(lb, EGRESS_RULE, own) == [(8080, 8080, PODS)], "AWS refuses duplicate rules"
    assert rules_of(lb, INGRESS_RULE, PODS) == [(8080, 8080, own)]


def test_the_security_group_is_in_the_vpc() -> None:
    group = balancing().one(SECURITY_GROUP).inputs
    assert group["vpcId"] == "vpc-1"
    assert "egress" not in group, "inline rules would conflict with rule resources"
    assert "ingress" not in group


def test_urls_have_the_domain_and_https() -> None:
    lb = balancing(apps=APPS, domain="app.example.com", certificate=CERTIFICATE)
    assert lb.shown()["urls"] == {
        "web": "https://app.example.com/",
        "api": "https://app.example.com/api",
        "docs": "https://app.example.com/docs/v1",
    }


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_domain_urls_have_the_dns_name_of_the_load_balancer(scheme: str) -> None:
    certificate: dict[str, Any] = {"certificate": CERTIFICATE} if scheme == "https" else {}
    outputs = balancing(apps=APPS, **certificate).shown()
    assert outputs["dns_name"].endswith(".us-east-1.elb.amazonaws.com")
    assert outputs["urls"] == {
        "web": f"{scheme}://{outputs['dns_name']}/",
        "api": f"{scheme}://{outputs['dns_name']}/api",
        "docs": f"{scheme}://{outputs['dns_name']}/docs/v1",
    }


def test_pods_depend_on_the_controller_the_rules_and_their_listener() -> None:
    lb = balancing(apps=APPS)
    ready = {
        name: {tuple(urn.rpartition("$")[2].split("::")) for urn in urns}
        for name, urns in lb.shown()["ready"].items()
    }
    to_pods = {(EGRESS_RULE, "lb-to-pods-8080"), (INGRESS_RULE, "lb-into-pods-8080")}
    common = {(RELEASE, "lb-aws-load-balancer-controller"), *to_pods}
    assert ready["web"] == {(LISTENER, "lb-http"), *common}
    names = {each.inputs["actions"][0]["targetGroupArn"]: each.name for each in lb.of_type(RULE)}
    for name in ("api", "docs"):
        assert ready[name] == {(RULE, names[arn_of(lb, name)]), *common}


def test_the_controller_is_the_pinned_chart_for_the_cluster() -> None:
    release = balancing().one(RELEASE).inputs
    assert release["chart"] == "aws-load-balancer-controller"
    assert release["version"] == AWS_LOAD_BALANCER_CONTROLLER.version
    assert release["repositoryOpts"]["repo"] == AWS_LOAD_BALANCER_CONTROLLER.repository
    assert release["values"]["clusterName"] == "prod"


def test_the_controller_needs_no_instance_metadata() -> None:
    changes = values()
    assert changes["region"] == REGION
    assert changes["vpcId"] == "vpc-1"


def test_the_service_account_of_the_controller_has_the_role() -> None:
    lb = balancing()
    account = lb.one(RELEASE).inputs["values"]["serviceAccount"]
    assert account == {"create": True, "name": lb.one(ASSOCIATION).inputs["serviceAccount"]}


def test_the_controller_has_two_replicas_in_different_zones() -> None:
    changes = values()
    assert changes["replicaCount"] == 2
    assert changes["podDisruptionBudget"] == {"maxUnavailable": 1}
    for spread in changes["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": "aws-load-balancer-controller",
            "app.kubernetes.io/instance": "aws-load-balancer-controller",
        }


def test_the_controller_meets_the_restricted_pod_security_standard() -> None:
    changes = values()
    assert changes["podSecurityContext"] == {
        "fsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert changes["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_no_pod_is_created_without_its_readiness_gate() -> None:
    assert values()["podMutatorWebhookConfig"] == {"failurePolicy": "Fail"}


def test_the_webhook_selects_the_pods_of_apps() -> None:
    def build() -> None:
        priority = pulumi.Output.from_input("p")
        args = AppArgs(
            context=context(),
            app=app(None),
            callers={},
            callees={},
            resolve_image=upstream,
            zones=3,
            effective_zones=3,
            awaited=True,
            pool=None,
            node_provision_minutes=10,
            prefers_same_zone=False,
            load_balancer_cidrs=[],
            control_plane_cidrs=[],
            storage=[],
            priority_classes=PriorityClasses(
                critical=priority, default=priority, headroom=priority
            ),
            before_pods=[],
            target=None,
            source=None,
            keda=None,
            sampled_percent=5,
            migrations=None,
            drivers={},
            shared_files=None,
        )
        App("web", args, with_kubernetes())

    web = deploy(build)
    labels = web.one(DEPLOYMENT).inputs["spec"]["template"]["metadata"]["labels"]
    selected = values()["objectSelector"]["matchLabels"]
    assert selected, "every pod of the cell would depend on the webhook"
    assert selected.items() <= labels.items(), "pods would be created without a readiness gate"
    assert selected == APP_PODS


def test_the_controller_handles_target_group_bindings_only() -> None:
    changes = values()
    assert changes["enableServiceMutatorWebhook"] is False, (
        "no Service could be created without the controller"
    )
    assert changes["createIngressClassResource"] is False
    assert changes["webhookConfig"] == {"disableIngressValidation": True}
    assert [changes[key] for key in ("enableShield", "enableWaf", "enableWafv2")] == [False] * 3
    assert changes["controllerConfig"]["featureGates"] == {
        "EnableServiceController": False,
        "NLBGatewayAPI": False,
        "ALBGatewayAPI": False,
        "GatewayListenerSet": False,
    }


def test_an_update_keeps_the_certificate_of_the_webhook() -> None:
    assert values()["keepTLSSecret"] is True


def test_the_memory_limit_of_the_controller_equals_its_request() -> None:
    resources = values()["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_the_controller_can_register_targets_in_groups_of_the_cell_only() -> None:
    lb = balancing(apps=APPS)
    reads, writes = json.loads(lb.one(POLICY).inputs["policy"])["Statement"]
    assert reads == {
        "Effect": "Allow",
        "Action": [
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "Resource": "*",
    }
    assert writes["Effect"] == "Allow"
    assert writes["Action"] == [
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
    ]
    arns = lb.shown()["arns"].values()
    assert len(arns) > 1
    assert [arn for arn in arns if not fnmatch.fnmatchcase(arn, writes["Resource"])] == []
    assert not fnmatch.fnmatchcase(next(iter(arns)).replace("/lb-", "/x-"), writes["Resource"])


def test_the_policy_does_not_change_with_the_apps() -> None:
    policies = {balancing(apps=each).one(POLICY).inputs["policy"] for each in (APPS, None)}
    assert len(policies) == 1, "the finalizer of a removed binding would never be removed"


def test_the_outputs_have_the_dns_name_and_its_hosted_zone() -> None:
    outputs = balancing().shown()
    assert outputs["dns_name"]
    assert outputs["zone_id"].startswith("Z")


def test_the_image_of_the_controller_is_resolved() -> None:
    assert values()["image"] == {"repository": copied(AWS_LOAD_BALANCER_CONTROLLER.image)}

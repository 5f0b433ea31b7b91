"""Random stack files that are accepted in most cases."""

from typing import get_args

from hypothesis import strategies as st

from core.facts.versions.add_ons import ADD_ON_NAMES
from core.facts.versions.kubernetes import KUBERNETES
from settings.cluster.cluster import LogType
from tests.stacks.random_stacks import drawing
from tests.stacks.random_stacks.drawing import RETENTION, WORD, Config, Draw, keys_of, maybe, some
from tests.stacks.random_stacks.network import images_of, network_of, zones_in
from tests.stacks.random_stacks.pools import pools_of
from tests.stacks.random_stacks.resilience import resilience_of
from tests.stacks.random_stacks.workloads import apps_of, cron_jobs_of, kinds_of
from tools.recording.made_up_outputs import digest

_SUBSCRIPTIONS = (
    {"protocol": "email", "endpoint": "oncall@example.com"},
    {"protocol": "https", "endpoint": "https://example.com/hook?key=1"},
    {"protocol": "sms", "endpoint": "+4930123456"},
    {"protocol": "sqs", "endpoint": "arn:aws:sqs:eu-west-1:123456789012:alarms"},
    {"protocol": "lambda", "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:alarms"},
)
_WAIVER = keys_of(
    {"rule": st.just("HA905"), "resource": st.just("*"), "reason": st.just("known")},
    {"expires": st.sampled_from(["2020-02-29", "2099-12-31"])},
)
_AUDIT = keys_of(
    {},
    {
        "failOn": st.sampled_from(["error", "warning", "caution", "nothing"]),
        "waivers": st.lists(_WAIVER, max_size=2),
    },
)


def _arns(kind: str, minimum: int = 0) -> st.SearchStrategy[list[str]]:
    principals = [
        f"arn:aws:iam::123456789012:{each}/{kind}-{n}" for each in ("role", "user") for n in "ab"
    ]
    return some(principals, minimum, 2)


@st.composite
def stacks(draw: Draw) -> Config:
    """Returns a stack file that is accepted in most cases.

    Most keys that depend on each other are drawn together; the settings refuse the other cases.
    """
    region = draw(st.sampled_from(["us-east-1", "us-east-1", "eu-west-1", "mx-central-1"]))
    zones = zones_in(draw, region, 6)
    pools = pools_of(draw)
    apps = apps_of(draw, pools, len(zones), region)
    kinds = kinds_of(draw, apps)
    replicated = {**kinds.get("apps", {}), **kinds.get("workers", {})}
    version = draw(st.sampled_from([*KUBERNETES]))
    config: Config = {
        "aws:region": region,
        "ha-eks:network": network_of(draw, region, zones),
        "ha-eks:cluster": _cluster(draw, version, sorted(apps)),
        "ha-eks:pools": pools,
        **{f"ha-eks:{kind}": named for kind, named in kinds.items()},
        "ha-eks:cronJobs": cron_jobs_of(draw, pools, kinds, region),
    }
    balancing = _balancer(draw, region, "old", ["198.51.100.0/24", "2001:db8::/32"])
    public, internal = _load_balancers(kinds)
    vpc = config["ha-eks:network"].get("existing")
    if vpc and internal:
        vpc["internalSubnets"] = {zone: f"subnet-{digest('i' + zone)}" for zone in zones}
    if vpc and internal and not public:
        del vpc["publicSubnets"]
    if internal and draw(drawing.PRESENT):
        balancing["internal"] = _balancer(draw, region, "inner", ["10.0.0.0/8"])
    spot = any(pool["capacityType"] == "SPOT" for pool in pools.values())
    scaling = maybe(
        draw, {}, nodeProvisionMinutes=st.integers(4, 14), version=st.just(f"v{version}.9"),
        expander=st.sampled_from(["least-waste", "priority"] if spot else ["least-waste"]),
        descheduler=st.booleans(),
    )  # fmt: skip
    maybe(
        draw, config,
        **{
            "aws:profile": WORD,
            "aws:assumeRoles": st.tuples(keys_of(
                {"roleArn": st.just("arn:aws:iam::123456789012:role/deployer")},
                {"sessionName": WORD, "externalId": WORD},
            )).map(list),
            "aws:allowedAccountIds": st.just(["123456789012"]),
            "aws:defaultTags": keys_of(
                {"tags": st.dictionaries(WORD, WORD, max_size=2)}
            ),
            "ha-eks:protected": st.booleans(),
            "ha-eks:autoscaling": st.just(scaling),
            "ha-eks:headroom": st.just(_headroom(draw, replicated, version)),
            "ha-eks:observability": st.just(_observability(draw)),
            "ha-eks:audit": _AUDIT,
        },
    )  # fmt: skip
    if draw(drawing.PRESENT):
        config["ha-eks:loadBalancing"] = balancing
    config["ha-eks:images"] = images_of(draw, region, config["ha-eks:network"])
    if draw(drawing.PRESENT):
        policy = draw(st.sampled_from(["failover", "weighted", "latency"]))
        policy_keys = {
            "failover": {"role": draw(st.sampled_from(["primary", "secondary"]))},
            "weighted": {"weight": draw(st.integers(0, 255))},
            "latency": {},
        }
        record = {
            "domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ",
            "zones": {"example.org": "Z1", "example.com": "Z2"},
        }  # fmt: skip
        config["ha-eks:traffic"] = maybe(
            draw, {**record, "policy": policy, **policy_keys[policy]}, drained=st.booleans()
        )
        if internal and (not public or draw(drawing.PRESENT)):
            config["ha-eks:traffic"]["internal"] = dict(record)
            if draw(st.booleans()):
                del config["ha-eks:traffic"]["internal"]["hostedZoneId"]
        for key in record if not public else ():
            del config["ha-eks:traffic"][key]
        if config["ha-eks:traffic"].get("role") == "primary":
            failback = st.sampled_from(["automatic", "manual"])
            maybe(draw, config["ha-eks:traffic"], failback=failback)
    if draw(drawing.PRESENT):
        config["ha-eks:resilience"] = resilience_of(draw, config, public=public, internal=internal)
    return config


def _load_balancers(kinds: Config) -> tuple[bool, bool]:
    """Returns True for the public load balancer and for the internal one if the stack has it."""
    workloads = [each for named in kinds.values() for each in named.values()]
    routes = [
        route.get("internal", expose.get("internal", False))
        for expose in [each["expose"] for each in workloads if each.get("expose")]
        for route in expose.get("routes", [{}])
    ]
    return False in routes, True in routes


def _observability(draw: Draw) -> Config:
    alarms = keys_of(
        {},
        optional={
            "subscriptions": st.lists(st.sampled_from(_SUBSCRIPTIONS), unique_by=str, max_size=3),
            "runbooks": st.sampled_from(["docs", "https://git.example.com/ha-eks/docs"]),
        },
    )
    return maybe(
        draw, {}, logRetentionDays=RETENTION,
        archive=keys_of(
            {"days": st.integers(3654, 36500)}, optional={"deletionProtection": st.booleans()}
        ),
        agent=keys_of({}, optional={
            "cpu": st.sampled_from(["100m", "0.5"]), "memory": st.sampled_from(["256Mi", "1Gi"]),
        }),
        traces=keys_of({}, optional={"sampledPercent": st.sampled_from([0, 5, 100])}),
        alarms=alarms,
    )  # fmt: skip


def _cluster(draw: Draw, version: str, apps: list[str]) -> Config:
    configurations: list[Config] = [{}, {"tolerations": []}, {"env": {"OWN": "1"}}]
    add_on = keys_of(
        {},
        {
            "version": st.just("v1.2.3-eksbuild.4"),
            "configuration": st.sampled_from(configurations),
        },
    )
    cluster = maybe(
        draw, {"version": version},
        publicAccessCidrs=some(["203.0.113.0/24", "198.51.100.7/32"]),
        deployer=st.just("arn:aws:iam::123456789012:role/deployer"),
        admins=_arns("admin"), viewers=_arns("viewer"),
        editors=keys_of({}, optional=dict.fromkeys(apps, _arns("editor", 1))),
        addOns=keys_of({}, optional=dict.fromkeys(ADD_ON_NAMES, add_on)),
        logTypes=some(get_args(LogType)), logRetentionDays=RETENTION,
        zonalShift=st.booleans(),
        controlPlaneTier=st.sampled_from(["standard", "tier-xl", "tier-8xl"]),
        secretsKeyDeletionDays=st.integers(7, 30),
    )  # fmt: skip
    if cluster.get("publicAccessCidrs"):
        maybe(draw, cluster, publicAccessFromAnywhere=st.booleans())
    if cluster.get("controlPlaneTier", "standard") != "standard":
        maybe(draw, cluster, podAutoscalerSeconds=st.integers(10, 15))
    return cluster


def _balancer(draw: Draw, region: str, old: str, clients: list[str]) -> Config:
    """Returns the settings of a load balancer, with redirects from hosts that contain `old`."""
    certificate = f"arn:aws:acm:{region}:123456789012:certificate/0123-ab"
    balancer = maybe(
        draw, {}, certificate=st.just(certificate), idleTimeoutSeconds=st.integers(46, 59),
        accessLogDays=st.sampled_from([0, 1, 3650]), waf=_waf(region),
        redirects=st.sampled_from([
            {f"{old}.example.com": "app.example.com"},
            {f"*.{old}.example.org": "elsewhere.example.net"},
        ]),
        sourceRanges=some(clients, 1), ipAddressType=st.just("dualstack"),
        sourcePrefixLists=some([
            "pl-0123456789abcdef0", "com.amazonaws.global.cloudfront.origin-facing"
        ]),
        minimumCapacityUnits=st.integers(1, 1500),
    )  # fmt: skip
    if "certificate" in balancer:
        maybe(draw, balancer, certificates=st.just({"*.example.org": certificate}))
    if balancer.get("accessLogDays") != 0:
        maybe(draw, balancer, healthCheckLogs=st.booleans())
    return balancer


def _waf(region: str) -> st.SearchStrategy[Config]:
    new_acl = keys_of({}, optional={"requestsPerFiveMinutes": st.integers(10, 2_000_000_000)})
    acl = f"arn:aws:wafv2:{region}:123456789012:regional/webacl/a/{'0' * 8}{'-0000' * 3}-{'0' * 12}"
    return new_acl | st.just({"webAcl": acl})


def _headroom(draw: Draw, apps: Config, version: str) -> Config:
    modes = ["pausePods", "capacityBuffer"] if version != "1.34" else ["pausePods"]
    mode = draw(st.sampled_from(modes))
    sizes = ["auto", "auto", "proportional", "none"] if mode == "pausePods" else ["auto", "none"]
    pods = keys_of({}, optional=dict.fromkeys(apps, st.integers(0, 2)))
    return maybe(
        draw, {"mode": mode}, size=st.sampled_from(sizes), pods=pods,
        nodesPerPod=st.integers(1, 50),
    )  # fmt: skip

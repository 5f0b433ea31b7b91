"""Made-up IDs and outputs of load balancers, certificates, web ACLs and DNS, by type."""

from tools.recording.made_up_outputs.account import ACCOUNT, Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest, uuid


def _arn_suffix(arn: str) -> str:
    """Returns the end of an Elastic Load Balancing ARN, which is the dimension of metrics."""
    return arn.rpartition(":")[2].removeprefix("loadbalancer/")


def _elb_resource(kind: str, *, has_name: bool = True) -> MakeOutputs:
    """Returns the function that makes up a resource of Elastic Load Balancing, by its ARN."""

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
        arn = account.arn("elasticloadbalancing", f"{kind}/{physical_name}/{digest(name, 16)}")
        named = {"arnSuffix": _arn_suffix(arn), "name": physical_name} if has_name else {}
        return arn, {"arn": arn, **named}

    return make_outputs


def _load_balancer(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn, outputs = _elb_resource("loadbalancer/app")(account, name, inputs)
    host = f"{outputs['name']}-{digest('dns' + name, 10)}.{account.region}.elb.amazonaws.com"
    zone = f"Z{digest('elb' + account.region, 13).upper()}"
    return arn, {**outputs, "dnsName": host, "zoneId": zone}


def _certificate(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a certificate.

    ACM uses the same validation record for all certificates of a domain name in an account.
    """
    domain = inputs["domainName"]
    arn = account.arn("acm", f"certificate/{uuid(f'certificate {name} {domain}')}")
    validation = {
        "domainName": domain,
        "resourceRecordName": f"_{digest(ACCOUNT + domain, 32)}.{domain}.",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"_{digest(domain + ACCOUNT, 32)}.acm-validations.aws.",
    }
    return arn, {"arn": arn, "domainValidationOptions": [validation]}


def _web_acl(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, physical_name = uuid("acl" + name), inputs.get("name") or f"{name}-{digest(name, 7)}"
    return id_, {
        "name": physical_name,
        "arn": account.arn("wafv2", f"regional/webacl/{physical_name}/{id_}"),
    }


def _web_acl_association(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['webAclArn']},{inputs['resourceArn']}", {}


def _health_check(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid("check" + name)
    return id_, {"arn": f"arn:aws:route53:::healthcheck/{id_}"}


def _record(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    parts = (inputs["zoneId"], inputs["name"], inputs["type"], inputs.get("setIdentifier"))
    return "_".join(part for part in parts if part), {"fqdn": inputs["name"]}


def _zone(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = f"Z{digest('zone' + name, 20).upper()}"
    return id_, {"zoneId": id_, "arn": f"arn:aws:route53:::hostedzone/{id_}"}


LOAD_BALANCING: dict[str, MakeOutputs] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:lb/listener:Listener": _elb_resource("listener/app", has_name=False),
    "aws:lb/listenerRule:ListenerRule": _elb_resource("listener-rule/app", has_name=False),
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _elb_resource("targetgroup"),
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/record:Record": _record,
    "aws:route53/zone:Zone": _zone,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:wafv2/webAclAssociation:WebAclAssociation": _web_acl_association,
}

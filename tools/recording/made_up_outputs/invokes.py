"""Made-up results of invokes, by token."""

from collections.abc import Callable

from core.facts.versions.add_ons import CLOUDWATCH_OBSERVABILITY
from tools.recording.made_up_outputs.account import (
    ACCOUNT,
    Account,
    Inputs,
    NotFoundError,
    Outputs,
)
from tools.recording.made_up_outputs.ids import digest


def _caller_identity(account: Account, args: Inputs) -> Outputs:
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "userId": "AROAEXAMPLE:session",
        "arn": _session_of(account.caller),
    }


def _session_of(principal: str) -> str:
    """Returns the ARN of a session of a role; of a user, the ARN of the user."""
    account, _, resource = principal.removeprefix("arn:aws:iam::").partition(":")
    kind, _, path = resource.partition("/")
    if kind == "user":
        return principal
    return f"arn:aws:sts::{account}:assumed-role/{path.rpartition('/')[2]}/session"


def _session_context(account: Account, args: Inputs) -> Outputs:
    return {
        "id": args["arn"],
        "arn": args["arn"],
        "issuerArn": account.caller,
        "issuerId": "AROAEXAMPLE",
        "issuerName": account.caller.rpartition("/")[2],
        "sessionName": "session",
    }


def _no_clusters(account: Account, args: Inputs) -> Outputs:
    """Returns no cluster: the cell does not exist yet."""
    return {"id": account.region, "names": []}


def _subnet(account: Account, args: Inputs) -> Outputs:
    subnet = account.subnets.get(args["id"])
    if subnet is None:
        raise NotFoundError("no matching EC2 Subnet found")
    return {
        "id": args["id"],
        "availabilityZone": subnet.zone,
        "vpcId": subnet.vpc_id,
        "cidrBlock": subnet.cidr,
        "ipv6CidrBlock": subnet.ipv6,
    }


def _prefix_list(account: Account, args: Inputs) -> Outputs:
    return {"id": f"pl-{digest(args['name'])}", "name": args["name"]}


def _private_zone(account: Account, args: Inputs) -> Outputs:
    """Returns a private zone: only cells with an internal load balancer look up their zones."""
    return {"id": args["zoneId"], "zoneId": args["zoneId"], "privateZone": True}


def default_version(add_on: str, kubernetes: str) -> str:
    """Returns a version of the right form. Only AWS knows the default version of an add-on."""
    version = "6.4.0" if add_on == CLOUDWATCH_OBSERVABILITY else f"{kubernetes}.0"
    return f"v{version}-eksbuild.1"


def _addon_version(account: Account, args: Inputs) -> Outputs:
    name, kubernetes = args["addonName"], args["kubernetesVersion"]
    return {
        "id": name,
        "addonName": name,
        "kubernetesVersion": kubernetes,
        "mostRecent": args["mostRecent"],
        "version": default_version(name, kubernetes),
    }


INVOKES: dict[str, Callable[[Account, Inputs], Outputs]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:eks/getAddonVersion:getAddonVersion": _addon_version,
    "aws:eks/getClusters:getClusters": _no_clusters,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:route53/getZone:getZone": _private_zone,
    "aws:iam/getSessionContext:getSessionContext": _session_context,
}

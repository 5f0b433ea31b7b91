"""Made-up results of invokes, by token."""

from collections.abc import Callable

from tools.recording.made_up_outputs.account import (
    ACCOUNT,
    Account,
    Inputs,
    NotFoundError,
    Outputs,
)


def _caller_identity(account: Account, args: Inputs) -> Outputs:
    return {
        "id": ACCOUNT,
        "accountId": ACCOUNT,
        "userId": "AROAEXAMPLE:deployer",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session",
    }


def _session_context(account: Account, args: Inputs) -> Outputs:
    return {
        "id": args["arn"],
        "arn": args["arn"],
        "issuerArn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
        "issuerId": "AROAEXAMPLE",
        "issuerName": "deployer",
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
    }


INVOKES: dict[str, Callable[[Account, Inputs], Outputs]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:eks/getClusters:getClusters": _no_clusters,
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:iam/getSessionContext:getSessionContext": _session_context,
}

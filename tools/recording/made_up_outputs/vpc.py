"""Made-up IDs and outputs of the VPC, its parts and other resources of EC2, by type."""

from tools.recording.made_up_outputs.account import Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest


def _ec2_resource(prefix: str, **more: str) -> MakeOutputs:
    """Returns the function that makes up an EC2 resource, whose ID has a prefix.

    `more` has the prefixes of further IDs, by output name.
    """

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        id_ = f"{prefix}-{digest(prefix + name)}"
        further_ids = {output: f"{kind}-{digest(kind + name)}" for output, kind in more.items()}
        return id_, {"arn": account.arn("ec2", f"{prefix}/{id_}"), **further_ids}

    return make_outputs


def _ec2_part(prefix: str) -> MakeOutputs:
    """Returns the function that makes up an EC2 resource without an ARN."""

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        return f"{prefix}-{digest(prefix + name)}", {}

    return make_outputs


def _launch_template(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _ec2_resource("lt")(account, name, inputs)
    return id_, {**outputs, "name": f"{name}-{digest('lt' + name, 7)}", "latestVersion": 1}


def _vpc(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    make = _ec2_resource("vpc", defaultSecurityGroupId="sg", mainRouteTableId="rtb")
    id_, outputs = make(account, name, inputs)
    if inputs.get("assignGeneratedIpv6CidrBlock"):
        outputs["ipv6CidrBlock"] = "2001:db8:1234:1a00::/56"
    return id_, outputs


VPC: dict[str, MakeOutputs] = {
    "aws:ec2/capacityReservation:CapacityReservation": _ec2_resource("cr"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2_resource("sg"),
    "aws:ec2/eip:Eip": _ec2_resource("eipalloc"),
    "aws:ec2/flowLog:FlowLog": _ec2_resource("fl"),
    "aws:ec2/internetGateway:InternetGateway": _ec2_resource("igw"),
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:ec2/natGateway:NatGateway": _ec2_part("nat"),
    "aws:ec2/route:Route": _ec2_part("r"),
    "aws:ec2/routeTable:RouteTable": _ec2_resource("rtb"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _ec2_part("rtbassoc"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2_resource("sg"),
    "aws:ec2/subnet:Subnet": _ec2_resource("subnet"),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": _ec2_part("scr"),
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2_resource("vpce"),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _ec2_part("vpc-cidr-assoc"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ec2_resource("sgr"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ec2_resource("sgr"),
}

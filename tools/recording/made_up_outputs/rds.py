"""Made-up IDs and outputs of RDS, for the example of an extension, by type."""

from tools.recording.made_up_outputs.account import Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest, uuid


def _instance(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    identifier = inputs.get("identifier") or f"{name}-{digest(name, 7)}"
    address = f"{identifier}.{digest('rds', 12)}.{account.region}.rds.amazonaws.com"
    port = inputs.get("port", 5432)
    resource_id = uuid("rds" + identifier)
    managed = inputs.get("manageMasterUserPassword")
    secret = account.arn("secretsmanager", f"secret:rds!db-{resource_id}-{digest(name, 6)}")
    return f"db-{resource_id}", {
        "identifier": identifier,
        "arn": account.arn("rds", f"db:{identifier}"),
        "address": address,
        "endpoint": f"{address}:{port}",
        "port": port,
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active"}] if managed else [],
    }


def _group(kind: str) -> MakeOutputs:
    """Returns the function that makes up a group whose ID is its name."""

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
        return physical_name, {
            "name": physical_name,
            "arn": account.arn("rds", f"{kind}:{physical_name}"),
        }

    return make_outputs


RDS: dict[str, MakeOutputs] = {
    "aws:rds/instance:Instance": _instance,
    "aws:rds/parameterGroup:ParameterGroup": _group("pg"),
    "aws:rds/subnetGroup:SubnetGroup": _group("subgrp"),
}

"""Made-up names and ARNs of AWS Backup, by type."""

from tools.recording.made_up_outputs.account import Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest, uuid


def _vault(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
    arn = account.arn("backup", f"backup-vault:{physical_name}", region=inputs.get("region"))
    return physical_name, {"arn": arn, "name": physical_name}


def _plan(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"arn": account.arn("backup", f"backup-plan:{id_}")}


def _selection(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return uuid(f"{name}-selection"), {}


def _restore_testing_plan(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn = account.arn("backup", f"restore-testing-plan:{inputs['name']}-{uuid(name)}")
    return inputs["name"], {"arn": arn}


BACKUP: dict[str, MakeOutputs] = {
    "aws:backup/plan:Plan": _plan,
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _restore_testing_plan,
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _selection,
    "aws:backup/selection:Selection": _selection,
    "aws:backup/vault:Vault": _vault,
}

"""Claims about changes of a cell by its operators."""

from collections.abc import Sequence

from settings import Settings
from settings.resilience import backup_rules
from tools.proof.claim import Claim, Drilled, Source


def _is_protected(settings: Settings) -> bool:
    return bool(settings.protected)


CLAIMS: Sequence[Claim] = (
    Claim(
        id="creation",
        text="A cell is created, changed and deleted in an order that AWS and Kubernetes accept.",
        page="rehearsal.md",
        tests=(
            "tests/stacks/test_random_stacks.py"
            "::test_no_dependency_of_an_accepted_stack_file_is_missing",
            "tests/stacks/test_creation_order.py"
            "::test_every_resource_is_registered_after_its_dependencies",
        ),
        rehearsals=("order", "lifecycle", "networks", "failure"),
        drills=(
            Drilled(scenario="provider", unit="resources with operation*"),
            Drilled(scenario="provider", unit="Kubernetes objects are gone"),
        ),
        not_shown="No stack has been deployed to AWS yet. The fake cloud refuses what this project "
        "knows that AWS refuses.",
    ),
    Claim(
        id="impossible-changes",
        text="A change that AWS cannot make in place is refused before any resource changes.",
        page="replace-nodes.md",
        tests=(
            "tests/live/test_read.py"
            "::test_changes_that_are_impossible_in_place_are_refused_before_anything_is_registered",
            "tests/live/test_guard.py"
            "::test_a_property_that_a_node_group_cannot_change_is_refused_with_the_command_that_"
            "replaces_it",
        ),
        rehearsals=("replacement", "lifecycle"),
    ),
    Claim(
        id="upgrade",
        text="An upgrade changes the control plane first, and then the nodes zone by zone.",
        page="upgrade.md",
        rules=("HA901", "HA906"),
        tests=(
            "tests/stacks/test_running_cluster.py"
            "::test_node_groups_of_a_pool_update_one_zone_after_the_other",
            "tests/live/test_guard.py"
            "::test_an_upgrade_is_refused_until_all_nodes_run_the_version_of_the_control_plane",
            "tests/tools/deploy/test_upgrade_checks.py"
            "::test_an_upgrade_with_errors_in_its_insights_is_not_deployed",
        ),
        rehearsals=("upgrade",),
        alarms=("nodes/POOL/ZONE", "app/APP/not-ready"),
        sources=(
            Source(
                fact="EKS keeps the control plane available during an update of its version.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/"
                "disaster-recovery-resiliency.html",
            ),
            Source(
                fact="EKS drains a node for at most 15 minutes, respects disruption budgets, and "
                "fails the update otherwise.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/"
                "managed-node-update-behavior.html",
            ),
        ),
    ),
    Claim(
        id="rollback",
        text="An upgrade of Kubernetes can be rolled back for seven days, the nodes zone by zone.",
        page="upgrade.md",
        tests=(
            "tests/tools/deploy/test_rollback_version.py"
            "::test_nodes_are_rolled_back_zone_by_zone_then_add_ons_then_the_control_plane",
            "tests/tools/deploy/test_rollback_version.py"
            "::test_what_eks_does_not_roll_back_is_refused_before_any_change",
            "tests/tools/deploy/test_rollback_version.py"
            "::test_a_second_run_continues_after_a_failed_drain",
        ),
        sources=(
            Source(
                fact="EKS rolls a control plane back by one minor version within seven days.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html",
            ),
        ),
        not_shown="No cluster has been rolled back on AWS by this project.",
    ),
    Claim(
        id="replace-nodes",
        text="Node groups are replaced zone by zone; a zone never has fewer nodes for pods.",
        page="replace-nodes.md",
        tests=(
            "tests/tools/deploy/replace_nodes/test_order.py"
            "::test_after_a_kill_at_any_step_another_run_has_the_same_result_without_harm",
        ),
        rehearsals=("replacement",),
        drills=(
            Drilled(scenario="replace-nodes"),
            Drilled(scenario="replace-nodes", unit="schedulable nodes in the zone"),
        ),
        alarms=("nodes/POOL/ZONE",),
    ),
    Claim(
        id="interruption",
        text="A deployment that is killed at any time can be continued.",
        page="recovery.md",
        tests=(
            "tests/tools/deploy/test_up.py"
            "::test_an_interrupted_up_reads_the_deployments_into_the_state",
        ),
        rehearsals=("interruption", "failure"),
    ),
    Claim(
        id="second-operator",
        text="A second operator neither locks the first one out nor undoes a drain.",
        page="access.md",
        tests=(
            "tests/live/test_administrators.py"
            "::test_a_second_operator_without_access_is_refused_with_the_line_to_add",
            "tests/tools/deploy/test_drained.py"
            "::test_a_drained_cell_is_not_returned_by_an_up_whose_file_does_not_drain_it",
            "tests/tools/deploy/test_zones_out.py"
            "::test_a_zone_that_is_out_is_not_returned_by_an_up_whose_file_has_it_in",
        ),
        rehearsals=("operators",),
    ),
    Claim(
        id="deletion",
        text="A protected cell is not deleted: a plain destroy is refused before anything is.",
        page="teardown.md",
        applies=_is_protected,
        tests=(
            "tests/stacks/test_deletion_guard.py"
            "::test_destroy_of_a_protected_cell_is_refused_first",
            "tests/tools/deploy/test_down.py"
            "::test_a_protected_cell_is_deleted_after_its_name_is_typed",
        ),
        rehearsals=("lifecycle",),
    ),
    Claim(
        id="backups",
        text="Backups of volumes outlive their cell, and AWS restores the latest ones every week.",
        page="backups.md",
        applies=lambda settings: settings.resilience.backup is not None,
        rules=("HA970", "HA972"),
        refusals=(backup_rules,),
        tests=(
            "tests/components/resilience/test_backup.py"
            "::test_what_backups_need_remains_after_the_cell",
            "tests/components/resilience/test_backup.py"
            "::test_the_latest_backup_of_each_volume_is_restored_every_week",
        ),
        sources=(
            Source(
                fact="AWS Backup restores a backup into a new or an existing cluster, and "
                "overwrites no object.",
                url="https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-eks.html",
            ),
        ),
        not_shown="No backup has been restored on AWS by this project. A restore test does not "
        "show that the program can read the files.",
    ),
)

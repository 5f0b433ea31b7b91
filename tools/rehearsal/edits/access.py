"""Edits of the access to the cluster: `cluster.viewers` and `cluster.editors`."""

from tools.rehearsal.edits.apps import main_app
from tools.rehearsal.edits.edit import Config, Edit

_ROLES = "arn:aws:iam::210987654321:role"
"""Prefix of roles in an account other than that of the rehearsal."""
_EDITOR = f"{_ROLES}/extra-editor"


def add_viewer_and_editor(config: Config) -> None:
    """Adds a viewer, and an editor of the main app."""
    cluster = config["ha-eks:cluster"]
    cluster["viewers"] = [*cluster.get("viewers", []), f"{_ROLES}/extra-viewer"]
    cluster.setdefault("editors", {}).setdefault(main_app(config), []).append(_EDITOR)


ADD_VIEWER_AND_EDITOR = Edit(
    name="add a viewer and an editor",
    change=add_viewer_and_editor,
    expected=(
        "create AccessEntry cluster-access-*extra-viewer",
        "create AccessPolicyAssociation cluster-access-*extra-viewer",
        "create AccessEntry cluster-access-*extra-editor",
        "create AccessPolicyAssociation cluster-access-*extra-editor",
    ),
)


def has_several_apps(config: Config) -> bool:
    """True if the stack file has an app besides the main app."""
    return len(config["ha-eks:apps"]) > 1


def add_editor_to_another_app(config: Config) -> None:
    """Makes the editor of the main app an editor of another app too."""
    app = next(name for name in config["ha-eks:apps"] if name != main_app(config))
    config["ha-eks:cluster"]["editors"].setdefault(app, []).append(_EDITOR)


ADD_EDITOR_TO_ANOTHER_APP = Edit(
    name="make the editor an editor of another app too",
    change=add_editor_to_another_app,
    applies=has_several_apps,
    expected=(
        "delete AccessPolicyAssociation cluster-access-*extra-editor",
        "create AccessPolicyAssociation cluster-access-*extra-editor",
    ),
)

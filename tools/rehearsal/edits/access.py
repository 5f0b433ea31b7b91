"""Edits of who is let into the cluster."""

from tools.rehearsal.edits.apps import main_app
from tools.rehearsal.edits.edit import Config, Edit

_ELSEWHERE = "arn:aws:iam::210987654321:role"
"""Where principals are that nothing in a rehearsal makes."""


def let_in(config: Config) -> None:
    """A viewer and an editor of the app at "/"."""
    cluster = config["ha-eks:cluster"]
    cluster["viewers"] = [*cluster.get("viewers", []), f"{_ELSEWHERE}/extra-viewer"]
    editors = cluster.setdefault("editors", {})
    own = editors.setdefault(main_app(config), [])
    own.append(f"{_ELSEWHERE}/extra-editor")


LET_IN = Edit(
    name="a viewer and an editor more",
    change=let_in,
    may=(
        "create AccessEntry cluster-viewer-*-extra-viewer",
        "create AccessPolicyAssociation cluster-viewer-*-extra-viewer",
        "create AccessEntry cluster-editor-*-extra-editor",
        "create AccessPolicyAssociation cluster-editor-*-extra-editor",
    ),
)


def has_several_apps(config: Config) -> bool:
    """Whether there is an app beside the one at "/"."""
    return len(config["ha-eks:apps"]) > 1


def let_in_further(config: Config) -> None:
    """The editor of the app at "/" may edit in another app as well."""
    app = next(name for name in config["ha-eks:apps"] if name != main_app(config))
    config["ha-eks:cluster"]["editors"].setdefault(app, []).append(f"{_ELSEWHERE}/extra-editor")


LET_IN_FURTHER = Edit(
    name="that editor in another app",
    change=let_in_further,
    fits=has_several_apps,
    may=(
        "delete AccessPolicyAssociation cluster-editor-*-extra-editor",
        "create AccessPolicyAssociation cluster-editor-*-extra-editor",
    ),
)

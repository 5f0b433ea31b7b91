"""Scenario `operators`: two principals run Pulumi in turn, and both remain administrators."""

from collections.abc import Callable, Sequence

from tools.recording.made_up_outputs import DEPLOYER, SECOND_OPERATOR
from tools.rehearsal.edits.apps import change_image
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.run import Run, ScenarioError
from tools.rehearsal.scenarios import check_refused, check_unchanged

_SCENARIO = "operators"
_ENTRY = "AccessEntry"


def operators(run: Run) -> None:
    """Creates the cell as one principal, adds a second one, and hands the cell over to it."""

    def step(name: str, caller: str, action: Callable[[], str]) -> None:
        run.cloud.made_up_outputs.caller = caller
        run.step(_SCENARIO, name, action)

    def access(**keys: object) -> Callable[[Config], None]:
        """Returns a change of the stack file that sets `deployer` and `admins`."""

        def change(config: Config) -> None:
            cluster = config["ha-eks:cluster"]
            for key in ("deployer", "admins"):
                cluster.pop(key, None)
            cluster.update(keys)

        return change

    def up(
        *expected: str,
        change: Callable[[Config], None] | None = None,
        targets: Sequence[str] | None = None,
    ) -> str:
        """Runs `up` after a change, and checks which access entries it creates and deletes."""
        if change:
            run.engine.edit(change)
        run.new_operations()
        run.engine.up(targets)
        found = sorted(
            f"{each.verb} {each.name.rpartition('/')[2]}"
            for each in run.new_operations()
            if each.type.endswith(f":{_ENTRY}")
        )
        if found != sorted(expected):
            raise ScenarioError(f"access entries: {found}, expected {sorted(expected)}")
        return f"access entries: {', '.join(found) or 'none changed'}"

    def refused(change: Callable[[Config], None], *texts: str) -> str:
        before = run.engine.config
        try:
            return check_refused(run, change, *texts)
        finally:
            run.engine.edit(lambda config: config.update(before))

    run.engine.edit(access())
    step("first up without admins", DEPLOYER, lambda: up("create deployer"))
    step(
        "up by a second operator without access",
        SECOND_OPERATOR,
        lambda: refused(
            lambda config: None, "cluster.admins", f"admins: [{SECOND_OPERATOR}]", DEPLOYER
        ),
    )
    step(
        "the first operator adds the second",
        DEPLOYER,
        lambda: up("create second-operator", change=access(admins=[SECOND_OPERATOR])),
    )
    for caller in (SECOND_OPERATOR, DEPLOYER):
        step(f"up by {caller.rpartition('/')[2]}", caller, lambda: check_unchanged(run.engine.up))
    step("the second operator deploys an image", SECOND_OPERATOR, lambda: up(change=change_image))
    step(
        "the first operator removes its own access",
        DEPLOYER,
        lambda: refused(access(deployer=SECOND_OPERATOR), "cluster.deployer", DEPLOYER),
    )
    step(
        "the second operator takes over",
        SECOND_OPERATOR,
        lambda: up("delete deployer", change=access(deployer=SECOND_OPERATOR)),
    )
    step("up by the second operator", SECOND_OPERATOR, lambda: check_unchanged(run.engine.up))
    step(
        "the first operator gives itself access again",
        DEPLOYER,
        lambda: up(
            "create deployer",
            change=access(deployer=SECOND_OPERATOR, admins=[DEPLOYER]),
            targets=["**::cluster-access-**"],
        ),
    )
    step("up by the first operator", DEPLOYER, lambda: check_unchanged(run.engine.up))

"""The end of scenario `lifecycle`: the steps of `make down`, as docs/teardown.md describes."""

from pulumi.automation.errors import CommandError

from tools.deploy.down.cell import protected, refusals
from tools.rehearsal.checks import counts_by_verb
from tools.rehearsal.edits.protection import disable_protection
from tools.rehearsal.edits.storage import disable_volume_protection
from tools.rehearsal.run import Run, ScenarioError, errors_in


def destroy(run: Run) -> None:
    """Destroys the stack with the steps of `make down`, and checks that nothing is left."""
    if [*protected(run.engine.resources())]:
        run.step("lifecycle", "destroy of the protected cell", lambda: refuse_destroy(run))
    run.step("lifecycle", "turn off the protection of data", lambda: release_data(run))
    run.step("lifecycle", "make down: turn off the protection", lambda: turn_off_protection(run))
    run.step("lifecycle", "make down: destroy", lambda: destroy_unprotected(run))


def refuse_destroy(run: Run) -> str:
    """Checks that `destroy` is refused before it deletes anything."""
    run.new_operations()
    try:
        run.engine.destroy()
    except CommandError as error:
        operations = [str(each) for each in run.new_operations()]
        if operations:
            raise ScenarioError(f"refused after changes: {', '.join(operations)}") from error
        if "deletion-guard" not in str(error):
            raise ScenarioError(f"refused for another reason: {errors_in(error)}") from error
        return "refused, nothing deleted"
    raise ScenarioError("destroy deleted a protected cell")


def release_data(run: Run) -> str:
    """Turns off the protection of volumes, and checks that `make down` does not refuse."""
    run.engine.edit(disable_volume_protection)
    run.engine.up()
    lines = [*refusals(run.engine.resources(), run.engine.stack)]
    if lines:
        raise ScenarioError(f"make down refuses: {'; '.join(lines)}")
    return "no data is protected"


def turn_off_protection(run: Run) -> str:
    """Turns off the protection of the cell, and checks that nothing else changes."""
    targets = [*protected(run.engine.resources())]
    if not targets:
        return "the cell is not protected"
    run.engine.edit(disable_protection)
    run.new_operations()
    run.engine.up(targets)
    operations = run.new_operations()
    others = [str(each) for each in operations if each.urn not in targets]
    if others:
        raise ScenarioError(f"changed without being protected: {', '.join(others)}")
    left = [*protected(run.engine.resources())]
    if left:
        raise ScenarioError(f"still protected: {', '.join(left)}")
    return counts_by_verb(operations)


def destroy_unprotected(run: Run) -> str:
    """Destroys a stack without deletion protection, and checks that nothing is left."""
    kept = {each["urn"] for each in run.engine.resources() if each.get("retainOnDelete")}
    counts = run.engine.destroy()
    resources = run.cloud.resources.values()
    left = sorted(
        resource.label for resource in resources if not (resource.shared or resource.urn in kept)
    )
    if left:
        raise ScenarioError(f"not deleted: {', '.join(left)}")
    retained = ", ".join(sorted(resource.label for resource in resources))
    result = f"{counts['delete']} resources deleted, none left"
    return f"{result} except retained {retained}" if retained else result

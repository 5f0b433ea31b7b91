"""Constraints of Jobs: the pods of an existing Job cannot change.

https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from tools.rehearsal.fake_cloud.cloud import JOB, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values, namespace_of


def _immutable_template(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A Job that Pulumi takes over, or updates, has the same pods as before."""
    if type_ != JOB or verb == "delete":
        return
    name, namespace = inputs["metadata"]["name"], namespace_of(inputs)
    for other in cloud.of_type(JOB):
        same = (other.inputs["metadata"]["name"], namespace_of(other.inputs)) == (name, namespace)
        if same and other.inputs["spec"]["template"] != inputs["spec"]["template"]:
            raise RefusedError("Invalid", f"Job {name}: spec.template: field is immutable")


CONSTRAINTS: tuple[Constraint, ...] = (_immutable_template,)

"""The environment variables of a container."""

from collections.abc import Iterator

from pulumi_kubernetes import core

from settings.workload.container import Container
from settings.workload.environment import in_order


def variables(container: Container) -> Iterator[core.v1.EnvVarArgs]:
    """Yields references to Secrets, to fields of the pod and to resources, and then the variables
    with values, which can contain references to earlier variables."""
    for name, reference in sorted(container.secret_env.items()):
        secret = core.v1.SecretKeySelectorArgs(name=reference.secret, key=reference.key)
        yield _from(name, core.v1.EnvVarSourceArgs(secret_key_ref=secret))
    for name, path in sorted(container.env_fields.items()):
        yield pod_field(name, path)
    for name, field in sorted(container.env_resources.items()):
        resource = core.v1.ResourceFieldSelectorArgs(resource=field.resource, divisor=field.divisor)
        yield _from(name, core.v1.EnvVarSourceArgs(resource_field_ref=resource))
    for name, value in in_order(container.env).items():
        yield core.v1.EnvVarArgs(name=name, value=value)


def pod_field(name: str, path: str) -> core.v1.EnvVarArgs:
    """Returns a variable with a field of the pod."""
    field = core.v1.ObjectFieldSelectorArgs(field_path=path)
    return _from(name, core.v1.EnvVarSourceArgs(field_ref=field))


def sources(container: Container) -> Iterator[core.v1.EnvFromSourceArgs]:
    """Yields the Secrets and ConfigMaps whose values are all variables."""
    for each in container.env_from:
        source = core.v1.EnvFromSourceArgs(prefix=each.prefix)
        if each.secret:
            source.secret_ref = core.v1.SecretEnvSourceArgs(name=each.secret)
        if each.config_map:
            source.config_map_ref = core.v1.ConfigMapEnvSourceArgs(name=each.config_map)
        yield source


def _from(name: str, source: core.v1.EnvVarSourceArgs) -> core.v1.EnvVarArgs:
    return core.v1.EnvVarArgs(name=name, value_from=source)

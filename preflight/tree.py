"""The tree that preview prints: components, what they hold, and the choices that matter."""

from collections import Counter

from rich.markup import escape
from rich.tree import Tree

from plan import Plan, Resource


def tree(plan: Plan) -> Tree:
    """A branch for every component, with its resources counted by type."""
    stack = next(resource for resource in plan.resources if resource.parent is None)
    total = sum(resource.custom for resource in plan.resources)
    root = Tree(f"[bold]{escape(plan.stack)}[/]: {total} resources")
    choices = root.add("[bold]choices[/]")
    for line in headlines(plan):
        choices.add(escape(line))
    _grow(root, stack, plan)
    return root


def _grow(branch: Tree, parent: Resource, plan: Plan) -> None:
    children = [resource for resource in plan.resources if resource.parent == parent.urn]
    inside = {
        child.name: (child, [each for each in plan.resources if _inside(each, child, plan)])
        for child in children
        if not child.custom
    }

    def after(name: str) -> tuple[int, str]:
        """How many of the components come before one, which orders them."""
        before = plan.before(*inside[name][1])
        others = (below for other, (_, below) in inside.items() if other != name)
        return sum(any(each.urn in before for each in below) for below in others), name

    for name in sorted(inside, key=after):
        component, below = inside[name]
        kind = component.type.rsplit(":", 1)[-1]
        twig = branch.add(f"[bold]{escape(name)}[/] ({kind}): {len(below)}")
        _grow(twig, component, plan)
    counts = Counter(child.type for child in children if child.custom)
    for type_, count in sorted(counts.items()):
        branch.add(f"{count} × {escape(type_)}")


def _inside(resource: Resource, component: Resource, plan: Plan) -> bool:
    """Whether a resource that is no component is somewhere below a component."""
    if not resource.custom:
        return False
    parent = resource.parent
    while parent:
        if parent == component.urn:
            return True
        parent = plan.get(parent).parent
    return False


def headlines(plan: Plan) -> list[str]:
    """The choices of the stack file that decide on availability, a line each."""
    settings = plan.settings
    network, cluster = settings.network, settings.cluster
    nat = {"perZone": "a NAT gateway in each", "single": "one NAT gateway for all"}[network.nat]
    public = ", ".join(cluster.public_access_cidrs) or "none"
    lines = [
        f"region {settings.aws.region}, {len(network.zones)} zones, {nat}",
        f"Kubernetes {cluster.version}, public endpoint: {public}",
    ]
    for name, pool in settings.pools.root.items():
        size = pool.per_zone
        types = ", ".join(pool.instance_types)
        lines.append(f"pool {name}: {types}, {size.min} to {size.max} nodes a zone")
    unpinned = [
        str(add_on.inputs["addonName"])
        for add_on in plan.of_type("aws:eks/addon:Addon")
        if "addonVersion" not in add_on.inputs
    ]
    if unpinned:
        lines.append(f"unpinned add-ons, at EKS's default: {', '.join(sorted(unpinned))}")
    return lines

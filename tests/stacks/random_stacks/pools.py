"""Random pools."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import (
    WORD,
    Config,
    Draw,
    keys_of,
    maybe,
    some,
)

_X86 = ["m7i.large", "m6i.large", "c7i.xlarge", "r7i.large", "t3.medium"]
_ARM = ["m7g.large", "c7g.xlarge", "r7g.large", "t4g.medium"]
_AMIS = {
    "AL2023_x86_64_STANDARD": _X86, "AL2023_ARM_64_STANDARD": _ARM,
    "BOTTLEROCKET_x86_64": _X86, "BOTTLEROCKET_ARM_64": _ARM,
}  # fmt: skip
_POOLS = ["general", "a", "spanning", "us-east-1a", "a-us-east-1a", "p" * 20, "role", "zz"]
_EFFECTS = ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]


def pools_of(draw: Draw) -> Config:
    names = draw(some(_POOLS, 1, 3))
    pools = {name: _pool(draw, first=name == names[0]) for name in names}
    if draw(st.integers(0, 9)):
        pools[names[0]].pop("taints", None)
    return pools


def _pool(draw: Draw, *, first: bool) -> Config:
    """Returns a pool. The first pool has on-demand capacity for apps and system pods."""
    ami = draw(st.sampled_from([*_AMIS]))
    spot, bottlerocket = not first and draw(st.booleans()), ami.startswith("BOTTLEROCKET")
    minimum = draw(st.integers(0, 2))
    maximum = draw(st.integers(12, 20) if first else st.integers(max(minimum, 1), 5))
    types = draw(some(_AMIS[ami], 2 if spot else 1, 3))
    size = maybe(draw, {"min": minimum, "max": maximum}, initial=st.integers(minimum, maximum))
    if len(types) == 1 and not spot:
        maybe(draw, size, reserved=st.integers(0, maximum))
    pool: Config = {
        "instanceTypes": types, "perZone": size, "amiType": ami,
        "capacityType": "SPOT" if spot else "ON_DEMAND",
    }  # fmt: skip
    update = draw(st.sampled_from(["maxUnavailable", "maxUnavailablePercentage"]))
    repair = maybe(
        draw, {},
        **{
            draw(st.sampled_from([f"{key}Count", f"{key}Percentage"])): st.integers(1, 100)
            for key in ("maxParallel", "maxUnhealthy")
        },
    )  # fmt: skip
    warm = maybe(
        draw, {}, min=st.integers(0, max(minimum, 1)),
        maxPrepared=st.integers(max(minimum, 1), maximum),
        state=st.sampled_from(["STOPPED", "RUNNING"]),
        reuseOnScaleIn=st.just(False) if bottlerocket else st.booleans(),
    )  # fmt: skip
    reserved = keys_of(
        {}, optional={"cpu": st.sampled_from(["100m", "0.5"]), "memory": st.just("256Mi")}
    )
    kubelet = maybe(
        draw, {}, shutdownGraceSeconds=st.integers(40, 150),
        shutdownGraceCriticalSeconds=st.integers(1, 39), systemReserved=reserved,
        kubeReserved=reserved,
    )  # fmt: skip
    taint = keys_of(
        {"key": st.sampled_from(["team", "example.com/team"])},
        optional={"value": st.sampled_from(["", "a"]), "effect": st.sampled_from(_EFFECTS)},
    )

    labels = keys_of({}, optional={"team": WORD, "example.com/a": WORD})
    maybe(
        draw, pool, releaseVersion=st.just("1.36.1-20261101"), diskGib=st.integers(20, 200),
        labels=labels, layout=st.sampled_from(["perZone", "spanning"]),
        taints=st.lists(taint, max_size=2, unique_by=lambda each: each["key"]),
        update=keys_of({update: st.integers(1, 100)}, optional={
            "strategy": st.just("DEFAULT")
        }),
        repair=st.just({"enabled": False}) | st.just(repair),
    )  # fmt: skip
    if not spot:
        maybe(draw, pool, warmPool=st.just(warm))
    if not bottlerocket:
        maybe(draw, pool, kubelet=st.just(kubelet))
    return pool

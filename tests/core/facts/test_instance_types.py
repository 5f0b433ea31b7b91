"""Tests of the instance types, and of the generation of their data file."""

import gzip
import json
import re
from dataclasses import astuple, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts.instance_types import TABLE, instance_type, nearest, parse, table, zones_of
from core.facts.instance_types import extract as extraction
from core.facts.instance_types.extract import extract, generation, main, render

FAMILIES = """
m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex
c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex
r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz
t3 t3a t4g
"""


@pytest.mark.parametrize(
    ("name", "size", "pods"),
    [
        ("m7i.large", ("x86_64", 2, 8192, 3, 10), 29),
        ("c7i.large", ("x86_64", 2, 4096, 3, 10), 29),
        ("m7g.large", ("arm64", 2, 8192, 3, 10), 29),
        ("t3.medium", ("x86_64", 2, 4096, 3, 6), 17),
        ("t4g.micro", ("arm64", 2, 1024, 2, 2), 4),
        ("r6i.4xlarge", ("x86_64", 16, 131072, 8, 30), 234),
        ("m5.24xlarge", ("x86_64", 96, 393216, 15, 50), 737),
        ("c6i.metal", ("x86_64", 128, 262144, 15, 50), 737),
    ],
)
def test_size_and_maximum_pods_of_a_type_equal_the_aws_documentation(
    name: str, size: tuple[object, ...], pods: int
):
    kind = instance_type(name)

    assert kind is not None
    assert astuple(kind)[:-4] == (name, *size)
    assert kind.max_pods == pods


@pytest.mark.parametrize(
    ("name", "pods"), [("p5.48xlarge", 100), ("p4d.24xlarge", 737), ("c6in.32xlarge", 394)]
)
def test_maximum_pods_depend_on_the_default_network_card_as_in_the_table_of_vpc_cni(
    name: str, pods: int
):
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/master/misc/eni-max-pods.txt
    kind = instance_type(name)

    assert kind is not None
    assert kind.max_pods == pods


@pytest.mark.parametrize(
    ("region", "zones"), [("us-east-1", 6), ("us-west-2", 4), ("eu-central-1", 3), ("us-west-1", 2)]
)
def test_a_region_has_the_zones_that_are_available_to_accounts(region: str, zones: int):
    assert zones_of(region) == zones


@pytest.mark.parametrize("region", ["us-east-1", "us-east-2", "us-west-2", "eu-central-1"])
@pytest.mark.parametrize("name", ["m7i.large", "c7i.large", "m7g.large", "t4g.small"])
def test_common_types_are_offered_in_three_zones_of_large_regions(name: str, region: str):
    kind = instance_type(name)

    assert kind is not None
    assert kind.zones[region] >= 3


def test_a_type_that_a_region_does_not_offer_has_zero_zones_in_that_region():
    kind = instance_type("u7in-32tb.224xlarge")

    assert kind is not None
    assert kind.zones["af-south-1"] == 0


@pytest.mark.parametrize("name", ["m7.large", "m7i.tiny", "m7i", "M7I.LARGE", ""])
def test_an_unknown_name_has_no_instance_type(name: str):
    assert instance_type(name) is None


@pytest.mark.parametrize("name", ["mac2.metal", "hpc7a.96xlarge", "m4.large", "a1.large"])
def test_mac_hpc_and_old_types_are_not_in_the_data(name: str):
    assert instance_type(name) is None


@pytest.mark.parametrize(
    ("name", "nitro", "accelerator", "count"),
    [
        ("m7i.large", True, None, 0),
        ("m7i.metal-24xl", True, None, 0),
        ("t2.micro", False, None, 0),
        ("g5.xlarge", True, "GPU", 1),
        ("g6.12xlarge", True, "GPU", 4),
        ("g6f.large", True, "GPU", 1),  # an eighth of a GPU
        ("p5.48xlarge", True, "GPU", 8),
        ("inf1.xlarge", True, "Neuron device", 1),
        ("inf2.24xlarge", True, "Neuron device", 6),
        ("trn1.32xlarge", True, "Neuron device", 16),
        ("dl2q.24xlarge", True, "AI accelerator", 0),
        ("f2.6xlarge", True, "FPGA", 0),
        ("vt1.3xlarge", True, "media accelerator", 0),
    ],
)
def test_a_type_has_a_hypervisor_and_perhaps_accelerators(
    name: str, nitro: bool, accelerator: str | None, count: int
):
    found = instance_type(name)
    assert found
    assert (found.nitro, found.accelerator, found.accelerators) == (nitro, accelerator, count)


def test_an_unknown_region_has_no_number_of_zones():
    assert zones_of("us-moon-1") is None


@pytest.mark.parametrize("wrong", ["m7i.larg", "m7ilarge", "m7i-large", "M7I.LARGE"])
def test_the_first_suggestion_for_a_misspelled_type_is_the_intended_type(wrong: str):
    assert nearest(wrong)[0] == "m7i.large"


def test_the_suggestions_for_an_unknown_family_are_related_families_with_the_same_size():
    assert set(nearest("m7.large")) == {"m7a.large", "m7g.large", "m7i.large"}


def test_a_name_without_similar_types_has_no_suggestions():
    assert nearest("zzz") == []


def test_every_type_has_a_size_and_one_of_two_architectures():
    for kind in table().types.values():
        assert kind.architecture in ("x86_64", "arm64"), kind
        assert kind.vcpus >= 1, kind
        assert kind.memory_mib >= 512, kind
        assert kind.network_interfaces >= 1, kind
        assert kind.addresses_per_interface >= 2, kind
        assert kind.max_pods >= 4, kind


def test_a_type_is_offered_in_no_more_zones_than_its_region_has():
    zones = table().zones
    for kind in table().types.values():
        assert list(kind.zones) == list(zones), kind.name
        assert [r for r in zones if not 0 <= kind.zones[r] <= zones[r]] == [], kind.name


def test_every_type_is_offered_in_a_region_and_every_zone_offers_types():
    types, zones = table().types.values(), table().zones
    assert [kind.name for kind in types if not any(kind.zones.values())] == []
    assert {r: max(kind.zones[r] for kind in types) for r in zones} == dict(zones)


def test_graviton_types_are_arm64_and_all_others_x86_64():
    for name, kind in table().types.items():
        graviton = re.match("[a-z]+[0-9]+g", name)
        assert kind.architecture == ("arm64" if graviton else "x86_64"), name


def test_general_compute_memory_and_burstable_families_have_data():
    families = {name.split(".")[0] for name in table().types}
    missing = set(FAMILIES.split()) - families

    assert not missing, f"pools with these families would be refused: {missing}"


def test_the_data_file_is_in_the_format_of_extract():
    text = TABLE.read_text(encoding="utf-8")

    assert render(table()) == text
    assert RELEASE in text.splitlines()[0]


# The following tests do not need moto: they use a few types and offerings in the format of the API.


def described(
    name: str,
    *architectures: str,
    current: bool = True,
    cards: tuple[int, ...] = (3,),
    default: int = 0,
    **more: object,
) -> Any:
    return {
        **more,
        "InstanceType": name,
        "CurrentGeneration": current,
        "ProcessorInfo": {"SupportedArchitectures": list(architectures)},
        "VCpuInfo": {"DefaultVCpus": 2},
        "MemoryInfo": {"SizeInMiB": 8192},
        "NetworkInfo": {
            "DefaultNetworkCardIndex": default,
            "MaximumNetworkInterfaces": sum(cards),
            "NetworkCards": [
                {"NetworkCardIndex": index, "MaximumNetworkInterfaces": count}
                for index, count in reversed(list(enumerate(cards)))
            ],
            "Ipv4AddressesPerInterface": 10,
        },
    }


def offered(*pairs: str) -> Any:
    return [dict(zip(("InstanceType", "Location"), p.split("@"), strict=True)) for p in pairs]


DESCRIBED = [
    described("t2.micro", "i386", "x86_64", Hypervisor="xen"),
    described(
        "p5.48xlarge",
        "x86_64",
        cards=(1, 4),
        default=1,
        Hypervisor="nitro",
        GpuInfo={"Gpus": [{"Count": 8, "LogicalGpuCount": 8}]},
    ),
    described(
        "inf2.24xlarge",
        "x86_64",
        NeuronInfo={"NeuronDevices": [{"Count": 6}]},
        InferenceAcceleratorInfo={},
    ),
    described("m7g.large", "arm64"),
    described("m6i.large", "x86_64", current=False),
    described("m4.large", "x86_64", current=False),
    described("mac2.metal", "arm64_mac"),
    described("hpc7a.96xlarge", "x86_64"),
]
OFFERED = {
    "us-west-1": offered(
        *("m4.large@usw1-az3", "m7g.large@usw1-az1", "m7g.large@usw1-az3"),
        "inf2.24xlarge@usw1-az1",
    ),
    "af-south-1": offered(
        *("m6i.large@afs1-az1", "m6i.large@afs1-az2", "m6i.large@afs1-az2"),
        *("t2.micro@afs1-az3", "p5.48xlarge@afs1-az1"),
    ),
}
RELEASE = f"moto {extraction.MOTO} (PyPI, {extraction.RELEASED})"
RENDERED = f"""\
# EC2 API responses from {RELEASE}; generated by extract.py
regions,af-south-1,us-west-1
zones,32
type,architecture,vcpus,memory MiB,interfaces,IPv4 addresses per interface,\
hypervisor,accelerator,GPUs or Neuron devices,zones by region
inf2.24xlarge,x86_64,2,8192,3,10,nitro,Neuron device,6,01
m6i.large,x86_64,2,8192,3,10,nitro,,,20
m7g.large,arm64,2,8192,3,10,nitro,,,02
p5.48xlarge,x86_64,2,8192,4,10,nitro,GPU,8,10
t2.micro,x86_64,2,8192,3,10,xen,,,10
"""


def test_the_table_has_possible_node_types_with_their_default_card_and_number_of_zones():
    assert render(extract(DESCRIBED, OFFERED)) == RENDERED


@given(kinds=st.permutations(DESCRIBED), regions=st.permutations(sorted(OFFERED)), data=st.data())
def test_the_table_does_not_depend_on_the_order_of_the_api_responses(
    kinds: list[Any], regions: list[str], data: st.DataObject
):
    offerings = {region: data.draw(st.permutations(OFFERED[region])) for region in regions}

    assert render(extract(kinds, offerings)) == RENDERED


def test_parsing_reverses_rendering():
    table = extract(DESCRIBED, OFFERED)

    assert parse(render(table)) == table


def test_ten_zones_in_a_region_are_refused():
    zones = offered(*(f"m7g.large@afs1-az{number}" for number in range(10)))

    message = "the table has one digit per region, up to 9 zones: {'af-south-1': 10}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        render(extract(DESCRIBED, {"af-south-1": zones}))


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("m7i.large", 7),
        ("c6gn.16xlarge", 6),
        ("u-3tb1.56xlarge", 3),
        ("im4gn.large", 4),
        ("x.y", 0),
    ],
)
def test_the_generation_is_the_first_number_of_the_name(name: str, number: int):
    assert generation(name) == number


@dataclass(frozen=True)
class Moto:
    """An installed distribution with the attributes that extract.py uses."""

    version: str
    root: Path

    def locate_file(self, path: str) -> Path:
        return self.root / path


@pytest.fixture
def moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Creates resource files in the layout of moto."""
    resources = tmp_path / "moto/ec2/resources"
    zones = resources / "instance_type_offerings/availability-zone-id"
    zones.mkdir(parents=True)
    types = {each["InstanceType"]: each for each in DESCRIBED}
    (resources / "instance_types.json.gz").write_bytes(gzip.compress(json.dumps(types).encode()))
    for region, offerings in OFFERED.items():
        file = zones / f"{region}.json.gz"
        file.write_bytes(gzip.compress(json.dumps(offerings).encode()))
    installed = Moto(extraction.MOTO, tmp_path)
    monkeypatch.setattr(metadata, "distribution", {"moto": installed}.__getitem__)
    return tmp_path


def test_the_data_file_is_generated_from_moto_and_a_second_run_does_not_change_the_file(
    moto: Path, capsys: pytest.CaptureFixture[str]
):
    main(moto / "types.csv")
    first = (moto / "types.csv").read_bytes()
    main(moto / "types.csv")

    assert first == (moto / "types.csv").read_bytes() == RENDERED.encode()
    line = f"types.csv: 5 types, 2 regions, moto {extraction.MOTO}\n"
    assert capsys.readouterr().out == 2 * line


def test_without_moto_the_message_names_the_installation_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)

    with pytest.raises(SystemExit) as caught:
        main(tmp_path / "types.csv")
    assert caught.value.code == f"moto is not installed: pip install moto=={extraction.MOTO}"
    assert not (tmp_path / "types.csv").exists()


def test_another_release_of_moto_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    installed = Moto("4.2.0", tmp_path)
    monkeypatch.setattr(metadata, "distribution", {"moto": installed}.__getitem__)

    with pytest.raises(SystemExit) as caught:
        main(tmp_path / "types.csv")
    assert caught.value.code == (
        f"moto 4.2.0 is installed, but {extraction.MOTO} is required: "
        f"pip install moto=={extraction.MOTO}"
    )


def test_the_docstring_names_the_release_of_moto():
    assert f"moto=={extraction.MOTO}." in str(extraction.__doc__)

"""A release changes one image in the stack file, and no other character."""

from pathlib import Path

import pytest

from tools.deploy.release.interfaces import ReleaseError
from tools.deploy.release.stack_file import YamlStackFile

NEW = "ghcr.io/x/web@sha256:" + "1" * 64
TEXT = """# Ünïcode — comment
config:
    aws:region:   us-east-1   # the region

    ha-eks:pools: {general: {instanceTypes: [m7i.large]}}
    ha-eks:apps:
        web:
            # a comment about the image
            image: {IMAGE}   # the image
            port: 80
        cache: {image: redis:7, port: 6379}
"""


def file_of(folder: Path, image: str) -> YamlStackFile:
    file = folder / "Pulumi.own.yaml"
    file.write_bytes(TEXT.replace("{IMAGE}", image).encode())
    return YamlStackFile(file)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_only_the_image_changes(tmp_path: Path, quote: str) -> None:
    file = file_of(tmp_path, f"{quote}web:1{quote}")
    file.write_image("web", NEW)
    assert file.path.read_text() == TEXT.replace("{IMAGE}", f"{quote}{NEW}{quote}")
    assert file.images() == {"web": NEW, "cache": "redis:7"}


def test_an_image_in_a_mapping_on_one_line_changes(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.write_image("cache", NEW)
    expected = TEXT.replace("{IMAGE}", "web:1").replace("{image: redis:7,", f"{{image: {NEW},")
    assert file.path.read_text() == expected


def test_line_breaks_of_windows_stay(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.path.write_bytes(file.path.read_bytes().replace(b"\n", b"\r\n"))
    file.write_image("web", NEW)
    expected = TEXT.replace("{IMAGE}", NEW).replace("\n", "\r\n")
    assert file.path.read_bytes() == expected.encode()


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    file = file_of(tmp_path, "web:1")
    file.path.write_bytes(b"\xef\xbb\xbf" + file.path.read_bytes())
    file.write_image("web", NEW)
    assert file.path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("{IMAGE}", NEW).encode()


@pytest.mark.parametrize("image", ["&image web:1", ">-\n                web:1"])
def test_an_image_with_an_anchor_or_on_two_lines_is_refused(tmp_path: Path, image: str) -> None:
    file = file_of(tmp_path, image)
    if image.startswith("&"):
        file.path.write_text(file.path.read_text().replace("redis:7", "*image"))
    before = file.path.read_bytes()
    with pytest.raises(ReleaseError) as error:
        file.write_image("web", NEW)
    assert str(error.value) == (
        "Pulumi.own.yaml:9: ha-eks:apps.web.image: must be plain or quoted text on one line, "
        "without an anchor or alias, so that a release can change it"
    )
    assert file.path.read_bytes() == before


SHARED = """\
config:
  ha-eks:apps:
    web: {image: web:1, port: 80}
    cache: {image: redis:7, port: 6379}
  ha-eks:cronJobs:
    invoices: {image: shop:1}
"""
OWN = """\
config:
  aws:region: us-east-1
  ha-eks:extends: apps.yaml # the apps of all cells
"""
BLOCK = "\n         /a: |\n           text"
ADDED = f"  ha-eks:apps:\n    web:\n      image: {NEW}"


def extending(folder: Path, text: str) -> YamlStackFile:
    """Returns a stack file with a text, which extends a shared file."""
    (folder / "apps.yaml").write_text(SHARED, encoding="utf-8")
    file = folder / "Pulumi.own.yaml"
    file.write_bytes(text.encode())
    return YamlStackFile(file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN, f"{OWN.rstrip()}\n{ADDED}\n"),
        (OWN.rstrip(), f"{OWN.rstrip()}\n{ADDED}"),
        (OWN.replace("\n", "\r\n"), f"{OWN.rstrip()}\n{ADDED}\n".replace("\n", "\r\n")),
        (
            f"{OWN}  ha-eks:apps:\n    cache:\n      args: [a]  # two\n\nencryptionsalt: v1\n",
            f"{OWN}  ha-eks:apps:\n    cache:\n      args: [a]  # two\n    web:\n"
            f"      image: {NEW}\n\nencryptionsalt: v1\n",
        ),
        (
            f"{OWN}  ha-eks:apps:\n    web:\n       files: {BLOCK}\n# end\n",
            f"{OWN}  ha-eks:apps:\n    web:\n       files: {BLOCK}\n       image: {NEW}\n# end\n",
        ),
        (
            f"{OWN}  ha-eks:apps: {{cache: {{port: 1}}}}\n",
            f"{OWN}  ha-eks:apps: {{web: {{image: {NEW}}}, cache: {{port: 1}}}}\n",
        ),
        (f"{OWN}  ha-eks:apps: {{}}\n", f"{OWN}  ha-eks:apps: {{web: {{image: {NEW}}}}}\n"),
        (
            f"{OWN}  ha-eks:apps:\n    web: {{port: 81}}\n",
            f"{OWN}  ha-eks:apps:\n    web: {{image: {NEW}, port: 81}}\n",
        ),
    ],
    ids=["no apps", "no end", "windows", "other app", "app", "braces", "empty", "app in braces"],
)
def test_an_image_of_the_shared_file_changes_in_one_cell_until_it_is_rolled_back(
    tmp_path: Path, text: str, expected: str
) -> None:
    file = extending(tmp_path, text)
    assert file.images()["web"] == "web:1"
    file.write_image("web", NEW)
    assert file.path.read_bytes().decode() == expected
    assert (tmp_path / "apps.yaml").read_text() == SHARED, "a release must reach one cell only"
    assert file.images() == {"web": NEW, "cache": "redis:7", "invoices": "shop:1"}
    file.write_image("web", "web:1")
    assert file.path.read_bytes().decode() == text, "the cell must follow the shared file again"


def test_an_image_of_the_cell_changes_in_place(tmp_path: Path) -> None:
    text = f"{OWN}  ha-eks:cronJobs: {{invoices: {{image: shop:2}}}}\n"
    file = extending(tmp_path, text)
    file.write_image("invoices", NEW)
    assert file.path.read_text() == text.replace("shop:2", NEW)
    file.write_image("invoices", "shop:1")
    assert file.path.read_text() == text.replace("shop:2", "shop:1")


def test_an_image_that_cannot_be_added_is_refused(tmp_path: Path) -> None:
    text = f"{OWN}  ha-eks:audit: &a {{}}\n  ha-eks:apps: *a\n"
    file = extending(tmp_path, text)
    with pytest.raises(ReleaseError) as error:
        file.write_image("web", NEW)
    assert str(error.value) == (
        "Pulumi.own.yaml: ha-eks:apps.web.image: cannot be added; write the key with its present "
        "value"
    )
    assert file.path.read_text() == text

"""All names of sav.channels 0.1 and 0.5 are there, and are called as there."""

from __future__ import annotations

from millstream.compat import channels
from seed_support import check_signatures


def test_every_signature_is_as_in_the_originals() -> None:
    compared = check_signatures("millstream.compat.channels", "channels_signatures.json", {}, set(), set())
    assert compared == 3


def test_a_star_import_brings_what_the_originals_bring() -> None:
    names: dict[str, object] = {}
    exec("from millstream.compat.channels import *", names)
    assert {name for name in names if not name.startswith("_")} == set(channels.__all__)

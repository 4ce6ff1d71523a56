#!/usr/bin/env python3
"""Writes parameters.txt anew from the lists that others keep. Needs npm and pip:

    python3 framework/src/cache/http/tracking/update.py
"""

import importlib.util
import pathlib
import re
import subprocess
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent

# Words that shops use for their own: options of products, pages, accounts.
WORDS = set("context email newsletter origin pid recipient ref si social source sns".split())
# Parts of detrack that are no advertisers' parameters.
NOT_TRACKING = ["Spotify", "Redirect / session", "Cache busters"]
# What Shopify adds to links in search results and recommendations; shops that moved from there are still linked to so.
SHOPIFY = "_pos _psq _ss _sid _fid _v pr_prod_strat pr_rec_id pr_rec_pid pr_ref_pid pr_seq".split()

# Missing from both: Google Merchant Center's, Klaviyo's and Impact's.
MISSING = "srsltid _kx irgwc".split()


def version(path):
    return re.search(r"-(\d+\.\d+\.\d+)", path.name).group(1)


def tidy_url(directory):
    subprocess.run(["npm", "pack", "--silent", "tidy-url"], cwd=directory, check=True, stdout=subprocess.DEVNULL)
    package = next(directory.glob("tidy-url-*.tgz"))
    rules = tarfile.open(package).extractfile("package/data/rules.js").read().decode()
    rules = rules[rules.index("name: 'Global'") :]
    rules = re.sub(r"//[^\n]*", "", rules[: rules.index("]")])
    return version(package), set(re.findall(r"'([^']+)'", rules)) - {"Global"}


def detrack(directory):
    subprocess.run(["pip", "download", "--quiet", "--no-deps", "detrack"], cwd=directory, check=True)
    package = next(directory.glob("detrack-*.whl"))
    text = zipfile.ZipFile(package).read("detrack/patterns.py").decode()
    text = text[text.index("DEFAULT_PATTERNS") :]
    parts = re.split(r"# ── (.+?) ─+\n", text)[1:]
    parts = dict(zip(parts[::2], parts[1::2]))
    missing = [name for name in NOT_TRACKING if name not in parts]
    assert not missing, f"detrack has no part {missing} any more: read its list again"
    wanted = [part for name, part in parts.items() if name not in NOT_TRACKING]
    return version(package), set(re.findall(r'"([^"]+)"', "".join(wanted)))


with tempfile.TemporaryDirectory() as directory:
    tidy_version, tidy = tidy_url(pathlib.Path(directory))
    detrack_version, other = detrack(pathlib.Path(directory))

names = {name.lower() for name in tidy | other | set(SHOPIFY) | set(MISSING)} - WORDS
assert {"irclickid", "gad_campaignid", "gclid", "_pos"} <= names
HERE.joinpath("parameters.txt").write_text(
    f"""\
# Parameters by which advertisers and newsletters recognise their links, in lower case. Written by update.py from
#   tidy-url {tidy_version} (MIT, Copyright (c) DrKain), its rules for all sites, https://www.npmjs.com/package/tidy-url
#   detrack {detrack_version} (MIT, Copyright (c) Emiliano Gandini Outeda), https://pypi.org/project/detrack
# without words that shops use for their own, and with those that Shopify adds to links within a shop and three that both lack.
"""
    + "".join(f"{name}\n" for name in sorted(names))
)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The language's part of shots.py: an interface in another language, with that country's way to write numbers."""
import os
import subprocess

COUNTRIES = {"de": "de_DE"}


def environment_of(words, home, build):
    """What the application finds in its environment. The locale is made from its source, as few systems have it ready."""
    for language, country in COUNTRIES.items():
        if language in words:
            name = country + ".UTF-8"
            subprocess.run(["localedef", "-i", country, "-f", "UTF-8", os.path.join(home, name)], check=True)
            return {"LC_ALL": name, "LOCPATH": home, "FLUO_LOCALE_DIR": os.path.join(build, "po")}
    return {"LC_ALL": "C.UTF-8"}

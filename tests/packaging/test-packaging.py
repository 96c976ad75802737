#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed beside the programs: every file is checked by the tool of its own format."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ["FLUO_SOURCE_DIR"]
BUILD = os.environ["FLUO_BUILD_DIR"]
APP_ID = "io.github.fluoroscope.Fluoroscope"
# The tools' own warnings are theirs.
for name in ("G_DEBUG", "G_ENABLE_DIAGNOSTIC", "MALLOC_CHECK_", "MALLOC_PERTURB_"):
    os.environ.pop(name, None)


class Skip(Exception):
    """There is nothing to check."""


def run(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def source(*parts):
    return os.path.join(SOURCE, *parts)


def built(*parts):
    return os.path.join(BUILD, *parts)


def desktop_file():
    run("desktop-file-validate", built("data", APP_ID + ".desktop"))


def metainfo():
    run("appstreamcli", "validate", "--no-net", built("data", APP_ID + ".metainfo.xml"))


def schema():
    run("glib-compile-schemas", "--strict", "--dry-run", source("data"))


def mime_type():
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(os.path.join(home, "packages"))
        shutil.copy(source("data", APP_ID + ".mime.xml"), os.path.join(home, "packages"))
        run("update-mime-database", home)
        with open(os.path.join(home, "globs2"), encoding="utf-8") as globs:
            assert "application/vnd.fluoroscope.trace+json:*.xray.json" in globs.read()


def icons():
    with tempfile.TemporaryDirectory() as home:
        for path in ("scalable/apps/" + APP_ID, "symbolic/apps/" + APP_ID + "-symbolic"):
            run("xmllint", "--noout", source("data/icons/hicolor", path + ".svg"))
            png = os.path.join(home, "icon.png")
            run("rsvg-convert", "-w", "64", source("data/icons/hicolor", path + ".svg"), "-o", png)
            assert os.path.getsize(png) > 300, path


def systemd_unit():
    with tempfile.TemporaryDirectory() as home:
        unit = os.path.join(home, "fluoroscoped.service")
        with open(built("data", "fluoroscoped.service"), encoding="utf-8") as text:
            rows = text.read()
        # The program is not installed here; any existing one lets the tool read on.
        with open(unit, "w", encoding="utf-8") as text:
            text.write(re.sub(r"ExecStart=.*", "ExecStart=/bin/true", rows).replace("man:fluoroscoped(1)", "man:man(1)"))
        said = run("systemd-analyze", "--user", "--man=no", "verify", unit, env=dict(os.environ, XDG_RUNTIME_DIR=home, HOME=home))
        assert "Unknown" not in said and "fluoroscoped.service:" not in said, said


def flatpak_manifest():
    path = source("flatpak", APP_ID + ".json")
    shown = json.loads(run("flatpak-builder", "--show-manifest", path))
    assert shown["id"] == APP_ID and shown["runtime"] == "org.gnome.Platform"
    wide = [word for word in shown["finish-args"] if re.search(r"=(home|host|session-bus|system-bus)", word)]
    assert not wide, wide


def man_pages():
    for page in ("fluoroscope", "fluoroscoped", "fluoroscope-cli"):
        path = source("data/man", page + ".1")
        said = run("mandoc", "-Tlint", "-Wwarning", path)
        assert not said, said
        assert page.upper() in run("mandoc", "-Tascii", path).upper()


def man_pages_name_every_option():
    for program, folder in (("fluoroscope", "app"), ("fluoroscoped", "collector"), ("fluoroscope-cli", "cli")):
        options = set(re.findall(r"(--[a-z][a-z-]+)", run(built("src", folder, program), "--help")))
        with open(source("data/man", program + ".1"), encoding="utf-8") as text:
            page = text.read().replace("\\-", "-")
        lacking = sorted(option for option in options if option not in page and not option.startswith("--help"))
        assert not lacking, f"{program}.1 does not mention {lacking}"


def potfiles():
    with open(source("po/POTFILES"), encoding="utf-8") as text:
        listed = {row.strip() for row in text if row.strip() and not row.startswith("#")}
    marked = set()
    for folder in ("src", "resources"):
        for root, _, names in os.walk(source(folder)):
            for name in names:
                path = os.path.join(root, name)
                if name.endswith((".c", ".ui")):
                    with open(path, encoding="utf-8") as text:
                        if re.search(r"\b(N?C?_|g_dngettext|ngettext) ?\(\"|translatable=\"yes\"", text.read()):
                            marked.add(os.path.relpath(path, SOURCE))
    assert not marked - listed, f"missing from po/POTFILES: {sorted(marked - listed)}"
    gone = [name for name in listed if not os.path.exists(source(name))]
    assert not gone, f"in po/POTFILES but gone: {gone}"


def languages():
    with open(source("po/LINGUAS"), encoding="utf-8") as text:
        return [word for row in text if not row.startswith("#") for word in row.split()]


def every_translation_is_complete():
    """Every sentence of the sources as they are now, in every language that is offered."""
    if not languages():
        raise Skip("no language is offered yet")
    keywords = ["_", "N_", "C_:1c,2", "NC_:1c,2", "ngettext:1,2", "g_dgettext:2", "g_dngettext:2,3", "g_dpgettext2:2c,3"]
    with tempfile.TemporaryDirectory() as home:
        template = os.path.join(home, "fluoroscope.pot")
        run("xgettext", "--from-code=UTF-8", "--files-from=po/POTFILES", "--output=" + template,
            *("--keyword=" + word for word in keywords), cwd=SOURCE)
        lacking = []
        for language in languages():
            merged = os.path.join(home, language + ".po")
            run("msgmerge", "--quiet", "--no-fuzzy-matching", "--output-file=" + merged, source("po", language + ".po"), template)
            said = run("msgfmt", "--check", "--statistics", "--output-file=" + os.path.join(home, "mo"), merged,
                       env=dict(os.environ, LC_ALL="C.UTF-8"))
            if "untranslated" in said or "fuzzy" in said:
                untranslated = run("msgattrib", "--untranslated", "--no-obsolete", "--no-wrap", merged)
                fuzzy = run("msgattrib", "--only-fuzzy", "--no-obsolete", "--no-wrap", merged)
                rows = re.findall(r'^msgid "(.+)"$', untranslated + fuzzy, re.M)
                lacking.append(f"{language}: {said.strip()}\n  " + "\n  ".join(rows[:20]))
        assert not lacking, "\n".join(lacking)


def german_is_offered_when_written():
    if not os.path.exists(source("po/de.po")):
        raise Skip("there is no po/de.po")
    assert "de" in languages(), "po/de.po is not named in po/LINGUAS"


CHECKS = [desktop_file, metainfo, schema, mime_type, icons, systemd_unit, flatpak_manifest, man_pages,
          man_pages_name_every_option, potfiles, every_translation_is_complete, german_is_offered_when_written]
print(f"1..{len(CHECKS)}")
bad = 0
for number, check in enumerate(CHECKS, 1):
    try:
        check()
        print(f"ok {number} {check.__name__}")
    except Skip as reason:
        print(f"ok {number} {check.__name__} # SKIP {reason}")
    except Exception as error:  # every reason is a failed check
        bad += 1
        print(f"not ok {number} {check.__name__}")
        for row in str(error).splitlines() or [repr(error)]:
            print("#", row)
sys.exit(1 if bad else 0)

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Style and hygiene that a machine can check. Prints what is wrong, one row each, and exits 1 when there is any.
set -u
build=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export LC_ALL=C.UTF-8 # lengths are counted in characters
app_id=io.github.fluoroscope.Fluoroscope
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rc=0
bad() { printf '%s\n' "$@"; rc=1; }
# none WHAT ROWS: fails when there are rows, and shows the first twenty.
none() { [ -z "$2" ] || { bad "$1" "$(head -n 20 <<<"$2")" "($(wc -l <<<"$2") rows)"; }; }

mapfile -t scripts < <(git ls-files '*.sh'; echo dev; echo .ci/run)
mapfile -t pythons < <(git ls-files '*.py')
mapfile -t sources < <(git ls-files 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h')
mapfile -t xmls < <(git ls-files '*.ui' '*.xml' '*.xml.in' '*.svg' | grep -v '^tests/data')

echo "== licence, guards, line lengths"
for f in "${sources[@]}"; do
  case $(head -n 1 "$f") in '/* SPDX-License-Identifier: GPL-3.0-or-later */') ;; *) bad "$f: the first line must be the SPDX header" ;; esac
done
none "no #pragma once:" "$(git ls-files 'src/*.h' 'tests/*.h' | xargs grep -L '^#pragma once')"
for f in "${scripts[@]}" "${pythons[@]}"; do
  [ "$(sed -n 2p "$f")" = '# SPDX-License-Identifier: GPL-3.0-or-later' ] || [ "$(sed -n 1p "$f")" = '# SPDX-License-Identifier: GPL-3.0-or-later' ] ||
    bad "$f: no SPDX header in the first two lines"
done
none "lines over 100 columns:" "$(grep -nP '^.{101,}' "${sources[@]}" | cut -c 1-120)"
none "lines over 200 columns:" "$(grep -nP '^.{201,}' "${scripts[@]}" "${pythons[@]}" | cut -c 1-120)"
none "tabs or trailing blanks:" "$(grep -nP '\t|[ ]+$' "${sources[@]}" "${pythons[@]}" | cut -c 1-120)"

echo "== sizes of files and functions"
for f in "${sources[@]}" "${pythons[@]}"; do
  n=$(wc -l <"$f"); [ "$n" -le 1000 ] || bad "$f: $n lines, at most 1000"
done
none "functions over 100 lines:" "$(awk 'FNR == 1 {inside = 0} /^{/ {inside = 1; start = FNR}
  /^}/ {if (inside && FNR - start > 100) print FILENAME ":" start ": " FNR - start " lines"; inside = 0}' "${sources[@]}")"

echo "== arrows between folders"
allowed() { # allowed FOLDER: folders it may include from
  case $1 in
    core) echo core ;; otlp) echo 'core otlp' ;; filter) echo 'core filter' ;; graph) echo 'core graph' ;; draw) echo 'core graph filter draw' ;;
    aws) echo 'core otlp graph filter aws' ;; local) echo 'core otlp graph filter aws local' ;; demo) echo 'core demo' ;;
    app) echo 'core graph filter draw aws demo app' ;; cli) echo 'core graph filter draw aws demo cli' ;;
    collector) echo 'core graph filter aws local collector' ;;
  esac
}
libraries() { # libraries FOLDER: what it may include from outside, as a pattern
  case $1 in
    core|filter|graph) echo 'glib' ;; otlp) echo 'glib|protobuf' ;; draw) echo 'glib|cairo|pango' ;; aws) echo 'glib|gio|libsoup|libsecret|gcrypt' ;;
    local) echo 'glib|gio|libsoup|sqlite3|gcrypt|zstd|zdict|zlib|protobuf|nghttp2' ;; app) echo 'glib|gio|gtk|adwaita|gdk' ;;
    cli|demo) echo 'glib|gio' ;; collector) echo 'glib|gio|yaml' ;;
  esac
}
for d in src/*/; do
  d=$(basename "$d")
  while IFS=: read -r file folder; do
    case " $(allowed "$d") " in *" $folder "*) ;; *) bad "$file: $d may not include from $folder" ;; esac
  done < <(grep -rnoP '#include "\K[a-z]+(?=/)' "src/$d" --include='*.[ch]' | sed 's/:[0-9]*:/:/' | sort -u)
  # Names without a slash that end in .h and are not libraries' own are the C library's.
  none "$d may not include:" "$(grep -rnE '#include <(glib|gio|gtk|gdk|gsk|graphene|adwaita|libsoup|libsecret|json-glib|sqlite3|gcrypt|cairo|pango|zstd|zdict|zlib|protobuf|nghttp2|yaml)' \
    "src/$d" --include='*.[ch]' | grep -vE "#include <($(libraries "$d"))")"
done

echo "== words that must not be left behind"
none "left behind:" "$(grep -rnIE '\b(TODO|FIXME|XXX|HACK)\b|not implemented' src resources data docs README.md | head)"
none "paths of one machine:" "$(grep -rnIE '(^|[^a-z.])/(work|tmp)/' src resources data docs README.md | head)"
none "markup must be escaped, or a comment above must say what it is made of:" \
  "$(grep -rlE 'set_markup' src/app | while read -r f; do
    grep -qE 'markup_escape_text|markup_printf_escaped' "$f" ||
      awk -v f="$f" '/set_markup \(/ && before !~ /Markup/ {print f ":" FNR} {before = $0}' "$f"; done)"
new='GtkFileDialog|GtkAlertDialog|GtkUriLauncher|AdwBanner|AdwToolbarView|AdwSwitchRow|AdwSpinner'
old='Gtk(TreeView|ListStore|TreeStore|ComboBox|Dialog|InfoBar|Statusbar|StyleContext)|gtk_style_context_|G_DISABLE_(ASSERT|CHECKS)'
none "deprecated or too new here:" "$(grep -rnE "\b($new|$old) ?\b" src resources --include='*.[ch]' --include='*.ui')"
none "unbounded or unsafe:" "$(grep -rnE '\b(strcpy|strcat|sprintf|gets|system|popen|alloca|g_alloca|g_newa|strtok) \(' src --include='*.[ch]' | head)"
none "plain assert in tests:" "$(grep -rnE '(^|[^_a-z])assert \(|#include <assert.h>' tests --include='*.[ch]' | head)"

echo "== data and documents"
for f in "${xmls[@]}"; do xmllint --noout --nonet "$f" || bad "$f: not well-formed"; done
for f in $(git ls-files '*.json' | grep -v '^tests/fuzz/corpus'); do python3 -m json.tool "$f" >"$scratch/json" || bad "$f: not JSON"; done
desktop-file-validate "$build/data/$app_id.desktop" || rc=1
appstreamcli validate --no-net "$build/data/$app_id.metainfo.xml" >"$scratch/metainfo" || { cat "$scratch/metainfo"; rc=1; }
glib-compile-schemas --strict --dry-run data || rc=1
while read -r language; do
  msgfmt --check --output-file="$scratch/$language.mo" "po/$language.po" || bad "po/$language.po: msgfmt finds faults"
done < <(grep -v '^#' po/LINGUAS)
none "dead links in the documents:" "$(python3 - <<'PY'
import os, re, subprocess
for name in subprocess.run(["git", "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout.split():
    with open(name, encoding="utf-8") as file:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read()):
            if not os.path.exists(os.path.join(os.path.dirname(name), target)):
                print(f"{name}: {target}")
PY
)"
# shellcheck disable=SC2016 # the backtick is one
none "tests that docs/internals/security-tests.md names and that are not there:" "$(
  grep -oP '`\K(/[a-z][a-z/-]+|tests/[^`]+)(?=`)' docs/internals/security-tests.md | sort -u | while read -r name; do
    case $name in
      /dev/*) ;;
      /*) grep -rqF "\"$name\"" tests --include='*.c' || echo "$name" ;;
      *) [ -e "$name" ] || echo "$name" ;;
    esac
  done)"

echo "== shell, spelling, static analysis"
shellcheck "${scripts[@]}" || rc=1
codespell -q 3 --skip='tests/data,*.svg,*.png,po,COPYING,tests/fuzz/corpus' \
  -L 'ot,te,fo,ba,nd,inout,fpr,hel,alls,parms,shs,ser,mis,servce,nam,foult,trough' src docs README.md data resources tests dev || rc=1
# memleak: what g_array_append_val copies looks lost; the leak sanitizer knows. internalAstError: compound literals in
# arguments. ctunullpointer: paths through early returns it does not see. The cache makes a second run quick.
mkdir -p "$build/cppcheck"
cppcheck --quiet --error-exitcode=1 --enable=warning,portability --std=c11 --inline-suppr -j "$(nproc)" \
  --cppcheck-build-dir="$build/cppcheck" --suppress=memleak --suppress=internalAstError --suppress=ctunullpointer \
  --suppress=unknownMacro --suppress=missingInclude --suppress=nullPointerRedundantCheck --suppress=normalCheckLevelMaxBranches \
  --library=gtk -I src -I "$build" src 2>&1 || rc=1

echo "== hardening of the built programs"
for program in src/app/fluoroscope src/cli/fluoroscope-cli src/collector/fluoroscoped; do
  readelf -W -l -d "$build/$program" >"$scratch/elf" 2>&1
  grep -q GNU_RELRO "$scratch/elf" || bad "$program: no RELRO"
  grep -q 'BIND_NOW\|FLAGS.*NOW' "$scratch/elf" || bad "$program: symbols are bound lazily"
  readelf -h "$build/$program" | grep -q 'DYN' || bad "$program: not position independent"
  readelf -W --dyn-syms "$build/$program" | grep -q '__stack_chk_fail' || bad "$program: no stack protector"
done
none "compiled without _FORTIFY_SOURCE:" \
  "$(jq -r '.[] | select((.file | test("src/.*\\.c$")) and (.command | contains("_FORTIFY_SOURCE=2") | not)) | .file' \
    "$build/compile_commands.json")"
[ "$rc" = 0 ] && echo "lint: clean"
exit "$rc"

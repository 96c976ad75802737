#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Style and hygiene that a machine can check. Prints what is wrong, one row each, and exits 1 when there is any.
set -u
build=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
rc=0
bad() { printf '%s\n' "$@"; rc=1; }

mapfile -t scripts < <(git ls-files '*.sh')
mapfile -t programs < <(git ls-files 'src/*.c')
mapfile -t sources < <(git ls-files 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h')

echo "== licence, guards, line lengths"
for f in "${sources[@]}"; do
  head -n 1 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || bad "$f: the first line must be the SPDX header"
  case $f in *.h) grep -q '^#pragma once' "$f" || bad "$f: no #pragma once" ;; esac
done
long=$(awk 'length($0) > 140 {print FILENAME ":" FNR ": line over 140 columns"}' "${sources[@]}")
[ -z "$long" ] || bad "$long"
tabs=$(grep -nP '\t|[ ]+$' "${sources[@]}" | cut -c 1-120)
[ -z "$tabs" ] || bad "tabs or trailing blanks:" "$tabs"

echo "== sizes of files and functions"
for f in "${sources[@]}"; do
  n=$(wc -l <"$f"); [ "$n" -le 1000 ] || bad "$f: $n lines, at most 1000"
done
awk 'FNR == 1 {inside = 0} /^{/ {inside = 1; start = FNR} /^}/ {if (inside && FNR - start > 100) {print FILENAME ":" start ": function of " FNR - start " lines, at most 100"; bad = 1} inside = 0} END {exit bad}' \
  "${programs[@]}" || rc=1

echo "== arrows between folders"
allowed() { # allowed FOLDER: folders it may include from
  case $1 in
    core) echo core ;; filter) echo 'core filter' ;; graph) echo 'core graph' ;; draw) echo 'core graph filter draw' ;;
    aws) echo 'core graph filter aws' ;; local) echo 'core graph filter aws local' ;; demo) echo 'core demo' ;;
    app) echo 'core graph filter draw aws demo app' ;; cli) echo 'core graph filter draw aws demo cli' ;;
    collector) echo 'core graph filter aws local collector' ;;
  esac
}
for d in src/*/; do
  d=$(basename "$d")
  while IFS=: read -r file folder; do
    case " $(allowed "$d") " in *" $folder "*) ;; *) bad "$file: $d may not include from $folder" ;; esac
  done < <(grep -rnoP '#include "\K[a-z]+(?=/)' "src/$d" --include='*.[ch]' | sed 's/:[0-9]*:/:/' | sort -u)
done
gtk=$(grep -rln '#include <\(gtk\|adwaita\)' src/core src/graph src/draw src/aws src/local src/demo src/cli src/collector)
[ -z "$gtk" ] || bad "GTK below app:" "$gtk"

echo "== words that must not be left behind"
left=$(grep -rnE '\b(TODO|FIXME|XXX)\b|not implemented' src | head)
[ -z "$left" ] || bad "$left"
macros=$(grep -rnE 'set_markup *\([^,]*, *[^"_g]' src/app | grep -v escaped | head)
[ -z "$macros" ] || bad "markup from data:" "$macros"

echo "== shell, spelling, static analysis"
shellcheck dev .ci/run "${scripts[@]}" || rc=1
codespell -q 3 --skip='tests/data,*.svg,po,COPYING,tests/fuzz/corpus' -L 'ot,te,fo,ba,nd,inout,fpr,hel,alls,parms,shs,ser,mis' src docs README.md data tests/*.py || rc=1
cppcheck --quiet --error-exitcode=1 --enable=warning,portability --std=c11 --inline-suppr -j "$(nproc)" \
  --suppress=unknownMacro --suppress=missingInclude --suppress=nullPointerRedundantCheck --suppress=normalCheckLevelMaxBranches \
  --library=gtk -I src -I "$build" src 2>&1 || rc=1

echo "== hardening of the built programs"
for program in src/app/fluoroscope src/cli/fluoroscope-cli src/collector/fluoroscoped; do
  readelf -W -l -d "$build/$program" >"$build/hardening.txt" 2>&1
  grep -q GNU_RELRO "$build/hardening.txt" || bad "$program: no RELRO"
  grep -q 'BIND_NOW\|FLAGS.*NOW' "$build/hardening.txt" || bad "$program: symbols are bound lazily"
  readelf -h "$build/$program" | grep -q 'DYN' || bad "$program: not position independent"
  readelf -W --dyn-syms "$build/$program" | grep -q '__stack_chk_fail' || bad "$program: no stack protector"
  readelf -W --dyn-syms "$build/$program" | grep -q '_chk@' || bad "$program: not fortified"
done
[ "$rc" = 0 ] && echo "lint: clean"
exit "$rc"

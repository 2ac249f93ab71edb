# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every part of the driver uses: messages, paths, QEMU bases. Sourced by
# ./intack with $ROOT set to the top of the source tree.

BASES="10.0 10.2"
BUILD=$ROOT/build
LOGS=$BUILD/log
CACHE=${INTACK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/intack}
PYTHON=${PYTHON:-/usr/bin/python3}
TARGETS="x86_64 aarch64 arm"

# Exit status of a step that this machine cannot do, with the reason in $WHY
SKIP=77
WHY=

# Our folder, and where the QEMU tree expects it. A folder takes part once it
# has a meson.build.
OVERLAY="hw-intc=hw/intc/intack
accel-kvm=accel/kvm/intack
target-i386=target/i386/kvm/intack
target-arm=target/arm/intack
tests-qtest=tests/qtest/intack"

say()
{
    printf 'intack: %s\n' "$*" >&2
}

die()
{
    say "$*"
    exit 1
}

usage_error()
{
    say "$*"
    say "try './intack help'"
    exit 2
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

# Git on our own tree, also where somebody else checked it out
git_root()
{
    git -c safe.directory="$ROOT" -C "$ROOT" "$@"
}

# The overlay's folders that exist, as FOLDER=PLACE, one a line
overlay_links()
{
    for link in $OVERLAY; do
        if [ -f "$ROOT/${link%%=*}/meson.build" ]; then
            echo "$link"
        fi
    done
}

# Sets what depends on the QEMU release: select_base 10.0
select_base()
{
    BASE=$1
    TREE=$BUILD/q/$BASE
    if [ -n "${QEMU_SRC:-}" ]; then
        TREE=$TREE-own
    fi
    STOCK=$TREE-stock
    if [ "$BASE" = 10.0 ]; then
        BIN=$BUILD/bin
        BIN_ARM64=$BUILD/bin-arm64
    else
        BIN=$BUILD/bin-$BASE
        BIN_ARM64=$BUILD/bin-arm64-$BASE
    fi
}

# The release that a source tree of the user's own is, as 10.0
own_base()
{
    [ -f "$QEMU_SRC/VERSION" ] && [ -f "$QEMU_SRC/configure" ] ||
        die "QEMU_SRC=$QEMU_SRC is not a QEMU source tree"
    sed -n 's/^\([0-9]*\.[0-9]*\)\..*/\1/p' "$QEMU_SRC/VERSION"
}

known_base()
{
    for b in $BASES; do
        if [ "$b" = "$1" ]; then
            return 0
        fi
    done
    usage_error "--qemu $1: no such base, there are: $BASES"
}

# One driver at a time changes build/; the lock ends with the process.
lock_build()
{
    mkdir -p "$BUILD" "$LOGS"
    exec 9>"$BUILD/.lock"
    if ! flock -n 9; then
        say "another ./intack is at work in build/, waiting for it"
        flock 9
    fi
}

unlock_build()
{
    exec 9>&-
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Building: the laid-in tree for all targets with our tests, and the pristine
# one, x86_64 only, that the tests compare with.

# Firmware is Debian's: QEMU's repacked source brings none.
FIRMWARE=/usr/share/qemu:/usr/share/seabios:/usr/lib/ipxe/qemu

# configure_flags TARGET...: both trees are configured alike, targets too, so
# that ccache finds in one what it compiled for the other.
configure_flags()
{
    list=
    for t; do
        list=$list,$t-softmmu
    done
    echo "--target-list=${list#,}" --python="$PYTHON" --disable-download \
        --without-default-features --enable-kvm --enable-tcg \
        --enable-system --enable-fdt=system --enable-pixman --disable-docs \
        --audio-drv-list= --disable-install-blobs \
        --enable-trace-backends=log --firmwarepath="$FIRMWARE"
}

ccache_environment()
{
    CCACHE_BASEDIR=$1
    CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-time_macros}
    export CCACHE_BASEDIR CCACHE_NOHASHDIR CCACHE_SLOPPINESS
}

# configure_tree DIR OBJ NAME CC FLAG...: DIR/qemu in DIR/OBJ
configure_tree()
{
    obj=$1/$2
    stamp=$1/configured${2#obj}
    name=$3
    cc=$4
    shift 4
    if [ -f "$obj/build.ninja" ] &&
       [ "$(cat "$stamp" 2>/dev/null)" = "$*" ]; then
        return 0
    fi
    rm -rf "$obj" "$stamp"
    mkdir -p "$obj"
    # shellcheck disable=SC2016
    "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/configure-$name.log" \
        --label "configuring QEMU $name" -- \
        sh -c 'cd "$1" && shift && exec ../qemu/configure "$@"' \
        sh "$obj" --cc="$cc" "$@" || return 1
    echo "$*" >"$stamp.new"
    mv "$stamp.new" "$stamp"
}

# configure_native DIR NAME
configure_native()
{
    # shellcheck disable=SC2046,SC2086
    configure_tree "$1" obj "$2" "${CC:-ccache gcc}" \
        $(configure_flags $TARGETS)
}

# ninja_tree OBJ NAME TARGET...
ninja_tree()
{
    ninja_obj=$1
    ninja_name=$2
    shift 2
    "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/build-$ninja_name.log" \
        --label "building QEMU $ninja_name" -- ninja -C "$ninja_obj" "$@"
}

# link_into DIR FILE...: the links of DIR are exactly these
link_into()
{
    mkdir -p "$1"
    for f in "$1"/*; do
        if [ -L "$f" ] && [ ! -e "$f" ]; then
            rm -f "$f"
        fi
    done
    link_dir=$1
    shift
    for f; do
        link=$link_dir/$(basename "$f")
        if [ "$(readlink "$link" 2>/dev/null)" != "$f" ]; then
            ln -sfn "$f" "$link"
        fi
    done
}

# Our tests in QEMU's tree are what its target intack-tests is made of.
qtest_binaries()
{
    ninja -C "$TREE/obj" -t query intack-tests 2>/dev/null |
    awk '/^  outputs:/ { exit }
         /^    / { sub(/^ *(\|+ )?/, ""); print }' |
    while read -r f; do
        case $f in
        /*) ;;
        *) f=$TREE/obj/$f ;;
        esac
        if [ -f "$f" ] && [ -x "$f" ]; then
            echo "$f"
        fi
    done
}

# A QEMU run from its build folder looks for every path of its configuration
# inside obj/qemu-bundle.
link_firmware()
{
    for place in $(echo "$FIRMWARE" | tr : ' '); do
        bundle=$1/obj/qemu-bundle$place
        if [ ! -L "$bundle" ]; then
            mkdir -p "${bundle%/*}"
            ln -sfn "$place" "$bundle"
        fi
    done
}

has_tests()
{
    grep -q '^build intack-tests:' "$TREE/obj/build.ninja"
}

build_base()
{
    ccache_environment "$TREE"
    configure_native "$TREE" "$BASE" || return 1
    set --
    for t in $TARGETS; do
        set -- "$@" "qemu-system-$t"
    done
    if has_tests; then
        ninja_tree "$TREE/obj" "$BASE" "$@" intack-tests || return 1
    else
        ninja_tree "$TREE/obj" "$BASE" "$@" || return 1
        # The run above may have brought them into the graph
        if has_tests; then
            ninja_tree "$TREE/obj" "$BASE" intack-tests || return 1
        fi
    fi
    link_firmware "$TREE"
    set --
    for t in $TARGETS; do
        set -- "$@" "$TREE/obj/qemu-system-$t"
    done
    link_into "$BIN" "$@"
    # Names in our tree have no spaces
    # shellcheck disable=SC2046
    link_into "$BIN/tests" $(qtest_binaries)
}

build_stock()
{
    ccache_environment "$STOCK"
    configure_native "$STOCK" "$BASE-stock" &&
        ninja_tree "$STOCK/obj" "$BASE-stock" qemu-system-x86_64 || return 1
    link_firmware "$STOCK"
    mkdir -p "$BIN"
    ln -sfn "$STOCK/obj/qemu-system-x86_64" "$BIN/qemu-system-x86_64-stock"
}

# build_qemu [stock]: 0 built, 77 no source to be had ($WHY), else failed
build_qemu()
{
    lay_source || return
    build_base || return 1
    if [ "${1:-}" = stock ]; then
        build_stock || return 1
    fi
}

# The guest ROM needs binutils only
build_guests()
{
    if [ -x "$ROOT/scripts/build-guests" ]; then
        "$ROOT/scripts/build-guests" "$BUILD/rom" >"$LOGS/guests.log" 2>&1 || {
            tail -n 20 "$LOGS/guests.log" >&2
            say "the guest ROM could not be built, log: $LOGS/guests.log"
            return 1
        }
    fi
}

# The cores and their unit tests, without QEMU
build_core()
{
    if [ ! -f "$BUILD/core/build.ninja" ]; then
        rm -rf "$BUILD/core"
        "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/configure-core.log" \
            --label "configuring the cores" -- \
            "$PYTHON" -m mesonbuild.mesonmain setup "$BUILD/core" "$ROOT" ||
            return 1
    fi
    "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/build-core.log" \
        --label "building the cores" -- ninja -C "$BUILD/core"
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's source: from a Debian mirror to the cache, from the cache to a
# pristine tree, and from that to the tree with our hooks and links.

# Groups of suites to ask, the likeliest first; a group is one refresh.
source_suites()
{
    case $1 in
    10.0)
        echo "trixie trixie-updates trixie-security"
        echo "trixie-backports bookworm-backports"
        echo "forky sid"
        ;;
    *)
        echo "sid forky"
        echo "trixie-backports"
        ;;
    esac
}

source_dsc()
{
    set -- "$CACHE/src/$BASE"/qemu_*.dsc
    [ -f "$1" ] && echo "$1"
}

source_intact()
{
    [ -f "$CACHE/src/$BASE/SHA256SUMS" ] &&
        (cd "$CACHE/src/$BASE" && sha256sum --status -c SHA256SUMS)
}

# fetch_version KEY VERSION: into the cache, whole or not at all
fetch_version()
{
    tmp=$CACHE/src/.$BASE.$$
    rm -rf "$tmp"
    mkdir -p "$tmp"
    if "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/fetch-$BASE.log" \
           --label "fetching QEMU ${2#*:}" --quiet-failure -- \
           sh -c 'ROOT=$1; . "$ROOT/scripts/common.sh"; . "$ROOT/scripts/debian.sh"
                  cd "$2" && apt_private "$3" apt-get -q source \
                      --download-only --only-source "qemu=$4"' \
           sh "$ROOT" "$tmp" "$1" "$2" &&
       (cd "$tmp" && sha256sum qemu_* >SHA256SUMS); then
        rm -rf "${CACHE:?}/src/$BASE"
        mv "$tmp" "$CACHE/src/$BASE"
        return 0
    fi
    rm -rf "$tmp"
    return 1
}

# Brings the newest source package of $BASE that can really be had into the
# cache. Status 77 with $WHY set: there is none.
fetch_source()
{
    source_intact && return 0
    if [ -d "$CACHE/src/$BASE" ]; then
        say "the cached source of QEMU $BASE is damaged, fetching it again"
    fi
    if ! have apt-get || ! have dpkg-source; then
        WHY="QEMU's source comes as a Debian package; elsewhere set QEMU_SRC"
        return "$SKIP"
    fi
    mkdir -p "$CACHE/src"
    listed=
    groups=$(mktemp)
    source_suites "$BASE" >"$groups"
    while read -r suites <&8; do
        key=src-$(echo "$suites" | tr ' ' -)
        # shellcheck disable=SC2086
        apt_suites "$key" deb-src $suites || continue
        for v in $(apt_private "$key" apt-cache --only-source showsrc qemu \
                       2>/dev/null | sed -n 's/^Version: //p' |
                   grep -E "^([0-9]+:)?$(echo "$BASE" | sed 's/\./\\./')\\." |
                   grep -v '~rc' | sort -rVu); do
            case " $listed " in *" $v "*) continue ;; esac
            if fetch_version "$key" "$v"; then
                rm -f "$groups"
                return 0
            fi
            say "QEMU $v is listed but the mirror does not deliver it"
            listed="$listed $v"
        done
    done 8<"$groups"
    rm -f "$groups"
    # Perhaps the lists are out of date: the next try reads them anew
    rm -f "$CACHE"/apt/src-*/fresh
    WHY="no suite of this machine's Debian mirror lists a QEMU $BASE source"
    if [ -n "$listed" ]; then
        WHY="the mirror lists QEMU$listed but delivers none of them"
    fi
    return "$SKIP"
}

# The pristine tree, $STOCK/qemu, from the cache
unpack_source()
{
    [ -f "$STOCK/unpacked" ] && return 0
    fetch_source || return
    rm -rf "$STOCK/qemu" "$STOCK/qemu.new"
    mkdir -p "$STOCK"
    "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/unpack-$BASE.log" \
        --label "unpacking QEMU $BASE" -- \
        dpkg-source --no-check -x "$(source_dsc)" "$STOCK/qemu.new" ||
        die "the source package of QEMU $BASE does not unpack"
    mv "$STOCK/qemu.new" "$STOCK/qemu"
    basename "$(source_dsc)" >"$STOCK/unpacked.new"
    mv "$STOCK/unpacked.new" "$STOCK/unpacked"
}

# A git checkout leaves this subproject to the network, Debian's source has it.
needs_subprojects()
{
    [ ! -f "$QEMU_SRC/subprojects/keycodemapdb/meson.build" ]
}

# Debian's source of the same base, in $FILL, if there is one
fill_source()
{
    own_stock=$STOCK
    STOCK=$BUILD/q/$BASE-stock
    FILL=
    if unpack_source; then
        FILL=$STOCK/qemu
    fi
    STOCK=$own_stock
    [ -n "$FILL" ] || die "$QEMU_SRC lacks subprojects/keycodemapdb;" \
        "there, run: meson subprojects download keycodemapdb"
}

# $STOCK/qemu pristine, $TREE/qemu with the series applied and the overlay
# linked in. Both keep what did not change, so that ninja has little to do.
lay_source()
{
    if [ -n "${QEMU_SRC:-}" ]; then
        set -- --own "$QEMU_SRC"
        if needs_subprojects; then
            fill_source
            set -- "$@" --fill "$FILL"
        fi
    else
        unpack_source || return
        set --
    fi
    for link in $(overlay_links); do
        set -- "$@" --link "$link"
    done
    mkdir -p "$TREE" "$STOCK"
    "$PYTHON" "$ROOT/scripts/lay-in" --root "$ROOT" --base "$BASE" \
        --pristine "$STOCK/qemu" --tree "$TREE/qemu" "$@" ||
        die "QEMU $BASE: the overlay could not be laid in"
}

# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs for an arm64 host: a sysroot of Debian's libraries in the cache,
# made once, QEMU cross-built against it, and small programs of our own.
# What the programs load is linked to $BIN_ARM64/lib, loader included.

ARM64=aarch64-linux-gnu
# Raised whenever the sysroot's layout changes: older ones are made anew.
ARM64_LAYOUT=1
# What QEMU is linked with; what these need is found in their packages
ARM64_LIBRARIES="libglib2.0-dev libpixman-1-dev libfdt-dev zlib1g-dev"
ARM64_TARGETS="aarch64 arm"

arm64_suite()
{
    (. /etc/os-release; echo "${VERSION_CODENAME:-sid}")
}

arm64_sysroot()
{
    echo "$CACHE/arm64/$(arm64_suite)-$ARM64_LAYOUT"
}

# arm64_apt TOOL ARGS...: as on an arm64 machine with nothing installed
arm64_apt()
{
    apt_private "arm64-$(arm64_suite)" "$@"
}

# The compiler, or status 77 with $WHY
setup_arm64()
{
    if ! is_debian; then
        for tool in gcc ar nm ranlib readelf strip; do
            have "$ARM64-$tool" || {
                WHY="no $ARM64-$tool, and this is not a Debian system"
                return "$SKIP"
            }
        done
        return 0
    fi
    # shellcheck disable=SC2086
    lack=$(missing_packages $PACKAGES_ARM64)
    [ -n "$lack" ] || return 0
    # shellcheck disable=SC2086
    if ! (install_packages $lack); then
        WHY="no cross compiler: ${lack% } could not be installed"
        return "$SKIP"
    fi
}

# Libraries and headers that the packages named need, themselves among them.
# The C library is the cross compiler's own.
arm64_closure()
{
    all=
    new=$*
    while [ -n "$new" ]; do
        all="$all $new"
        # shellcheck disable=SC2086
        new=$(arm64_apt apt-cache depends $new 2>/dev/null |
              sed -n 's/^ *|\{0,1\}Depends: \([a-z0-9].*\)/\1/p' |
              grep -E '^(lib|zlib)' |
              grep -Ev '^lib(c6|c-|gcc|stdc)|-(bin|perl|data|common)$' |
              awk -v all="$all" '
                  BEGIN { n = split(all, a); for (; n; n--) seen[a[n]] = 1 }
                  !seen[$1]++')
        new=$(echo "$new" | paste -s -d ' ')
    done
    echo "$all"
}

# arm64_download NAME INTO: the newest version that can really be had
arm64_download()
{
    why="not listed"
    for v in $(arm64_apt apt-cache madison "$1" 2>/dev/null |
               awk '{ print $3 }' | sort -rVu); do
        (cd "$2" && arm64_apt apt-get -q download "$1=$v") && return 0
        case $why in
        not*) why="listed but not delivered: $v" ;;
        *) why="$why $v" ;;
        esac
    done
    echo "$1 cannot be had: $why"
    return 1
}

# Absolute links point into this machine, and Debian's older packages have
# libraries in /lib.
arm64_relocate()
{
    if [ -d "$1/lib" ] && [ ! -L "$1/lib" ]; then
        cp -a "$1/lib/." "$1/usr/lib/" && rm -rf "${1:?}/lib" &&
            ln -s usr/lib "$1/lib" || return 1
    fi
    find "$1/usr/lib" -type l -lname '/*' | while IFS= read -r link; do
        ln -sfn "$(basename "$(readlink "$link")")" "$link"
    done
}

# pkg-config as QEMU's configure calls it, also when Meson runs again
arm64_pkg_config()
{
    cat >"$1/pkg-config" <<'END'
#!/bin/sh
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
PKG_CONFIG_LIBDIR=$root/usr/lib/aarch64-linux-gnu/pkgconfig
PKG_CONFIG_LIBDIR=$PKG_CONFIG_LIBDIR:$root/usr/share/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
unset PKG_CONFIG_PATH
exec pkg-config "$@"
END
    chmod 755 "$1/pkg-config"
}

# arm64_fill INTO: what setup_sysroot shows the progress of; status 77: the
# last line names a package that cannot be had
arm64_fill()
{
    # shellcheck disable=SC2086
    names=$(arm64_closure $ARM64_LIBRARIES)
    mkdir -p "$1/deb"
    # All at once is quick; what did not come has other versions perhaps
    # shellcheck disable=SC2086
    (cd "$1/deb" && arm64_apt apt-get -q download $names)
    total=$(echo "$names" | wc -w)
    n=0
    for name in $names; do
        n=$((n + 1))
        echo "[$n/$total] $name"
        if [ -z "$(find "$1/deb" -name "${name}_*.deb")" ]; then
            arm64_download "$name" "$1/deb" || return "$SKIP"
        fi
        dpkg -x "$1/deb/${name}"_*.deb "$1" || return 1
    done
    arm64_relocate "$1" && arm64_pkg_config "$1" || return 1
    for deb in "$1/deb"/*.deb; do
        dpkg-deb --show "$deb"
    done >"$1/packages"
    rm -rf "$1/deb"
}

# The sysroot, made once; its file packages names the versions. Status 77 with
# $WHY: a package cannot be had.
setup_sysroot()
{
    SYSROOT=$(arm64_sysroot)
    [ -s "$SYSROOT/packages" ] && return 0
    if ! have apt-get || ! have dpkg; then
        WHY="arm64 libraries come as Debian packages; here is no apt-get"
        return "$SKIP"
    fi
    mkdir -p "$CACHE/arm64"
    # Another clone may use the same cache
    exec 7>"$CACHE/arm64/lock"
    flock 7
    status=0
    if [ ! -s "$SYSROOT/packages" ]; then
        make_sysroot "$(arm64_suite)" "$CACHE/arm64/new"
        status=$?
    fi
    exec 7>&-
    return $status
}

# make_sysroot SUITE FOLDER: made there, then moved into place
make_sysroot()
{
    apt_suites "arm64-$1" deb "$1" "$1-updates" "$1-security" || {
        WHY="no Debian mirror in this machine's apt configuration"
        return "$SKIP"
    }
    rm -rf "$2"
    mkdir -p "$2"
    # shellcheck disable=SC2016
    "$PYTHON" "$ROOT/scripts/progress" --log "$LOGS/sysroot-arm64.log" \
        --label "fetching arm64 libraries" --quiet-failure -- \
        sh -uc 'ROOT=$1; . "$ROOT/scripts/common.sh"
                . "$ROOT/scripts/debian.sh"; . "$ROOT/scripts/arm64.sh"
                arm64_fill "$2"' sh "$ROOT" "$2"
    status=$?
    if [ $status = 0 ]; then
        rm -rf "$SYSROOT"
        mv -T "$2" "$SYSROOT"
        return
    fi
    rm -rf "$2"
    # Perhaps the lists are out of date: the next try reads them anew
    rm -f "$CACHE/apt/arm64-$1/fresh"
    [ $status = "$SKIP" ] || {
        say "no arm64 libraries, log: $LOGS/sysroot-arm64.log"
        return 1
    }
    WHY="arm64 package $(tail -n 1 "$LOGS/sysroot-arm64.log")"
    return "$SKIP"
}

# arm64_needed FILE...: names of the libraries they load
arm64_needed()
{
    "$ARM64-readelf" -d "$@" 2>/dev/null |
        sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | sort -u
}

# arm64_libraries FILE...: the files of all libraries they load, directly or
# not, and the loader
arm64_libraries()
{
    found=
    new=$*
    while [ -n "$new" ]; do
        # shellcheck disable=SC2086
        names=$(arm64_needed $new)
        new=
        for name in $names; do
            case $found in */"$name
"*) continue ;; esac
            for place in "$SYSROOT/usr/lib/$ARM64" "/usr/$ARM64/lib"; do
                [ -e "$place/$name" ] || continue
                found="$found$place/$name
"
                new="$new $place/$name"
                continue 2
            done
            say "no arm64 library $name"
            return 1
        done
    done
    printf %s "$found"
}

# arm64_cc ARG...: a program for arm64, statically linked, or with -shared a
# shared object; GLib is there for both
arm64_cc()
{
    case " $* " in
    *" -shared "*) set -- -fPIC -Wl,--as-needed "$@" ;;
    *) set -- -static "$@" ;;
    esac
    # shellcheck disable=SC2046
    "$ARM64-gcc" -std=gnu11 -O2 -g -Wall "$@" \
        $("$SYSROOT/pkg-config" --static --cflags --libs glib-2.0)
}

# configure_arm64 DIR NAME: with the devices of arm64-devices.mak, which QEMU
# looks for from its own folder of such files. 10.2 does not link without CXL,
# and CXL contradicts so short a list: it has all its devices.
configure_arm64()
{
    libs=$SYSROOT/usr/lib/$ARM64
    devices=$(realpath --relative-to="$1/qemu/configs/devices/arm-softmmu" \
        "$ROOT/scripts/arm64-devices")
    PKG_CONFIG=$SYSROOT/pkg-config
    export PKG_CONFIG
    set -- "$1" obj-arm64 "$2" "ccache $ARM64-gcc" \
        --cross-prefix="$ARM64-" --disable-debug-info
    if [ "$BASE" = 10.0 ]; then
        set -- "$@" --without-default-devices
        for t in $ARM64_TARGETS; do
            set -- "$@" --with-devices-"$t=$devices"
        done
    fi
    # The library of flattened device trees need not have a .pc file
    # shellcheck disable=SC2046,SC2086
    configure_tree "$@" --extra-cflags="-isystem $SYSROOT/usr/include" \
        --extra-ldflags="-L$libs -Wl,-rpath-link,$libs" \
        $(configure_flags $ARM64_TARGETS)
}

# build_arm64_tree DIR NAME SUFFIX TARGET...: the programs, linked into
# $BIN_ARM64 with the suffix
build_arm64_tree()
{
    dir=$1
    name=$2
    suffix=$3
    shift 3
    (
        ccache_environment "$dir"
        configure_arm64 "$dir" "$name" &&
            ninja_tree "$dir/obj-arm64" "$name" "$@"
    ) || return 1
    mkdir -p "$BIN_ARM64"
    for program; do
        ln -sfn "$dir/obj-arm64/$program" "$BIN_ARM64/$program$suffix"
    done
    # shellcheck disable=SC2046
    set -- $(cd "$dir/obj-arm64" && arm64_libraries "$@") || return 1
    link_into "$BIN_ARM64/lib" "$@"
}

# build_arm64 [stock]: of the tree that is laid in; 77 as for setup_arm64
build_arm64()
{
    setup_arm64 || return
    setup_sysroot || return
    build_arm64_tree "$TREE" "$BASE-arm64" "" \
        qemu-system-aarch64 qemu-system-arm || return 1
    # Upstream has no KVM in its qemu-system-arm
    if [ "${1:-}" = stock ]; then
        build_arm64_tree "$STOCK" "$BASE-arm64-stock" -stock \
            qemu-system-aarch64 || return 1
    fi
}

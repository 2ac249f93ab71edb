# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packages: what is needed, installing it, and reading suites other than the
# machine's own through a private apt directory in the cache. The system's apt
# configuration is read, never written.

# The one list of what intack needs; nothing else installs anything.
PACKAGES="gcc libc6-dev make perl python3 python3-venv patch git
flex bison pkg-config ninja-build ccache dpkg-dev xz-utils
libglib2.0-dev libpixman-1-dev libfdt-dev zlib1g-dev
seabios qemu-system-data ipxe-qemu"
PACKAGES_TEST="quilt shellcheck python3-sphinx busybox-static cpio
clang libclang-rt-dev"
PACKAGES_ARM64="gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
MESON_MIN=1.5

is_debian()
{
    [ -r /etc/os-release ] && have dpkg-query && have apt-get &&
        (. /etc/os-release; case " $ID ${ID_LIKE:-} " in
            *" debian "*) exit 0 ;; esac; exit 1)
}

missing_packages()
{
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        awk -v want="$*" '
            $1 == "installed" { have[$2] = 1 }
            END {
                n = split(want, w, " ")
                for (i = 1; i <= n; i++)
                    if (!(w[i] in have))
                        printf "%s ", w[i]
            }'
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_root()
{
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o DPkg::Lock::Timeout=300 "$@" >>"$LOGS/apt.log" 2>&1 </dev/null
}

# install_packages NAME|FILE...: a first try with the lists as they are, which
# on a fresh machine are empty
install_packages()
{
    [ "$(id -u)" = 0 ] || have sudo ||
        die "not root, and no sudo here; as root: apt-get install $*"
    say "installing: $*"
    apt_root install --no-install-recommends "$@" && return 0
    say "refreshing the package lists"
    apt_root update || say "some lists could not be had, see $LOGS/apt.log"
    apt_root install --no-install-recommends "$@" && return 0
    tail -n 20 "$LOGS/apt.log" >&2
    die "apt-get could not install: $* (log: $LOGS/apt.log)"
}

# The repositories of the machine's own Debian entries: apt_mirrors security|main
apt_mirrors()
{
    apt-get indextargets --no-release-info --format \
        '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)' 2>/dev/null |
    awk -v kind="$1" -v code="$(. /etc/os-release
                                echo "${VERSION_CODENAME:-sid}")" '
        $1 != "Packages" || $2 != "main" { next }
        $3 ~ /[-\/](security|updates)$/ && $3 !~ /-updates$/ {
            if (kind == "security") print $4
            next
        }
        kind == "main" && ($3 == code || $3 ~ /^(old)*stable$|^testing$|^unstable$|^sid$/) {
            print $4
        }' | sed 's,/$,,' | sort -u
}

# apt_private KEY TOOL ARGS...: apt-get or apt-cache on the suites of KEY; one
# that begins with arm64 is read as an arm64 machine would, nothing installed
apt_private()
{
    apt_dir=$CACHE/apt/$1
    apt_tool=$2
    shift 2
    case $apt_dir in
    */arm64-*)
        set -- -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
            -o Dir::State::status=/dev/null "$@" ;;
    esac
    "$apt_tool" -o Dir::Etc::SourceList="$apt_dir/intack.sources" \
        -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$apt_dir/lists" \
        -o Dir::Cache="$apt_dir/cache" \
        -o APT::Sandbox::User= -o Acquire::Languages=none \
        -o Acquire::Retries=2 "$@"
}

# apt_suites KEY deb|deb-src SUITE...: lists of these suites, a day old at most.
# A suite that the mirror lacks is no error; look at what arrived.
apt_suites()
{
    apt_key=$1
    apt_type=$2
    shift 2
    apt_dir=$CACHE/apt/$apt_key
    mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
    if [ -n "$(find "$apt_dir/fresh" -mtime -1 2>/dev/null)" ]; then
        return 0
    fi
    apt_index=Packages
    if [ "$apt_type" = deb-src ]; then
        apt_index=Sources
    fi
    apt_ring=/usr/share/keyrings/debian-archive-keyring.gpg
    for suite; do
        case $suite in
        *-security) mirrors=$(apt_mirrors security) ;;
        *) mirrors=$(apt_mirrors main) ;;
        esac
        for uri in $mirrors; do
            printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' \
                "$apt_type" "$uri" "$suite"
            printf 'Targets: %s\n' "$apt_index"
            if [ -r "$apt_ring" ]; then
                printf 'Signed-By: %s\n' "$apt_ring"
            fi
            echo
        done
    done >"$apt_dir/intack.sources"
    [ -s "$apt_dir/intack.sources" ] || return 1
    say "reading the package lists of $*"
    apt_private "$apt_key" apt-get -q update >>"$LOGS/apt.log" 2>&1 || true
    if [ -n "$(find "$apt_dir/lists" -name "*_$apt_index*" -size +0)" ]; then
        : >"$apt_dir/fresh"
    fi
}

# at_least VERSION MINIMUM
at_least()
{
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

meson_version()
{
    # QEMU's configure takes the one that this Python can import
    "$PYTHON" -c 'import mesonbuild.coredata as c; print(c.version)' \
        2>/dev/null || echo 0
}

# Meson from the machine's own suite if new enough, else from backports.
setup_meson()
{
    at_least "$(meson_version)" "$MESON_MIN" && return 0
    own=$(LC_ALL=C apt-cache policy meson 2>/dev/null |
          sed -n 's/^ *Candidate: \([0-9].*\)/\1/p')
    if [ -z "$own" ]; then
        apt_root update || true
        own=$(LC_ALL=C apt-cache policy meson 2>/dev/null |
              sed -n 's/^ *Candidate: \([0-9].*\)/\1/p')
    fi
    if at_least "${own:-0}" "$MESON_MIN"; then
        install_packages meson
    else
        suite=$(. /etc/os-release; echo "${VERSION_CODENAME:-sid}")-backports
        say "meson ${own:-none} is older than $MESON_MIN, looking in $suite"
        apt_suites "meson-$suite" deb "$suite" ||
            die "no Debian mirror in this machine's apt configuration"
        setup_meson_from "meson-$suite" "$suite"
    fi
    at_least "$(meson_version)" "$MESON_MIN" ||
        die "$PYTHON does not see a meson >= $MESON_MIN after installing it"
}

setup_meson_from()
{
    tmp=$(mktemp -d)
    for v in $(apt_private "$1" apt-cache madison meson |
               awk '{ print $3 }' | sort -rV); do
        at_least "$v" "$MESON_MIN" || continue
        if (cd "$tmp" && apt_private "$1" apt-get -q download "meson=$v") \
               >>"$LOGS/apt.log" 2>&1; then
            chmod 755 "$tmp"
            install_packages "$tmp"/meson_*.deb
            rm -rf "$tmp"
            return 0
        fi
        say "meson $v is listed in $2 but not to be had, trying the next"
    done
    rm -rf "$tmp"
    die "no meson >= $MESON_MIN in $2; install one, then try again"
}

# On other systems nothing is installed, but what is missing is named.
setup_elsewhere()
{
    lack=
    for tool in gcc make perl patch git flex bison pkg-config ninja \
                ccache xz flock "$PYTHON"; do
        have "$tool" || lack="$lack $tool"
    done
    if have pkg-config; then
        for lib in glib-2.0 pixman-1 zlib; do
            pkg-config --exists "$lib" || lack="$lack $lib(development)"
        done
    fi
    at_least "$(meson_version)" "$MESON_MIN" ||
        lack="$lack meson>=$MESON_MIN(for_$PYTHON)"
    [ -z "$lack" ] ||
        die "this is not a Debian system, so please install by hand:$lack"
}

# setup build|test
setup_packages()
{
    mkdir -p "$LOGS" "$CACHE"
    if ! is_debian; then
        setup_elsewhere
        return 0
    fi
    want=$PACKAGES
    if [ "$1" = test ]; then
        want="$PACKAGES $PACKAGES_TEST"
    fi
    # shellcheck disable=SC2086
    lack=$(missing_packages $want)
    if [ -n "$lack" ]; then
        # shellcheck disable=SC2086
        install_packages $lack
    fi
    setup_meson
}

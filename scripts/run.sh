# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./intack run with arguments: QEMU with a split irqchip filled in where the
# user left it open. Without arguments: the demo.

# QEMU's options without an argument; every other takes the next word, which
# may look like an option itself (-append -accel, say).
is_flag()
{
    case ${1#-} in
    h|-help|help|version|S|s|snapshot|nographic|full-screen|daemonize|usb|\
    enable-kvm|no-reboot|no-shutdown|no-acpi|no-hpet|nodefaults|preconfig|\
    no-user-config|only-migratable|win2k-hack|no-fd-bootchk|curses|portrait|\
    semihosting|old-param|mem-prealloc|no-quit|xen-attach|\
    xen-domid-restrict)
        return 0 ;;
    esac
    return 1
}

# parse_qemu_options ARGS...: sets machine, accel (the first, empty if open),
# irqchip, help
parse_qemu_options()
{
    machine=
    accel=
    irqchip=
    help=
    while [ $# -gt 0 ]; do
        # QEMU takes two dashes for one
        option=$1
        case $option in
        --*) option=${option#-} ;;
        esac
        shift
        case $option in
        -enable-kvm) accel=${accel:-kvm} ;;
        -h|-help|-version) help=yes ;;
        -*) if is_flag "$option" || [ $# = 0 ]; then
                continue
            fi
            parse_qemu_value "$option" "$1"
            shift
            ;;
        esac
    done
}

parse_qemu_value()
{
    case ,$2, in
    *,help,*|*,\?,*) help=yes ;;
    esac
    case $1 in
    -accel) accel=${accel:-${2%%[,:]*}} ;;
    -readconfig)
        # Ours would come before the file's: leave all of it to the file
        if grep -Eq '^[[:space:]]*\[(accel|machine)' "$2" 2>/dev/null; then
            accel=${accel:-file}
            machine="file"
        fi
        ;;
    -machine|-M)
        words=$2
        first=yes
        while [ -n "$words" ]; do
            word=${words%%,*}
            case $words in
            *,*) words=${words#*,} ;;
            *) words= ;;
            esac
            case $word in
            accel=*) word=${word#accel=}; accel=${accel:-${word%%:*}} ;;
            kernel-irqchip=*|kernel_irqchip=*) irqchip=${word#*=} ;;
            type=*) machine=${word#type=} ;;
            *=*) ;;
            *) if [ $first = yes ]; then
                   machine=$word
               fi ;;
            esac
            first=no
        done
        ;;
    esac
}

run_qemu()
{
    parse_qemu_options "$@"
    qemu=$BIN/qemu-system-x86_64
    added=
    if [ -z "$machine" ]; then
        set -- -machine pc "$@"
    fi
    if [ -z "$accel" ] && [ -z "$help" ]; then
        if why=$("$PYTHON" "$ROOT/scripts/kvm-usable"); then
            accel=kvm
            set -- -accel kvm "$@"
        elif [ -z "$irqchip" ]; then
            accel=tcg
            say "$why: running under TCG"
            set -- -accel tcg "$@"
        fi
        added=$accel
    fi
    # The machine none has no irqchip at all
    case $accel,$irqchip,$machine in
    *,file|*,none) ;;
    kvm,,*) set -- -machine kernel-irqchip=split "$@" ;;
    tcg,,*) if [ -n "$added" ]; then
                set -- -machine split-pic=on "$@"
            fi ;;
    esac
    exec "$qemu" "$@"
}

run_demo()
{
    set -- --qemu "$BIN/qemu-system-x86_64" \
        --rom "$BUILD/rom/intack-guest.rom"
    if ! why=$("$PYTHON" "$ROOT/scripts/kvm-usable"); then
        say "$why: the demo runs under TCG with split-pic=on"
        set -- "$@" --tcg
    fi
    exec "$PYTHON" "$ROOT/scripts/demo" "$@"
}

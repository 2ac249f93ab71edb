# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test ladder.

# rung, fastest first; run once, for each base, or for the first base only;
# what it needs: none, core, tree (QEMU's source), qemu (built); what it is
RUNGS="unit   once  core  the cores against the datasheet
explore once core   all states of PIC, injection and the kernel's model
contract once core  the kernel's contract: the model and /dev/kvm agree
differential once core random sequences on our 8259 and on KVM's
fuzz   once  none  the cores under libFuzzer, ASan and UBSan
style  once  tree  checkpatch, shellcheck, sphinx, licence lines
qtest  each  qemu  the devices in QEMU without a guest
kvm    each  qemu  small guests of our own on /dev/kvm
tcg    each  qemu  Linux to user space on our PIC under TCG
nested first qemu  Linux guests on a real KVM under emulated SVM
export each  tree  git am of the exported series on a pristine tree"

rung_names()
{
    echo "$RUNGS" | awk '{ print $1 }'
}

rung_field()
{
    echo "$RUNGS" | awk -v rung="$1" -v n="$2" '$1 == rung { print $n }'
}

count()
{
    echo "$1 $2 $3" >>"$TOTALS"
}

# A reason is said once, however many rungs it skips.
skip_base()
{
    echo "$1 $BASE: skipped: $WHY"
    count 0 0 1
}

fail_step()
{
    echo "$1: FAILED: $2"
    count 0 1 0
}

# Rounds of each loop: --soak's, the user's, or as many as CI has time for
soak_environment()
{
    if [ -n "$SOAK" ]; then
        INTACK_SOAK_ROUNDS=$SOAK
        INTACK_TIMEOUT_SCALE=$(awk -v n="${INTACK_TIMEOUT_SCALE:-1}" \
            'BEGIN { print 8 * n }')
        export INTACK_TIMEOUT_SCALE
    elif [ "$BASE" != "${BASES%% *}" ]; then
        INTACK_SOAK_ROUNDS=${INTACK_SOAK_ROUNDS:-25}
    else
        INTACK_SOAK_ROUNDS=${INTACK_SOAK_ROUNDS:-100}
    fi
    export INTACK_SOAK_ROUNDS
}

test_environment()
{
    INTACK_ROOT=$ROOT
    INTACK_BASE=$BASE
    INTACK_BIN=$BIN
    INTACK_TESTS=$BIN/tests
    INTACK_TREE=$TREE/qemu
    INTACK_STOCK_TREE=$STOCK/qemu
    INTACK_ROM_DIR=$BUILD/rom
    INTACK_CACHE=$CACHE
    INTACK_STOCK_QEMU=$BIN/qemu-system-x86_64-stock
    # Programs of an earlier run are none of this one's
    INTACK_BIN_ARM64=
    if [ -z "$NO_ARM64" ]; then
        INTACK_BIN_ARM64=$BIN_ARM64
    fi
    INTACK_NO_ARM64=$NO_ARM64
    QTEST_QEMU_BINARY=$BIN/qemu-system-x86_64
    # Sockets go there, and a socket's name ends at 107 bytes
    if [ ${#BUILD} -le 70 ]; then
        TMPDIR=$BUILD/tmp
        mkdir -p "$TMPDIR"
    else
        TMPDIR=/tmp
    fi
    soak_environment
    export INTACK_ROOT INTACK_BASE INTACK_BIN INTACK_TESTS INTACK_TREE \
        INTACK_STOCK_TREE INTACK_ROM_DIR INTACK_CACHE INTACK_STOCK_QEMU \
        INTACK_BIN_ARM64 INTACK_NO_ARM64 QTEST_QEMU_BINARY TMPDIR
}

# run_rung RUNG LABEL TAP-SUM-OPTION...
run_rung()
{
    rung=$1
    label=$2
    shift 2
    (
        test_environment
        exec "$PYTHON" "$ROOT/scripts/tap-sum" --root "$ROOT" \
            --rung "$rung" --label "$label" --logs "$LOGS" \
            --totals "$TOTALS" ${ONLY:+--only "$ONLY"} "$@"
    )
    status=$?
    if [ $status = 130 ]; then
        exit 130
    fi
}

# The tests of the rung nested that run programs for arm64 have arm in their
# name
wants_arm64()
{
    awk -v only="$ONLY" '
        $1 == "nested" && $2 ~ /arm/ && index($2, only) { found = 1 }
        END { exit !found }' "$LIST"
}

# Without them these tests skip; the others of the rung are run. Stock's is for
# --nested arm, it costs a whole build.
prepare_arm64()
{
    NO_ARM64="they could not be built"
    if [ "${INTACK_NESTED:-}" = arm ]; then
        build_arm64 stock
    else
        build_arm64
    fi
    status=$?
    case $status in
    0) NO_ARM64= ;;
    "$SKIP") NO_ARM64=$WHY ;;
    *) return $status ;;
    esac
}

# What a rung needs, made once in a run; status 77 as for build_qemu
prepare()
{
    case " $READY " in
    *" $1-$BASE "*) return 0 ;;
    *" no-$BASE "*) return "$SKIP" ;;
    *" bad-$1-$BASE "*) return 1 ;;
    esac
    lock_build
    case $1 in
    none) ;;
    core) build_core ;;
    tree) lay_source ;;
    qemu) build_qemu stock && build_guests ;;
    arm64) prepare_arm64 ;;
    esac
    status=$?
    # Tests may call the driver, which takes the lock itself
    unlock_build
    case $status in
    0) READY="$READY $1-$BASE" ;;
    "$SKIP")
        READY="$READY no-$BASE"
        skip_base "QEMU"
        ;;
    *)
        READY="$READY bad-$1-$BASE"
        fail_step "$1 $BASE" "it could not be made, see above"
        ;;
    esac
    return $status
}

# climb RUNG BASE
climb()
{
    select_base "$2"
    prepare "$(rung_field "$1" 3)" || return 0
    case $1 in
    unit)
        run_rung unit unit --meson "$BUILD/core"
        ;;
    kvm)
        if why=$("$PYTHON" "$ROOT/scripts/kvm-usable"); then
            run_rung kvm "kvm $BASE" --list "$LIST"
        else
            run_rung kvm "kvm $BASE" --list "$LIST" --skip "$why"
        fi
        ;;
    contract|differential|explore|fuzz|style)
        run_rung "$1" "$1" --list "$LIST"
        ;;
    nested)
        if wants_arm64; then
            prepare arm64
        fi
        run_rung nested "nested $BASE" --list "$LIST"
        ;;
    *)
        run_rung "$1" "$1 $BASE" --list "$LIST"
        ;;
    esac
}

# run_tests "BASES" "RUNGS"
run_tests()
{
    LIST=$ROOT/tests-qtest/tests.list
    TOTALS=$LOGS/totals.$$
    READY=
    NO_ARM64=
    first=${1%% *}
    : >"$TOTALS"
    for rung in $2; do
        case $(rung_field "$rung" 2) in
        each) on=$1 ;;
        *) on=$first ;;
        esac
        for base in $on; do
            climb "$rung" "$base"
        done
    done
    awk '{ p += $1; f += $2; s += $3 }
         END { printf "%d passed, %d failed, %d skipped\n", p, f, s
               exit f > 0 }' "$TOTALS"
    status=$?
    rm -f "$TOTALS"
    return $status
}

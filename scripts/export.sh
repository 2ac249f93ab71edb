# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./intack export: the overlay as a series for git am. First the new files, a
# patch for each folder, which nothing builds yet; then the hooks, each of
# which finds the files it builds in place.

# The files of a folder that belong to the source
folder_files()
{
    if [ -e "$ROOT/.git" ]; then
        git_root ls-files -co --exclude-standard --deduplicate -- "$1"
    else
        (cd "$ROOT" && find "$1" -type f ! -path '*/__pycache__/*')
    fi | LC_ALL=C sort | while IFS= read -r f; do
        if [ -f "$ROOT/$f" ]; then
            printf '%s\n' "$f"
        fi
    done
}

# export_identity FOLDER: who signs the new files, as NAME <EMAIL>: the git
# user, else whoever last changed them
export_identity()
{
    name=$(git_root config user.name || true)
    mail=$(git_root config user.email || true)
    if [ -n "$name" ] && [ -n "$mail" ]; then
        echo "$name <$mail>"
    else
        git_root log -1 --format='%an <%ae>' -- "$1" 2>/dev/null
    fi
}

export_message()
{
    cat <<EOF
$2: add the files of intack

$3
They come before the patches that build them, so that each step of the
series builds.

Signed-off-by: $4
EOF
}

export_why()
{
    case $1 in
    hw-intc)
        echo "The 8259 pair as plain C and the device around it." ;;
    accel-kvm)
        echo "The one port through which interrupt controllers talk to KVM." ;;
    target-i386)
        echo "Which vCPU takes INTR, when, and what if KVM refuses." ;;
    target-arm)
        echo "KVM_IRQ_LINE encoding and the memory of the levels." ;;
    tests-qtest)
        echo "The tests of all of it, and the guests they run." ;;
    esac
}

# export_folder REPOSITORY FOLDER=PLACE: one commit with the folder's files
export_folder()
{
    folder=${2%%=*}
    place=${2#*=}
    who=$(export_identity "$folder")
    [ -n "$who" ] ||
        die "nobody to sign the series: set git's user.name and user.email"
    when=$(git_root log -1 --format=%aI -- "$folder" 2>/dev/null)
    folder_files "$folder" | while IFS= read -r f; do
        new=$1/$place/${f#"$folder"/}
        mkdir -p "$(dirname "$new")"
        cp -p "$ROOT/$f" "$new"
    done
    export_message "$folder" "${place%/intack}" "$(export_why "$folder")" \
        "$who" >"$1/.git/message"
    git -C "$1" add -f -A &&
        GIT_AUTHOR_DATE=$when GIT_COMMITTER_DATE=$when \
        GIT_AUTHOR_NAME=${who%% <*} GIT_COMMITTER_NAME=${who%% <*} \
        GIT_AUTHOR_EMAIL=$(echo "$who" | sed 's/.*<\(.*\)>/\1/') \
        GIT_COMMITTER_EMAIL=$(echo "$who" | sed 's/.*<\(.*\)>/\1/') \
        git -C "$1" commit -q --no-verify -F .git/message
}

# export_series DIR
export_series()
{
    out=$1
    work=$(mktemp -d "$BUILD/export.XXXXXX")
    git init -q "$work/repo" &&
        git -C "$work/repo" -c user.name=intack -c user.email=intack@localhost \
            commit -q --no-verify --allow-empty -m base || return 1
    git -C "$work/repo" tag base
    for link in $(overlay_links); do
        export_folder "$work/repo" "$link" || return 1
    done
    mkdir -p "$work/out"
    git -C "$work/repo" format-patch -q -N --no-signature -o "$work/out" \
        base || return 1
    n=$(find "$work/out" -name '*.patch' | wc -l)
    hooks=$(sed 's/#.*//' "$ROOT/patches/$BASE/series" 2>/dev/null)
    for p in $hooks; do
        n=$((n + 1))
        cp "$ROOT/patches/$BASE/$p" \
            "$work/out/$(printf '%04d' $n)-${p#[0-9][0-9][0-9][0-9]-}" ||
            return 1
    done
    i=0
    for p in "$work/out"/*.patch; do
        [ -f "$p" ] || continue
        i=$((i + 1))
        sed -i "1,/^\$/s,^Subject: \\[PATCH[^]]*\\],Subject: [PATCH $i/$n]," \
            "$p"
    done
    mkdir -p "$out"
    rm -f "$out"/[0-9][0-9][0-9][0-9]-*.patch
    if [ "$n" -gt 0 ]; then
        cp "$work/out"/*.patch "$out/"
    fi
    rm -rf "$work"
    EXPORTED=$n
}

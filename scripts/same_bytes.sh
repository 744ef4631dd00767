#!/usr/bin/env bash
# Says whether the program of another commit and the program as it is here write the same bytes.
#
#     scripts/same_bytes.sh REV [PROGRAM]
#
# Both carry out every line of scripts/same_bytes.list, each in an empty folder of its own. Compared
# are all files and folders that are left, standard output, standard error and the exit status. Every
# difference is shown with its first lines. Exit status: 0 if there is none but those that
# scripts/same_bytes.allow names, 1 if there is one or a line of the list is at fault, 2 if there is
# nothing to compare.
#
# REV is built in a worktree that is removed again. What is built for it stays in target/same_bytes,
# the program in a folder named after the commit, so it is built once. PROGRAM is the program to
# compare it with; where absent, `cargo build --release` makes it. What commands read (scenarios,
# wrong files, documents) is for both that of the working tree.
#
#     SAME_BYTES_BEFORE=PATH   a program to be taken for that of REV; nothing is built for it
#     SAME_BYTES_ONLY=PATTERN  only the lines whose name fits, for instance 'solve-*'
#
# What differs by nature is made alike first, in standard output and standard error alone: how long
# `solve` took ("in 0.012 s", "seconds":0.012) and the path of the folder a command runs in. There is
# no progress bar, since nobody sits at a terminal. A date, a time or a name of a machine in a file is
# a difference. Needs git and the usual tools; no network but for what cargo has to fetch.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
list=scripts/same_bytes.list
allow=scripts/same_bytes.allow
kept=target/same_bytes

# Lines of a difference that are shown, and how much of each.
excerpt=6
width=150

fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

if [ $# -lt 1 ] || [ $# -gt 2 ]; then fail 'usage: scripts/same_bytes.sh REV [PROGRAM]'; fi
commit=$(git rev-parse --verify --quiet "$1^{commit}") || fail "there is no commit \`$1\`"

# --- the two programs

# The program of a commit, at $kept/COMMIT/detente.
tree=$kept/tree
build() {
    trap 'git worktree remove --force "$tree" 2>/dev/null || true' EXIT
    git worktree remove --force "$tree" 2>/dev/null || true
    git worktree prune
    git worktree add --quiet --detach "$tree" "$1"
    CARGO_TARGET_DIR=$root/$kept/build \
        cargo build --release --locked --bin detente --manifest-path "$tree/Cargo.toml" >&2
    mkdir -p "$kept/$1"
    cp "$kept/build/release/detente" "$kept/$1/detente.new"
    mv "$kept/$1/detente.new" "$kept/$1/detente"
    git worktree remove --force "$tree"
    trap - EXIT
}

before=${SAME_BYTES_BEFORE:-}
if [ -z "$before" ]; then
    before=$kept/$commit/detente
    [ -x "$before" ] || build "$commit"
fi
after=${2:-}
if [ -z "$after" ]; then
    cargo build --release --locked --bin detente >&2
    after=${CARGO_TARGET_DIR:-target}/release/detente
fi
for program in "$before" "$after"; do
    [ -x "$program" ] || fail "\`$program\` is no program"
done

# --- the list

names=() lines=()
while read -r name line; do
    case $name in '' | '#'*) continue ;; esac
    # shellcheck disable=SC2254 # a pattern
    case $name in ${SAME_BYTES_ONLY:-*}) ;; *) continue ;; esac
    case " ${names[*]-} " in *" $name "*) fail "$list: \`$name\` is there twice" ;; esac
    [ -n "$line" ] || fail "$list: \`$name\` has no command"
    names+=("$name") lines+=("$line")
done <$list
[ ${#names[@]} -gt 0 ] || fail 'no line of the list fits'

# What may differ.
patterns=()
while read -r pattern reason; do
    case $pattern in '' | '#'*) continue ;; esac
    [ -n "$reason" ] || fail "$allow: \`$pattern\` has no reason"
    patterns+=("$pattern")
done <$allow

# What lines of the list may use besides `detente`.

# each PATTERN COMMAND...: the command with every file that fits behind it; what it says, and its
# status, go to a file of their own.
each() {
    local file name found=0
    for file in $1; do
        [ -e "$file" ] || continue
        found=1
        name=${file#given/}
        mkdir -p said
        {
            "${@:2}" "$file" 2>"said/error" && echo "status 0" || echo "status $?"
            cat "said/error"
        } >"said/${name//\//-}"
        rm "said/error"
    done
    [ $found = 1 ] || { echo "no file fits $1"; return 1; }
}

# fails COMMAND...: a command that is to end with another status than 0, which is said.
fails() {
    local status=0
    "$@" || status=$?
    echo "status $status"
    [ $status != 0 ]
}

# The names of the shipped scenarios.
scenarios() {
    local file
    for file in given/scenarios/*/*.toml; do basename "$file" .toml; done
}
functions=$(declare -f each fails scenarios)

# --- running and comparing

mkdir -p $kept
work=$(mktemp -d "$root/$kept/work.XXXXXX")
for side in before after; do
    mkdir -p "$work/$side/bin"
    ln -s "$(realpath "${!side}")" "$work/$side/bin/detente"
done

# carry SIDE NAME LINE: carries out a line, with standard output, standard error and status beside
# the folder it ran in.
carry() {
    local here=$work/$1/$2 status=0 path
    mkdir -p "$here/files"
    ln -s "$root" "$here/files/given"
    (
        cd "$here/files" || exit
        env -i PATH="$work/$1/bin:$PATH" HOME="$here/files" LC_ALL=C.UTF-8 TERM=dumb \
            bash -c "$functions"$'\n'"set -euo pipefail; $3" </dev/null >../stdout 2>../stderr
    ) || status=$?
    echo $status >"$here/status"
    rm "$here/files/given"
    for path in "$here/stdout" "$here/stderr" "$here"/files/said/*; do
        [ ! -f "$path" ] || even "$path" "$here/files"
    done
}
# Makes alike what differs by nature.
even() {
    sed -i -E -e 's/ in [0-9]+\.[0-9]{3} s$/ in N s/' -e 's/"seconds":[0-9.e-]+/"seconds":N/' \
        -e "s|$2|FOLDER|g" "$1"
}

# The paths below a folder.
paths() { (cd "$1" && find . -mindepth 1 | sed 's|^\./||' | LC_ALL=C sort); }

# Whether a difference is allowed; notes which line of the list allows it.
used=()
allowed() {
    local pattern
    for pattern in "${patterns[@]-}"; do
        # shellcheck disable=SC2254 # a pattern
        case $1 in $pattern | $pattern/*) used+=("$pattern"); return 0 ;; esac
    done
    return 1
}
wrong=0 forgiven=0
# differs NAME PATH HOW
differs() {
    local place=$1/${2#files/} kind=differs
    if allowed "$place"; then
        forgiven=$((forgiven + 1))
        kind='differs, as allowed'
    else
        wrong=$((wrong + 1))
    fi
    printf '%s: %s%s\n' "$place" "$kind" "${3:+, $3}"
}

# Every path of a command that is not alike.
compare() {
    local a=$work/before/$1 b=$work/after/$1 path
    diff -rq --no-dereference "$a" "$b" >/dev/null && return
    while read -r path; do
        if [ ! -e "$a/$path" ] && [ ! -L "$a/$path" ]; then
            differs "$1" "$path" 'new'
        elif [ ! -e "$b/$path" ] && [ ! -L "$b/$path" ]; then
            differs "$1" "$path" 'gone'
        elif [ -f "$a/$path" ] && [ -f "$b/$path" ] && ! cmp -s "$a/$path" "$b/$path"; then
            differs "$1" "$path" ''
            { diff -a -U0 "$a/$path" "$b/$path" || true; } | tail -n +3 | cut -c "1-$width" |
                sed -e 's/^/    /' -e "${excerpt}q" || true
        elif [ "$(stat -c %F "$a/$path")" != "$(stat -c %F "$b/$path")" ]; then
            differs "$1" "$path" 'of another kind'
        fi
    done < <({ paths "$a"; paths "$b"; } | LC_ALL=C sort -u)
}

for k in "${!names[@]}"; do
    name=${names[k]}
    carry before "$name" "${lines[k]}" &
    carry after "$name" "${lines[k]}"
    wait $!
    compare "$name"
    status=$(cat "$work/after/$name/status")
    if [ "$status" != 0 ]; then
        wrong=$((wrong + 1))
        printf '%s: the line ends with status %s\n' "$name" "$status"
        tail -n 3 "$work/after/$name/stderr" | cut -c "1-$width" | sed 's/^/    /'
    fi
done

# --- the answer

if [ -z "${SAME_BYTES_ONLY:-}" ]; then
    for pattern in "${patterns[@]-}"; do
        case " ${used[*]-} " in *" $pattern "* | '  ') ;; *)
            [ -z "$pattern" ] || printf 'note: %s: nothing of `%s` differs\n' $allow "$pattern" ;;
        esac
    done
fi
files=$(find "$work/after" -type f | wc -l)
printf '%d commands, %d files, %d s: ' ${#names[@]} "$files" $SECONDS
if [ $wrong = 0 ]; then
    rm -r "$work"
    printf 'the same bytes'
    [ $forgiven = 0 ] || printf ', but for %d allowed differences' $forgiven
    printf '\n'
else
    printf '%d differences (and %d allowed); all is in %s\n' $wrong $forgiven "${work#"$root"/}"
    exit 1
fi

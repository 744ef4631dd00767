#!/usr/bin/env bash
# Makes every committed study, golden text and number again that a command can make.
#
#     scripts/study.sh [--program PATH] [--profile NAME] [STEP...]
#     scripts/study.sh --list
#
# Without names all steps are made, else those that are named, in the order of the list. All take about
# half an hour of processor time besides building, most of it for `claims`. Where nothing has changed,
# nothing changes: a step gives the same bytes however often it is made, pictures aside, which depend on
# the version of matplotlib. Ends with how long each step took and with what `git diff --stat` says. Read
# the difference before you commit it. Exit status 1 if a step failed; the others are made nonetheless.
#
# --program is the program to run; where absent, `cargo build --release --locked` makes it. Tests and
# benchmarks are built by cargo in the profile of that name, `release` where absent. What lies between is
# kept in target/study. Needs git, cargo, Python; pandas and matplotlib for pictures.
#
# Not made here, since no command makes them: the times and sizes in README.md and benches/README.md,
# which are those of a machine; numbers within sentences, of which target/study keeps the outputs to
# compare (readme/*.txt); what other programs made, see tests/reference/README.md; its oracle.csv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
made=$root/target/study

# Steps in their order, with what each makes.
list() {
    cat <<'LIST'
textbook     tests/textbook/*.json, worked out in Python
reference    tests/reference/*.json and random games, tests/data/math.txt, worked out in Python
diagnostics  tests/diagnostics/*/*.txt, what the program says of wrong files
transcripts  tests/golden/*.txt, two rounds of every scenario
faults       docs/faults.md, what remains after faults
coverage     docs/method.md, how often intervals hold the truth
luck         docs/method.md, what indices are worth where most is luck
readme       README.md, what the commands of the tour print
claims       results/pyongyang-pact, every claim, also over all declared ranges
switches     results/pyongyang-pact/switches, every claim with one mechanism cut
run          results/pyongyang-pact/run, all outcomes of all arms
sample       results/pyongyang-pact/sample, a part that a test makes again
sensitivity  results/pyongyang-pact/sensitivity, which assumption matters to what the pact changes
null         results/pyongyang-pact/null.txt, claims where there is nothing to find
document     docs/pyongyang-pact.md, its tables of claims and switches
core-blocks  results/pyongyang-core/blocks.txt, specifications by blocks left out
core-fit     results/pyongyang-core/fit and fit-rare, what the months before the pact support
core-score   results/pyongyang-core/score.txt, both files by the months after
core-claims  results/pyongyang-core/claims, the claims of the core, also over its ranges
core-earns   results/pyongyang-core/earns.md, which numbers earn their place
core-sample  results/pyongyang-core/sample, a part that a test makes again
core-page    docs/pyongyang-pact.md, the tables of the core, what is robust in both files
figures      docs/figures and the pictures of results/pyongyang-pact
LIST
}

fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

# --- what steps share

pact=scenarios/alliances/pyongyang-pact.toml
study=results/pyongyang-pact
core=scenarios/alliances/pyongyang-core.toml
held=results/pyongyang-core
record=scenarios/alliances/histories/pyongyang-core

detente() { "$program" "$@"; }

# A folder of its own for a step, empty.
fresh() { rm -rf "${made:?}/$1" && mkdir -p "$made/$1"; }

# put FILE NAME: what is read goes between the marks of that name.
put() {
    local text mark
    text=$(cat)
    [ -n "$text" ] || { echo "nothing to put into $1" >&2; return 1; }
    for mark in "<!-- begin: $2 -->" "<!-- end: $2 -->"; do
        grep -qxF "$mark" "$1" || { echo "$1 has no line \`$mark\`" >&2; return 1; }
    done
    TEXT=$text awk -v begin="<!-- begin: $2 -->" -v end="<!-- end: $2 -->" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; printf "\n%s\n\n", ENVIRON["TEXT"] }' "$1" >"$made/put"
    cat "$made/put" >"$1"
}

# block FILE NAME: the same as a block of text, without empty lines at its end.
block() {
    local text
    text=$(cat)
    [ -n "$text" ] || { echo "nothing to put into $1" >&2; return 1; }
    printf '```text\n%s\n```\n' "$text" | put "$1" "$2"
}

# keep FROM TO: those files that git knows in TO, out of FROM. What is new has to be added once by hand.
keep() {
    local file
    git ls-files "$2" | while read -r file; do
        case ${file#"$2"/} in */* | README.md | null.txt) continue ;; esac
        cp "$1/${file#"$2"/}" "$file"
    done
}

bless() { DETENTE_BLESS=1 cargo test --profile "$profile" --locked --test it "$1"; }

# A Python that draws.
drawing() {
    local python
    for python in python3 target/py/bin/python; do
        if "$python" -c 'import pandas, matplotlib' 2>/dev/null; then
            "$python" scripts/plot.py "$@"
            return
        fi
    done
    echo 'no Python with pandas and matplotlib' >&2
    return 1
}

# --- the steps

step_textbook() {
    python3 tests/textbook/derive.py
    python3 tests/published/derive.py
    python3 tests/textbook/regret.py >"$made/regret.json"
    cat "$made/regret.json" >tests/textbook/regret.json
}

step_reference() { python3 tests/reference/derive.py && python3 tests/data/derive.py && python3 tests/data/dates.py; }

step_diagnostics() { bless diagnostics::messages; }
step_transcripts() { bless transcripts::transcripts; }
step_document() { bless study::the_document; }

step_faults() { python3 scripts/faults.py --program "$program" --write docs/faults.md; }

# The table of the method has what is summed over all samples, not what is counted over seeds.
step_coverage() {
    cargo bench --bench coverage --profile "$bench" --locked >"$made/coverage.txt"
    cat "$made/coverage.txt"
    grep -E '^\| (estimate|share|paired difference of shares|quantile) \||^\|---' \
        "$made/coverage.txt" | sed '1s/ 1000 / 1,000 /' | put docs/method.md coverage
}

step_luck() {
    cargo bench --bench luck --profile "$bench" --locked >"$made/luck.txt"
    cat "$made/luck.txt"
    grep '^|' "$made/luck.txt" | put docs/method.md luck
}

# The scenario of the tour is the first TOML of README.md, with the claims that it adds.
step_readme() {
    local here=$made/readme
    fresh readme
    awk '/^```toml$/ { open = 1; next } /^```$/ && open { exit } open' README.md >"$here/guarantee.toml"
    awk '/^\[claims.deters\]$/ { open = 1 } /^```$/ && open { exit } open' README.md \
        >>"$here/guarantee.toml"
    mkdir "$here/wrong"
    sed '0,/commitment += step/s//comitment += step/' "$here/guarantee.toml" \
        >"$here/wrong/guarantee.toml"
    (
        cd "$here"
        detente run pyongyang-pact --variant no_pact --runs 10000 --out try \
            --outcomes china_utility,crises,war_ever,missile_tests >pact.txt
        (cd wrong && ! detente check guarantee.toml) >check.txt 2>&1
        detente describe guarantee.toml >describe.txt
        detente run guarantee.toml --all-variants --runs 2000 --out tour >run.txt
        detente claims guarantee.toml --runs 2000 >claims.txt
        detente claims guarantee.toml --runs 2000 --robust 200 >robust.txt
        detente claims guarantee.toml --runs 2000 --switch prize=0 >switch.txt
        detente trace guarantee.toml --run 3 >trace.txt
    )
    sed '/^results in /d' "$here/pact.txt" | block README.md pact
    { echo '$ detente check guarantee.toml'; cat "$here/check.txt"; } | block README.md check
    sed -n '/^  actor .* spread /,/^$/p' "$here/describe.txt" | block README.md describe
    # from the first arm to the line before the titles of outcomes
    sed -n '/^base$/,$p' "$here/run.txt" | sed '/^defiance  Months/,$d' | block README.md run
    sed -n '4,/^$/p' "$here/claims.txt" | block README.md claims
    awk '/^  Client \(CLIENT\), main$/ { open = 1 } open && /^$/ { exit } open' "$here/trace.txt" |
        block README.md trace
}

step_claims() {
    fresh claims
    detente claims $pact --runs 20000 --robust 200 --robust-runs 40 --out "$made/claims"
    keep "$made/claims" $study
}

step_switches() {
    fresh switches
    detente claims $pact --runs 1000 --switch reaction=0 --switch legitimacy=0 --switch spillover=0 \
        --switch competition=0 --switch wedge_on=0 --switch cover=0 --switch seen=0 \
        --out "$made/switches"
    keep "$made/switches" $study/switches
}

step_run() {
    fresh run
    detente run $pact --all-variants --runs 10000 --no-per-run --out "$made/run"
    keep "$made/run" $study/run
}

step_sample() {
    fresh sample
    detente run $pact --variant no_pact --runs 64 --no-per-run --out "$made/sample"
    keep "$made/sample" $study/sample
}

step_sensitivity() {
    fresh sensitivity
    detente sensitivity $pact --outcomes crises,china_utility --difference no_pact \
        --out "$made/sensitivity/difference"
    keep "$made/sensitivity/difference" $study/sensitivity/difference
}

# Claims that compare `base` with `no_pact`, by their tests; and those of them that do not say that the
# pact makes a difference (their reasons are in the README of the study), left out of the shares.
step_null() {
    local names others
    others='camp_david_baseline camp_david_difference divergent_security_meanings'
    others+=' influence_red_line influence_red_line_steep rival_suitor_triggers_summit_without'
    names=$(detente claims --from $study --format json | python3 -c '
import json, re, sys

def compares(claim):
    test = claim["test"]
    arms = set(re.findall(r"@(\w+)", test))
    return arms == {"no_pact"} and claim["threshold"] == 0 and " with " not in test

print(",".join(c["claim"] for c in json.load(sys.stdin)["claims"] if compares(c)))')
    python3 scripts/null_test.py $pact --set pact=0 --seeds 200 --claims "$names" \
        --program "$program" >"$made/null.txt" || [ $? = 1 ]
    [ -s "$made/null.txt" ]
    awk -v others="$others" '
        BEGIN { split(others, list); for (k in list) without[list[k]] = 1 }
        { print }
        $2 == "supported" && !($5 in without) { n++; yes += $1; no += $3 }
        END {
            printf "%d claims that say the pact makes a difference: ", n
            printf "supported %.4f, contradicted %.4f\n", yes / n / 200, no / n / 200
        }' "$made/null.txt" >"$made/null"
    cat "$made/null" >$study/null.txt
    cat $study/null.txt
}

# --- the core

# Begins at the numbers that the file has now. The specifications are told in docs/decisions.md.
step_core-blocks() {
    python3 scripts/blocks.py $core $record/before $record/coding.toml \
        'rates: ; habit=0, sharpness=0' \
        'habit: habit=0:0.95, memory=0.5:0.97; sharpness=0' \
        'interests alone: sharpness=0:3; habit=0' \
        'interests: habit=0:0.95, memory=0.5:0.97, sharpness=0:3;' \
        'each: habit=0:0.95, memory=0.5:0.97, sharpness=0:3, jealousy=0:3, vigilance=0:3, autonomy=0:3;' \
        --set pact=0 --program "$program" >"$made/blocks.txt"
    cat "$made/blocks.txt" >$held/blocks.txt
}

# From the file as it was before it was fitted, with the shares of months as rates.
step_core-fit() {
    local begun=$held/fit/pyongyang-core.toml
    fresh core-fit
    detente fit $begun --history $record/before --set pact=0 --starts 2 \
        --free habit,memory,sharpness --out "$made/core-fit/fit" >"$made/core-fit/fit.txt"
    detente fit $begun --history $record/before --set pact=0 --starts 2 \
        --free rate_meet,rate_cut,rate_visit,onset_korea,onset_sea,slope \
        --out "$made/core-fit/fit-rare" >"$made/core-fit/fit-rare.txt"
    keep "$made/core-fit/fit" $held/fit
    keep "$made/core-fit/fit-rare" $held/fit-rare
    sed "/^results in /d" "$made/core-fit/fit.txt" "$made/core-fit/fit-rare.txt" >$held/fit.txt
}

# Every scoring of the months after the pact, each with its reason in the README of the study.
step_core-score() {
    local after=$record/after large=scenarios/alliances/histories/pyongyang-pact/after
    {
        detente score $core --history $after --variant no_pact --surprises 8
        detente score $core --history $after --variant no_pact --surprises 0 --baseline-from $record/before
        detente score $core --history $after --surprises 0 --set sharpness=0
        detente score $core --history $after/loose.toml --variant no_pact --surprises 0 --particles 200
        detente score $core --history $after/sourced.toml --variant no_pact --surprises 0 --particles 200
        detente score $pact --history $large --variant no_pact --surprises 0
        detente score $core --history $after --surprises 0 --particles 200 --origins 1:9 --ahead 1,3,6
    } >"$made/core-score.txt"
    cat "$made/core-score.txt" >$held/score.txt
}

step_core-claims() {
    fresh core-claims
    detente claims $core --runs 5000 --robust 200 --robust-runs 40 --out "$made/core-claims"
    keep "$made/core-claims" $held/claims
}

step_core-sample() {
    fresh core-sample
    detente run $core --variant no_pact --runs 64 --no-per-run --out "$made/core-sample"
    keep "$made/core-sample" $held/sample
}

# Neutral is what says nothing: an act in half of all months, no habit, no interest, no effect.
step_core-earns() {
    local neutral=(habit=0 memory=0.5 sharpness=0) act name
    for act in patrol distance meet cut outreach visit court test provoke ship deepen exercise affirm \
        buildup sanction calm; do
        neutral+=("rate_$act=0.5")
    done
    for name in tie surprise spill cover grounds backing fear jealousy vigilance autonomy wedge slope; do
        neutral+=("$name=0")
    done
    python3 scripts/earns.py $core $record/before "${neutral[@]}" onset_korea=0.06 onset_sea=0.06 \
        --set pact=0 --runs 400 --program "$program" >"$made/earns.md"
    cat "$made/earns.md" >$held/earns.md
}

step_core-page() {
    put docs/pyongyang-pact.md core-earns <$held/earns.md
    python3 scripts/headline.py $held/claims | put docs/pyongyang-pact.md core-claims
    python3 scripts/headline.py $study --brief | put docs/pyongyang-pact.md headline
}

step_figures() {
    local figures=$made/figures outcomes
    fresh figures
    detente run pyongyang-pact --variant no_pact --runs 10000 --out "$figures/try" >"$figures/try.txt"
    drawing "$figures/try" --variables 'korean_tension,presence,share[RUS],affinity[CHN,RUS]'
    cp "$figures/try/figures/trajectories.png" docs/figures/pyongyang-pact.png
    detente run $pact --all-variants --runs 10000 --no-per-run --out "$figures/run" >"$figures/run.txt"
    outcomes=china_utility,china_security,china_influence,crises,war_risk,war_risk_korea
    outcomes+=,presence_mean,suspicion_mean,china_bids,outreach,affinity_seoul_final,cohesion_mean
    drawing "$figures/run" --outcomes $outcomes
    cp "$figures/run/figures/differences.png" $study/run/figures/differences.png
}

# --- arguments, and all in turn

mapfile -t known < <(list | cut -d ' ' -f 1)
program='' profile=release steps=()
while [ $# -gt 0 ]; do
    case $1 in
        --list) list; exit ;;
        --program | --profile)
            [ $# -gt 1 ] || fail "$1 needs a value"
            case $1 in --program) program=$2 ;; *) profile=$2 ;; esac
            shift
            ;;
        -*) fail "there is no option \`$1\`: --program, --profile, --list" ;;
        *)
            case " ${known[*]} " in *" $1 "*) ;; *) fail "there is no step \`$1\`; --list shows them" ;; esac
            steps+=("$1")
            ;;
    esac
    shift
done
[ ${#steps[@]} -gt 0 ] || steps=("${known[@]}")
case $profile in release) bench=bench ;; *) bench=$profile ;; esac
if [ -z "$program" ]; then
    cargo build --release --locked --bin detente
    program=${CARGO_TARGET_DIR:-target}/release/detente
fi
[ -x "$program" ] || fail "\`$program\` is no program"
program=$(realpath "$program")
mkdir -p "$made"

times=() failed=0
for step in "${known[@]}"; do
    case " ${steps[*]} " in *" $step "*) ;; *) continue ;; esac
    printf '\n== %s\n' "$step" >&2
    begun=$SECONDS
    set +e
    (set -e; "step_$step")
    status=$?
    set -e
    took=$((SECONDS - begun)) word=
    if [ $status != 0 ]; then failed=1 word='  failed'; fi
    times+=("$(printf '%3d:%02d  %s%s' $((took / 60)) $((took % 60)) "$step" "$word")")
done
printf '\n== minutes and seconds a step\n' >&2
printf '%s\n' "${times[@]}" >&2
printf '\n== what changed\n' >&2
git --no-pager diff --stat
exit $failed

//! What a plan says can reach an outcome, and what runs then do.

use crate::generate::Made;
use crate::support::full;
use detente::diagnostic::Span;
use detente::engine::{self, Job, Vectors};
use detente::expr::{Expr, Node};
use detente::model::{Arm, HazardId, Model, Rule};
use detente::plan::{Budget, Plan, Reach};
use detente::record::Layout;
use detente::rng::Seed;
use detente::scenario;

const SCENARIO: &str = r#"
format = 1
[scenario]
name = "reach"
title = "What reaches what"
rounds = 4
[actors]
AAA = { name = "a" }
BBB = { name = "b" }
CCC = { name = "c" }
[parameters]
p = { value = 0.3 }
sigma = { value = 0 }
[state.calm]
initial = 1
[state.wild]
initial = 0
[state.quiet]
initial = 0
[state.begun]
initial = "uniform(0, 1)"
[state.hit]
initial = 0
[state.counted]
initial = 0
[state.struck]
kind = "flag"
initial = 0
[state.armed]
of = "actor"
initial = 0
[dynamics]
calm = "0.9 * calm + p"
wild = "wild + normal(0, 1)"
quiet = "quiet + normal(0, sigma)"
[events.storm]
probability = "p"
effects = ["hit += 1"]
[events.sure]
probability = 1
effects = ["counted += 1", "struck = 1"]
[events.idle]
probability = "p"
[events.due]
probability = "if(calm > 1.4, 1, 0)"
[payoffs.gain]
default = "0"
CCC = "2 * chose[self, arm]"
[weights]
gain = 1
[moves.arm]
by = "actors"
effects = ["armed[self] += 1"]
[moves.rest]
by = "actors"
[policies.plan]
play = [
  { when = "calm > 1.4 and struck", move = "arm" },
  { move = "rest" },
]
[policies.answer]
play = [{ when = "chose_last[AAA, arm]", move = "rest" }, { move = "arm" }]
[decision]
rule = "logit"
precision = 1
reasoning = 1
[decision.AAA]
rule = "policy"
policy = "plan"
hold = false
[decision.CCC]
rule = "best_response"
[outcomes]
calm = { final = "calm" }
armed_a = { final = "armed[AAA]" }
armed_b = { final = "armed[BBB]" }
armed_c = { final = "armed[CCC]" }
wild = { max = "wild" }
quiet = { mean = "quiet" }
begun = { final = "begun" }
storms = { total = "happened[storm]" }
hit = { final = "hit" }
sure = { total = "happened[sure]" }
due = { total = "happened[due]" }
mixed = { mean = "calm + wild" }
one = { mean = "1" }
tenth = { mean = "0.1" }
never = { first = "0 > 1" }
clock = { final = "round" }
crossed = { first = "calm > 1.4" }
[variants.no_storm]
disable = ["storm"]
[variants.no_idle]
disable = ["idle"]
[variants.loud]
set = { sigma = 0.5 }
[variants.hot]
set = { p = 0.4 }
[variants.answering]
set = { "decision.CCC.rule" = "policy", "decision.CCC.policy" = "answer" }
"#;

fn load(text: &str) -> Model {
    let checked = scenario::load(text.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn arm(model: &Model, variant: Option<&str>) -> Arm {
    Arm::new(model, variant, &[]).expect("a valid arm")
}

fn reach(model: &Model, variant: Option<&str>) -> Vec<Reach> {
    Plan::with_reach(model, &arm(model, variant), Budget::default()).expect("a plan").reach()
}

/// The outcomes for which something holds.
fn names(model: &Model, holds: impl Fn(usize) -> bool) -> String {
    let outcomes = model.outcomes.iter().enumerate().filter(|(at, _)| holds(*at));
    outcomes.map(|(_, o)| o.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn drawn(model: &Model, variant: Option<&str>) -> String {
    let found = reach(model, variant);
    names(model, |at| found[at].drawn)
}

/// The outcomes whose signatures in a variant differ from those of the base.
fn changed(model: &Model, variant: &str) -> String {
    let (base, other) = (reach(model, None), reach(model, Some(variant)));
    names(model, |at| base[at].signature != other[at].signature)
}

#[test]
fn what_is_drawn() {
    let model = load(SCENARIO);
    let base = "armed_b wild begun storms hit mixed";
    assert_eq!(drawn(&model, None), base);
    assert_eq!(drawn(&model, Some("no_storm")), "armed_b wild begun mixed");
    assert_eq!(drawn(&model, Some("loud")), "armed_b wild quiet begun storms hit mixed");
    assert_eq!(drawn(&model, Some("answering")), base);
}

/// A run whose length is drawn reaches all but what is the same however long it is.
#[test]
fn the_length_of_a_run() {
    let all = "calm armed_a armed_b armed_c wild quiet begun storms hit sure due mixed tenth \
               clock crossed";
    let stopping = SCENARIO.replace("rounds = 4", "rounds = 4\nstop_when = \"happened[storm]\"");
    let ending = SCENARIO.replace("[events.idle]", "[events.idle]\nends = true");
    for text in [stopping, ending] {
        let model = load(&text);
        assert_eq!(drawn(&model, None), all);
    }
    let model = load(&SCENARIO.replace("rounds = 4", "rounds = 4\nstop_when = \"calm > 1.4\""));
    assert_eq!(drawn(&model, None), drawn(&load(SCENARIO), None));
}

#[test]
fn what_changes() {
    let model = load(SCENARIO);
    assert_eq!(changed(&model, "no_storm"), "storms hit");
    assert_eq!(changed(&model, "no_idle"), "");
    assert_eq!(changed(&model, "loud"), "quiet");
    assert_eq!(changed(&model, "hot"), "calm armed_a storms hit due mixed crossed");
    assert_eq!(changed(&model, "answering"), "armed_c");
    let mut longer = arm(&model, None);
    longer.rounds += 1;
    let (short, long) = (
        reach(&model, None),
        Plan::with_reach(&model, &longer, Budget::default()).expect("a plan").reach(),
    );
    assert_eq!(names(&model, |at| short[at].signature == long[at].signature), "one never");
    assert!(
        Plan::new(&model, &longer, Budget::default()).expect("a plan").reach().is_empty(),
        "nobody asked"
    );
    let (base, again) = (reach(&model, None), reach(&load(SCENARIO), None));
    assert_eq!(base, again);
    // neither places in the file nor the names of things matter, and outcomes differ
    let moved = load(&format!("# a comment\n{}", SCENARIO.replace("calm", "serene")));
    assert_eq!(base, reach(&moved, None));
    let mut signatures: Vec<_> = base.iter().map(|r| r.signature).collect();
    signatures.sort_unstable();
    signatures.dedup();
    assert_eq!(signatures.len(), base.len());
}

/// Types that nature draws reach what reads their parameters; types that are known do not.
#[test]
fn types() {
    let types = "[types.BBB]\nsoft = { prior = 0.5, set = { p = 0.2 } }\n\
                 hard = { prior = 0.5, set = { p = 0.5 } }\n[state.calm]";
    let text = SCENARIO.replacen("[state.calm]", types, 1);
    let text = text.replace("[variants.hot]\nset = { p = 0.4 }\n", "");
    let model = load(&text);
    let all = "calm armed_a armed_b wild begun storms hit due mixed crossed";
    assert_eq!(drawn(&model, None), all);
    let mut real = arm(&model, None);
    let mut reached = Vec::new();
    for kind in [0, 1] {
        real.true_types[0] = Some(kind);
        let found = Plan::with_reach(&model, &real, Budget::default()).expect("a plan").reach();
        assert_eq!(names(&model, |at| found[at].drawn), "armed_b wild begun storms hit mixed");
        reached.push(found);
    }
    let differs = |at: usize| reached[0][at].signature != reached[1][at].signature;
    // what B chooses depends on its type in principle, not in this scenario
    assert_eq!(names(&model, differs), "calm armed_a storms hit due mixed crossed");
    // a type that is certain by nature is the type that is real
    real.true_types[0] = None;
    real.chances[0] = vec![0.0, 1.0];
    assert_eq!(
        Plan::with_reach(&model, &real, Budget::default()).expect("a plan").reach(),
        reached[1]
    );
}

/// A plan for several arms answers for each of its points.
#[test]
fn at_points() {
    let model = load(SCENARIO);
    let (base, hot) = (arm(&model, None), arm(&model, Some("hot")));
    let plan = Plan::varying_with_reach(&model, &[base.clone(), hot.clone()], Budget::default())
        .expect("within the budget")
        .expect("numbers differ");
    let point = |arm: &Arm| plan.reach_at(&plan.point(arm).expect("a point"));
    let (ours, theirs) = (point(&base), point(&hot));
    assert_eq!(plan.reach(), ours);
    let differ = |a: &[Reach], b: &[Reach]| names(&model, |at| a[at].signature != b[at].signature);
    assert_eq!(differ(&ours, &theirs), "calm armed_a storms hit due mixed crossed");
    assert_eq!(names(&model, |at| ours[at].drawn), drawn(&model, None));
    // another plan that leaves the same open, in which other things differ
    let disabled = |arm: &Arm| {
        let mut arm = arm.clone();
        arm.disabled_hazards[HazardId::new(0)] = true;
        arm
    };
    let others = [disabled(&base), disabled(&hot)];
    let without = Plan::varying_with_reach(&model, &others, Budget::default())
        .expect("within the budget")
        .expect("numbers differ");
    let found = without.reach_at(&without.point(&others[0]).expect("a point"));
    assert_eq!(differ(&ours, &found), "storms hit");
    let found = without.reach_at(&without.point(&others[1]).expect("a point"));
    assert_eq!(differ(&theirs, &found), "storms hit");
}

/// An arm, what its plan says, and the outcomes of some runs under some seeds.
struct Played {
    reach: Vec<Reach>,
    /// By seed, outcome and run.
    values: Vec<Vec<f64>>,
}

const RUNS: usize = 9;
const SEEDS: [u64; 3] = [1, 2, 3];

fn played(model: &Model, arm: &Arm) -> Played {
    let plan = Plan::with_reach(model, arm, Budget::default()).expect("a plan");
    let layout = Layout::of(model, std::slice::from_ref(arm)).outcomes_only();
    let values = SEEDS
        .map(|seed| engine::play(&plan, Vectors::best(), Seed(seed), &layout, 0, RUNS).outcomes);
    Played { reach: plan.reach(), values: values.to_vec() }
}

/// The values of an outcome under all seeds.
fn of(played: &Played, outcome: usize) -> Vec<f64> {
    let part = |block: &Vec<f64>| block[outcome * RUNS..(outcome + 1) * RUNS].to_vec();
    played.values.iter().flat_map(part).collect()
}

/// How many outcomes were found to be one number, and how many pairs to be equal.
#[derive(Debug, Default)]
struct Count {
    arms: usize,
    sure: usize,
    drawn: usize,
    equal: usize,
    other: usize,
}

/// Values that are never drawn are the same in every run that has one.
fn check_drawn(what: &str, played: &Played, count: &mut Count) {
    count.arms += 1;
    for (outcome, reach) in played.reach.iter().enumerate() {
        let values = of(played, outcome);
        let mut there = values.iter().filter(|x| !x.is_nan());
        let Some(first) = there.next().filter(|_| !reach.drawn) else {
            count.drawn += usize::from(reach.drawn);
            continue;
        };
        count.sure += 1;
        let same = there.all(|x| x.to_bits() == first.to_bits());
        assert!(same, "{what}, outcome {outcome} is drawn after all: {values:?}");
    }
}

/// Outcomes of one signature are equal run by run.
fn check_pairs(what: &str, (base, other): (&Played, &Played), count: &mut Count) {
    for (outcome, (ours, theirs)) in base.reach.iter().zip(&other.reach).enumerate() {
        if ours.signature != theirs.signature {
            count.other += 1;
            continue;
        }
        assert_eq!(ours.drawn, theirs.drawn);
        for (x, y) in of(base, outcome).into_iter().zip(of(other, outcome)) {
            // a run may fail in one arm alone
            if !x.is_nan() && !y.is_nan() {
                count.equal += 1;
                assert_eq!(x.to_bits(), y.to_bits(), "{what}, outcome {outcome}");
            }
        }
    }
}

/// The same scenario with little that is drawn: no noise, everybody follows a policy without error.
fn calm(text: &str) -> String {
    let mut text = text.replace("error = 0.1", "error = 0");
    for (draw, number) in [
        ("normal(0.1, 0.2)", "normal(0.1, 0)"),
        ("lognormal(-1, 0.3)", "lognormal(-1, 0)"),
        ("beta(2, 3)", "0.4"),
        ("triangular(-1, 0, 1)", "0"),
        ("bernoulli(0.3)", "bernoulli(0)"),
        ("bernoulli(0.5)", "bernoulli(1)"),
    ] {
        text = text.replace(draw, number);
    }
    text
}

fn follow(arm: &mut Arm) {
    for decision in &mut arm.decisions {
        (decision.rule, decision.policy) = (Rule::Policy, Some(0));
    }
    arm.true_types.fill(Some(0));
}

/// Arms that differ from one in a single thing each.
fn variants(base: &Arm) -> Vec<(String, Arm)> {
    let mut found = Vec::new();
    let mut put = |what: String, change: &dyn Fn(&mut Arm)| {
        let mut arm = base.clone();
        change(&mut arm);
        found.push((what, arm));
    };
    for hazard in base.disabled_hazards.ids().take(2) {
        put(format!("hazard {hazard:?} off"), &|arm| arm.disabled_hazards[hazard] = true);
    }
    put("all hazards off".to_string(), &|arm| arm.disabled_hazards.fill(true));
    for cell in 0..base.parameters.len().min(2) {
        put(format!("parameter {cell}"), &|arm| arm.parameters[cell] *= 1.25);
    }
    for cell in base.initial.ids().take(3) {
        let number = Expr { node: Node::Number(0.25), span: Span::default() };
        put(format!("cell {cell:?}"), &|arm| arm.initial[cell] = number.clone());
    }
    if let Some(option) = base.disabled_options.ids().rev().nth(1) {
        put(format!("option {option:?} off"), &|arm| arm.disabled_options[option] = true);
    }
    put("longer".to_string(), &|arm| arm.rounds += 1);
    found
}

/// On made-up scenarios over the whole language: see [`check_drawn`] and [`check_pairs`].
#[test]
fn on_generated_scenarios() {
    let (mut wild, mut tame, mut points) = (Count::default(), Count::default(), Count::default());
    for number in 1..if full() { 1500 } else { 40 } {
        let text = Made::in_full(number);
        for still in [false, true] {
            let text = if still { calm(&text) } else { text.clone() };
            let Some(model) = scenario::load(text.as_bytes()).value else { continue };
            let mut base = arm(&model, None);
            if scenario::imagined_rounds(&model, &base) > 100.0 {
                continue;
            }
            let count = if still { &mut tame } else { &mut wild };
            if still {
                follow(&mut base);
                base.disabled_hazards.fill(number % 2 == 0);
            }
            let ours = played(&model, &base);
            check_drawn(&format!("made-{number}"), &ours, count);
            for (what, other) in variants(&base) {
                let what = format!("made-{number} ({still}), {what}");
                let theirs = played(&model, &other);
                check_drawn(&what, &theirs, count);
                check_pairs(&what, (&ours, &theirs), count);
            }
            at_points_of(&format!("made-{number}"), &model, &base, &mut points);
        }
    }
    println!("{wild:?}\n{tame:?}\n{points:?}");
    for Count { arms, sure, drawn, equal, other } in [wild, tame, points] {
        let least = [arms, sure, drawn, equal, other].into_iter().min();
        assert!(least > Some(20), "too few of something");
    }
}

/// The same for points of a plan for several arms.
fn at_points_of(what: &str, model: &Model, base: &Arm, count: &mut Count) {
    let mut arms = vec![base.clone(); 3];
    for (arm, factor) in arms.iter_mut().zip([1.0, 1.0, 1.5]).skip(1) {
        if let Some(last) = arm.parameters.last_mut() {
            *last *= factor;
        }
        arm.chances.iter_mut().for_each(|row| row.reverse());
    }
    let Some(plan) =
        Plan::varying_with_reach(model, &arms, Budget::default()).expect("within the budget")
    else {
        return;
    };
    let points: Vec<_> = arms.iter().filter_map(|arm| plan.point(arm)).collect();
    assert_eq!(points.len(), arms.len());
    let layout = Layout::of(model, &arms).outcomes_only();
    let jobs: Vec<Job> = (0..arms.len()).map(|point| Job { point, first: 0, runs: RUNS }).collect();
    let blocks = SEEDS.map(|seed| {
        engine::play_points(&plan, Vectors::best(), Seed(seed), &layout, &points, &jobs)
    });
    let all: Vec<Played> = points
        .iter()
        .enumerate()
        .map(|(at, point)| Played {
            reach: plan.reach_at(point),
            values: blocks.iter().map(|blocks| blocks[at].outcomes.clone()).collect(),
        })
        .collect();
    for played in &all {
        check_drawn(what, played, count);
        check_pairs(what, (&all[0], played), count);
    }
}

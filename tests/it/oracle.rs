//! The rules as they were when two texts said them: mixes and expected values of made-up scenarios,
//! kept as data from the interpreter of that time, to the last bit.
//!
//! `tests/reference/oracle.csv` holds nothing that a random number decides: initial values are the
//! means of their formulas, types are fixed, and what is kept is what deliberation comes to before
//! the first choice, for Poisson levels level by level. A hash of each scenario tells another
//! generator from other rules. `DETENTE_BLESS=1 cargo test --test it oracle` writes the file anew;
//! that throws the old oracle away, so say in the commit why the rules are others.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::slice::from_ref;

use crate::generate::Made;
use crate::support::{blessing, root};
use detente::engine::{self, Vectors};
use detente::expr::{Expr, Node, Parameters, value};
use detente::math;
use detente::model::{ActorId, Arm, Model, Reasoning, Simulation};
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::reference::{self, RunTrace, StageError, Wanted};
use detente::rng::Seed;
use detente::scenario;

const FILE: &str = "tests/reference/oracle.csv";
/// How many scenarios are kept.
const KEPT: usize = 500;
/// Levels that are looked for among runs; higher ones are rare.
const LEVELS: u16 = 3;
/// Among so many runs.
const RUNS: usize = 200;

/// Rows: quantity and values.
type Rows = Vec<(String, String)>;

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
}

/// Numbers in the fewest digits that give their bits back.
fn numbers(list: impl IntoIterator<Item = f64>) -> String {
    let list: Vec<String> = list.into_iter().map(|x| format!("{x:?}")).collect();
    list.join(" ")
}

/// The base arm with these real types and with initial values that are not drawn.
fn fixed(model: &Model, types: &[usize]) -> Arm {
    let mut arm = Arm::new(model, None, &[]).expect("an arm");
    let rows = model.private.iter().map(|private| {
        let kinds = 0..private.types.len();
        kinds.map(|kind| f64::from(u8::from(kind == 0))).collect()
    });
    let parameters = arm.parameters_for(&rows.collect::<Vec<Vec<f64>>>());
    for (formula, cell) in arm.initial.iter_mut().zip(&model.cells) {
        let mean = value(formula, &Parameters(&parameters));
        let number = math::clamp(mean, cell.range.0, cell.range.1);
        *formula = Expr { node: Node::Number(number), span: formula.span };
    }
    arm.true_types = types.iter().map(|kind| Some(*kind)).collect();
    arm
}

/// A run that comes through its first round, or fails at what deliberation finds in it: of the runs
/// that fit, the first.
fn told(game: &Simulation, fits: impl Fn(usize) -> bool) -> Option<RunTrace> {
    (0..RUNS).filter(|run| fits(*run)).take(20).find_map(|run| {
        let told = reference::trace(game, run as u64);
        let failure = told.failure.as_ref();
        let early = failure.is_some_and(|f| f.round == 1 && f.reason.contains("the utility of"));
        (early || !told.rounds.is_empty()).then_some(told)
    })
}

/// The mixes of some actors in the first round, and what their options are worth.
fn mixes(told: &RunTrace, label: &str, whose: impl Fn(&str) -> bool, rows: &mut Rows) {
    let Some(round) = told.rounds.first() else {
        let reason = told.failure.as_ref().map_or(String::new(), |f| f.reason.clone());
        return rows.push((format!("failure {label}"), reason));
    };
    for seat in round.seats.iter().filter(|seat| whose(&seat.actor)) {
        let name = format!("{} {} {label}", seat.actor, seat.track);
        let mix = seat.options.iter().map(|o| o.probability);
        rows.push((format!("mix {name}"), numbers(mix)));
        if seat.options.iter().any(|o| !o.utility.is_nan()) {
            let worth = seat.options.iter().map(|o| o.utility);
            rows.push((format!("worth {name}"), numbers(worth)));
        }
    }
}

/// Everything that is kept of an arm; `None` where no run gets through a round.
fn of_arm(model: &Model, arm: &Arm, label: &str, rows: &mut Rows) -> Option<()> {
    let game = Simulation { model, arm, seed: Seed(5) };
    let names = &model.names.actors;
    let draws = |actor: ActorId| matches!(arm.decisions[actor].reasoning, Reasoning::Poisson(_));
    let number = |name: &str| names.find_id(|n| n == name).expect("an actor");
    let first = told(&game, |_| true)?;
    mixes(&first, label, |name| !draws(number(name)), rows);
    let drawn: Vec<ActorId> = names.ids().filter(|actor| draws(*actor)).collect();
    if !drawn.is_empty() {
        let short = Arm { rounds: 1, ..arm.clone() };
        let layout = Layout::of(model, from_ref(&short));
        let plan = Plan::new(model, &short, Budget::default()).expect("a plan");
        let block = engine::play(&plan, Vectors::best(), Seed(5), &layout, 0, RUNS);
        for (slot, actor) in drawn.iter().enumerate() {
            for level in 0..LEVELS {
                let label = format!("{label} level {level}");
                let told = told(&game, |run| block.levels[slot * RUNS + run] == level)?;
                mixes(&told, &label, |name| number(name) == *actor, rows);
            }
        }
    }
    for actor in names.ids() {
        let wanted = Wanted { run: 0, round: 1, actors: &[actor], limit: 4096 };
        let found = match reference::stage(&game, &wanted, &|| false) {
            Ok(stage) => numbers(stage.payoffs),
            Err(StageError::Failed(failure)) => failure.reason,
            Err(error) => format!("{error:?}"),
        };
        rows.push((format!("stage {} {label}", names[actor]), found));
    }
    Some(())
}

/// Everything that is kept of a scenario; `None` where there is nothing to keep.
fn of_scenario(text: &str) -> Option<Rows> {
    let model = scenario::load(text.as_bytes()).value?;
    if scenario::imagined_rounds(&model, &Arm::new(&model, None, &[]).expect("an arm")) > 1e3 {
        return None;
    }
    let mut rows = Rows::new();
    let kinds = model.private.first().map_or(1, |private| private.types.len());
    for kind in 0..kinds {
        let types = vec![kind; model.private.len()];
        of_arm(&model, &fixed(&model, &types), &format!("type {kind}"), &mut rows)?;
    }
    Some(rows)
}

fn bless() {
    let mut text = String::from("scenario,quantity,values\n");
    let mut kept = 0;
    for number in 1.. {
        let made = Made::scenario(number);
        let Some(rows) = of_scenario(&made) else { continue };
        let _ = writeln!(text, "{number},text,{}", hash(&made));
        for (quantity, values) in rows {
            let _ = writeln!(text, "{number},{quantity},{}", values.replace(',', ";"));
        }
        kept += 1;
        if kept == KEPT {
            break;
        }
    }
    std::fs::write(root().join(FILE), text).expect("a writable file");
}

#[test]
fn rules_are_what_they_were() {
    if blessing() {
        bless();
    }
    let text = std::fs::read_to_string(root().join(FILE)).expect("the oracle");
    let mut kept: BTreeMap<u64, Rows> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut parts = line.splitn(3, ',').map(str::to_string);
        let mut part = || parts.next().expect("three columns");
        let number = part().parse().expect("a number");
        kept.entry(number).or_default().push((part(), part()));
    }
    assert_eq!(kept.len(), KEPT);
    let mut values = 0;
    for (number, rows) in kept {
        let made = Made::scenario(number);
        let same = rows[0].1 == hash(&made);
        assert!(same, "made-{number} is another text: the generator changed, not the rules");
        let found = of_scenario(&made).unwrap_or_default();
        assert_eq!(found.len() + 1, rows.len(), "made-{number}");
        for (ours, theirs) in found.iter().zip(&rows[1..]) {
            let ours = (ours.0.clone(), ours.1.replace(',', ";"));
            assert_eq!(&ours, theirs, "made-{number}: other rules");
            values += ours.1.split(' ').count();
        }
    }
    println!("{values} numbers are what they were");
}

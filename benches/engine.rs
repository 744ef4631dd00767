//! The engine beside the plain interpreter, a scalar program written by hand, and the machine's
//! floor: one thread but for the table of threads, all measured in turns in one run, so that a
//! noisy machine is noisy for all.
//!
//! `cargo bench --bench engine` prints the table of `benches/README.md`.
#![expect(clippy::disallowed_methods, reason = "benchmarks read the clock")]

#[path = "twins/flagship.rs"]
mod flagship;
#[path = "twins/ladder.rs"]
mod ladder;

use std::hint::black_box;
use std::slice::from_ref;
use std::time::Instant;

use detente::diagnostic::Span;
use detente::engine::{self, Job, Vectors, WIDTH};
use detente::experiment::{self, RunSpec, Unwatched};
use detente::expr::{Expr, Node};
use detente::model::{Arm, Model, Override, Simulation};
use detente::plan::{Budget, Plan, Point, Step, Tape};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;
use detente::scenario;

/// How often everything is measured in turn; the best of each counts.
const TURNS: usize = 7;

/// A scenario ready to be played either way.
struct Case {
    model: Model,
    arm: Arm,
    plan: Plan,
}

impl Case {
    fn new(text: &[u8]) -> Case {
        let model = scenario::load(text).value.expect("a valid scenario");
        let arm = Arm::new(&model, None, &[]).expect("a valid arm");
        let plan = Plan::new(&model, &arm, Budget::default()).expect("a plan");
        Case { model, arm, plan }
    }

    fn engine(&self, vectors: Vectors, runs: usize) -> f64 {
        let layout = Layout::of(&self.model, from_ref(&self.arm)).outcomes_only();
        let mut sum = 0.0;
        for first in (0..runs).step_by(256) {
            let count = (runs - first).min(256);
            let block = engine::play(&self.plan, vectors, Seed(1), &layout, first as u64, count);
            sum += block.outcome(0).iter().sum::<f64>();
        }
        sum / runs as f64
    }

    fn interpreter(&self, runs: usize) -> f64 {
        let layout = Layout::of(&self.model, from_ref(&self.arm)).outcomes_only();
        let game = Simulation { model: &self.model, arm: &self.arm, seed: Seed(1) };
        let block = reference::play(&game, &layout, 0, runs);
        block.outcome(0).iter().sum::<f64>() / runs as f64
    }

    /// What the engine makes of the outcomes that the flagship by hand measures, by run.
    fn outcomes(&self, runs: usize) -> Vec<flagship::Outcomes> {
        let layout = Layout::of(&self.model, from_ref(&self.arm));
        let block = engine::play(&self.plan, Vectors::best(), Seed(1), &layout, 0, runs);
        let column = |name: &str| {
            let at = layout.outcomes.iter().position(|o| o == name);
            block.outcome(at.expect("an outcome of the flagship"))
        };
        let columns = flagship::OUTCOMES.map(column);
        (0..runs).map(|run| columns.map(|column| column[run])).collect()
    }

    /// Operations on single numbers that a run needs, by the plan.
    fn operations(&self) -> f64 {
        let plan = &self.plan;
        let round = count(&plan.round.tape);
        (round * self.arm.rounds as usize) as f64
    }
}

fn count(tape: &Tape) -> usize {
    let runs = tape.steps.iter().map(|step| match step {
        Step::Run(range) => range.len(),
        _ => 0,
    });
    let joined = |terms: (u32, u32)| (terms.1 as usize).saturating_sub(1);
    runs.sum::<usize>() + tape.instructions.iter().map(|i| joined(i.terms)).sum::<usize>()
}

/// Something that plays so many runs.
type Player<'a> = Box<dyn Fn(usize) -> f64 + 'a>;

/// Who is measured: name, how many runs a turn, and the player.
struct Entry<'a> {
    name: String,
    runs: usize,
    play: Player<'a>,
}

/// Seconds a run, the best of all turns.
fn measure(entries: &[Entry]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; entries.len()];
    for _ in 0..TURNS {
        for (entry, best) in entries.iter().zip(&mut best) {
            let begin = Instant::now();
            black_box((entry.play)(entry.runs));
            *best = best.min(begin.elapsed().as_secs_f64() / entry.runs as f64);
        }
    }
    best
}

fn table(title: &str, entries: &[Entry], floor: f64) {
    println!("\n{title}");
    println!("  {:<34} {:>12} {:>14} {:>18}", "", "runs/s", "us a run", "engine is faster");
    let times = measure(entries);
    for (entry, time) in entries.iter().zip(&times) {
        let ratio = time / times[0];
        let (rate, micros) = (1.0 / time, 1e6 * time);
        println!("  {:<34} {rate:>12.0} {micros:>14.1} {ratio:>17.2}x", entry.name);
    }
    if floor == 0.0 {
        return;
    }
    let (micros, share) = (1e6 * floor, 100.0 * floor / times[0]);
    println!(
        "  {:<34} {:>12.0} {micros:>14.1} {share:>16.0} %",
        "floor; share reached",
        1.0 / floor
    );
}

/// Seconds that one operation on one number takes at best: multiply and add over columns that stay
/// in the nearest cache, carried out by the engine itself.
fn peak(vectors: Vectors) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..TURNS {
        let begin = Instant::now();
        let operations = black_box(engine::exercise(vectors, 200_000));
        best = best.min(begin.elapsed().as_secs_f64() / (operations * WIDTH) as f64);
    }
    best
}

fn entries<'a>(case: &'a Case, runs: usize, plain: usize) -> Vec<Entry<'a>> {
    let mut list = Vec::new();
    let mut sets = Vectors::all();
    sets.reverse();
    for (name, vectors) in sets {
        let play: Player = Box::new(move |runs| case.engine(vectors, runs));
        list.push(Entry { name: format!("engine, {name}"), runs, play });
    }
    let play: Player = Box::new(|runs| case.interpreter(runs));
    list.push(Entry { name: "plain interpreter".to_string(), runs: plain, play });
    list
}

fn main() {
    // `cargo bench --bench engine -- ladder` measures one of them
    let named: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    // `-- play ladder 256` plays and measures nothing, for programs that count instructions
    if let [command, scenario, runs] = named.as_slice()
        && command == "play"
    {
        let case = if scenario == "ladder" { ladder_case() } else { flagship_case() };
        let runs = runs.parse().expect("a number of runs");
        println!("{}", case.engine(Vectors::best(), runs));
        return;
    }
    let wanted = |name: &str| named.is_empty() || named.iter().any(|n| n == name);
    let best = Vectors::best();
    let peak = peak(best);
    println!("one operation on one number: {:.4} ns at best", 1e9 * peak);
    if wanted("ladder") {
        on_ladder(best, peak);
    }
    if wanted("flagship") {
        on_flagship(peak);
    }
    if wanted("threads") {
        on_threads();
    }
    if wanted("points") {
        on_points();
    }
}

fn ladder_case() -> Case {
    Case::new(ladder::scenario().as_bytes())
}

fn flagship_case() -> Case {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/twins/flagship.toml");
    Case::new(&std::fs::read(path).expect("the flagship"))
}

fn on_ladder(best: Vectors, peak: f64) {
    let case = ladder_case();
    let twin = ladder::Ladder::new();
    let (ours, theirs) = (case.engine(best, 50_000), twin.play(1, 50_000)[0] / 50_000.0);
    println!("ladder, mean of x0 at the end: engine {ours:.4}, by hand {theirs:.4}");
    assert!((ours - theirs).abs() < 0.01, "the ladder by hand is another model");
    let mut list = entries(&case, 4096, 16);
    let play: Player = Box::new(|runs| twin.play(1, runs)[0]);
    list.push(Entry { name: "scalar program by hand".to_string(), runs: 4096, play });
    table("ladder", &list, case.operations() * peak);
}

fn on_flagship(peak: f64) {
    let mut start = f64::INFINITY;
    for _ in 0..TURNS {
        let begin = Instant::now();
        black_box(flagship_case().plan.cells);
        start = start.min(begin.elapsed().as_secs_f64());
    }
    println!("\nflagship, from text to plan: {:.1} ms", 1e3 * start);
    let case = flagship_case();
    let slots = flagship::Slots::of(&case.model, &case.plan);
    let (alike, apart) = flagship::check(&slots, 1, 0, &case.outcomes(256));
    println!("by hand with the same random numbers: {alike} of 256 runs alike, to {apart:.0e}");
    assert!(alike > 250, "the flagship by hand is another model");
    let mut list = entries(&case, 1024, 6);
    let play: Player = Box::new(|runs| flagship::play(1, 0, runs).means()[0]);
    list.push(Entry { name: "scalar program by hand".to_string(), runs: 1024, play });
    table("flagship (pyongyang-pact, base)", &list, case.operations() * peak);
}

/// What `detente run` does, without files: playing, summaries, estimates.
fn on_threads() {
    let case = flagship_case();
    let play = |threads: usize, runs: usize| {
        let spec = RunSpec {
            model: &case.model,
            source: "",
            arms: vec![case.arm.clone()],
            runs: runs as u64,
            seed: Seed(1),
            independent: false,
            per_run: false,
            panel: None,
            threads: Some(threads),
            versus: 0,
            plain: false,
            budget: Default::default(),
        };
        let report = experiment::run(&spec, None, &Unwatched).expect("a run of the flagship");
        report.results.arms[0].outcomes[0].mean
    };
    let entry = |threads: usize| Entry {
        name: format!("threads: {threads}"),
        runs: 40_000,
        play: Box::new(move |runs| play(threads, runs)),
    };
    table("flagship, 40,000 runs with summaries", &[entry(2), entry(1)], 0.0);
}

/// Arms of the flagship that differ in a number of its parameters.
fn arms(model: &Model, points: usize, varied: usize) -> Vec<Arm> {
    let base = Arm::new(model, None, &[]).expect("a valid arm");
    let cells: Vec<usize> = (0..base.parameters.len())
        .filter(|cell| base.parameters[*cell] != 0.0)
        .filter(|cell| arm(model, &[*cell], &base, 1.01).is_some())
        .take(varied)
        .collect();
    let factor = |point: usize| 0.9 + 0.2 * point as f64 / points as f64;
    let arms = (0..points).map(|point| arm(model, &cells, &base, factor(point)));
    arms.map(|arm| arm.expect("a valid arm")).collect()
}

fn arm(model: &Model, cells: &[usize], base: &Arm, factor: f64) -> Option<Arm> {
    let number = |cell: &usize| {
        let node = Node::Number(base.parameters[*cell] * factor);
        (*cell, Expr { node, span: Span::default() })
    };
    Arm::new(model, None, &[Override::Parameter(cells.iter().map(number).collect())]).ok()
}

/// Many points of few runs beside as many runs of one point.
fn on_points() {
    const RUNS: usize = 10;
    let case = flagship_case();
    let layout = Layout::of(&case.model, from_ref(&case.arm)).outcomes_only();
    for varied in [1, 8, 64] {
        let arms = arms(&case.model, 204, varied);
        let plan = Plan::varying(&case.model, &arms, Budget::default())
            .expect("a plan")
            .expect("numbers alone differ");
        let play: Player = Box::new(|runs| {
            let arms = &arms[..runs / RUNS];
            let points: Vec<Point> = arms.iter().filter_map(|arm| plan.point(arm)).collect();
            let job = |point: usize| Job { point, first: 0, runs: RUNS };
            let mut sum = 0.0;
            for some in (0..points.len()).collect::<Vec<_>>().chunks(32) {
                let jobs: Vec<Job> = some.iter().map(|point| job(*point)).collect();
                let best = Vectors::best();
                let blocks = engine::play_points(&plan, best, Seed(1), &layout, &points, &jobs);
                sum += blocks.iter().map(|block| block.outcome(0)[0]).sum::<f64>();
            }
            sum
        });
        let one: Player = Box::new(|runs| case.engine(Vectors::best(), runs));
        let made: Player = Box::new(|runs| {
            let points = 0..runs / RUNS;
            let cells = [0];
            points.filter(|_| arm(&case.model, &cells, &case.arm, 1.0).is_some()).count() as f64
        });
        let list = [
            Entry { name: "one point".to_string(), runs: 2040, play: one },
            Entry { name: "204 points of 10 runs".to_string(), runs: 2040, play },
            Entry { name: "arms of 204 points alone".to_string(), runs: 2040, play: made },
        ];
        let title = format!("flagship, points that differ in {varied} parameters");
        table(&title, &list, 0.0);
    }
}

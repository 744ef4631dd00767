//! Single parts: operations on columns, functions on slices, random numbers, planning.
//!
//! `cargo bench --bench operations`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use detente::Scenario;
use detente::engine::{self, Vectors, WIDTH};
use detente::evidence::{Settings, Weigh};
use detente::experiment::Unwatched;
use detente::math;
use detente::model::Arm;
use detente::plan::{Budget, Plan};
use detente::record::Layout;
use detente::rng::{Address, LANES, Purpose, Seed, Stream};
use detente::scenario;

/// Numbers a function is applied to at once.
const COUNT: usize = 4096;

type Function = fn(f64) -> f64;

fn functions(c: &mut Criterion) {
    let numbers: Vec<f64> = (0..COUNT).map(|i| (i as f64 + 0.5) / COUNT as f64).collect();
    let list: [(&str, Function); 5] = [
        ("exp", |x| math::exp(20.0 * x - 10.0)),
        ("log", math::log),
        ("logistic", |x| math::logistic(20.0 * x - 10.0)),
        ("tanh", |x| math::tanh(4.0 * x - 2.0)),
        ("normal quantile", math::normal_quantile),
    ];
    let mut group = c.benchmark_group("functions, baseline instructions");
    group.throughput(Throughput::Elements(COUNT as u64));
    for (name, f) in list {
        group.bench_function(name, |b| {
            b.iter(|| black_box(&numbers).iter().map(|x| f(*x)).sum::<f64>());
        });
    }
}

fn columns(c: &mut Criterion) {
    let mut group = c.benchmark_group("multiply and add on columns");
    group.throughput(Throughput::Elements((WIDTH * 1024) as u64));
    for (name, vectors) in Vectors::all() {
        group.bench_function(name, |b| b.iter(|| engine::exercise(vectors, 1024)));
    }
}

fn random(c: &mut Criterion) {
    let mut group = c.benchmark_group("32 uniform numbers for each of 8 runs");
    group.throughput(Throughput::Elements(32 * LANES as u64));
    let at = Address { round: 3, purpose: Purpose::Choice, ordinal: 0, slot: 0 };
    let runs = std::array::from_fn(|lane| lane as u64);
    // slots of names lie far apart
    let slots: [u32; 32] = std::array::from_fn(|number| number as u32 * 8_000_000);
    group.bench_function("side by side", |b| {
        b.iter(|| {
            let mut sum = 0.0;
            Seed(1).columns(&runs, at, &slots, |_, values| sum += values[0]);
            sum
        });
    });
    group.bench_function("stream by stream", |b| {
        let mut streams: Vec<Stream> =
            (0..LANES as u64).map(|run| Stream::new(Seed(1), run)).collect();
        b.iter(|| {
            for stream in &mut streams {
                for slot in slots {
                    black_box(stream.uniform(Address { slot, ..at }));
                }
            }
        });
    });
}

fn planning(c: &mut Criterion) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/twins/flagship.toml");
    let text = std::fs::read(path).expect("the flagship");
    let mut group = c.benchmark_group("flagship");
    group.sample_size(20);
    group.bench_function("load", |b| b.iter(|| scenario::load(&text).value.is_some()));
    let model = scenario::load(&text).value.expect("a valid scenario");
    let arm = Arm::new(&model, None, &[]).expect("a valid arm");
    group.bench_function("plan", |b| {
        b.iter(|| Plan::new(&model, &arm, Budget::default()).expect("a plan").cells)
    });
}

/// 1,000 particles over the twelve rounds of a history of the flagship, beside the same runs without
/// a history; planning is in both.
fn particles(c: &mut Criterion) {
    let scenario = Scenario::shipped("pyongyang-pact").expect("it is inside");
    let folder = "scenarios/alliances/histories/pyongyang-pact/after";
    let history = scenario.history(folder).expect("it is sound");
    let model = scenario.model();
    let mut arm = scenario.arm(None, &[]).expect("an arm");
    arm.rounds = 12;
    let settings = Settings { particles: 1000, filters: 1, ..Settings::default() };
    let mut group = c.benchmark_group("1,000 particles, 12 rounds of the flagship");
    group.sample_size(10);
    let layout = Layout::of(model, std::slice::from_ref(&arm));
    for (name, layout) in [("runs, all recorded", layout.clone()), ("runs", layout.outcomes_only())]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                let plan = Plan::new(model, &arm, Budget::default()).expect("it is small");
                engine::play(&plan, Vectors::best(), Seed(1), &layout, 0, 1000)
            });
        });
    }
    group.bench_function("filter", |b| {
        let (history, settings) = (&history, &settings);
        let weigh = Weigh { model, history, settings, room: 1 << 30, watch: &Unwatched };
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        b.iter(|| one.install(|| weigh.likelihoods(std::slice::from_ref(&arm)).expect("possible")));
    });
}

criterion_group!(benches, functions, columns, random, planning, particles);
criterion_main!(benches);

//! Single parts: operations on columns, functions on slices, random numbers, planning.
//!
//! `cargo bench --bench operations`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use detente::engine::{self, Vectors, WIDTH};
use detente::math;
use detente::model::Arm;
use detente::plan::{Budget, Plan};
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

criterion_group!(benches, functions, columns, random, planning);
criterion_main!(benches);

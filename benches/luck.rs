//! How far indices are off, and how often their 95 % intervals hold the truth, where most of the
//! variation is luck: the Markdown table of `docs/method.md`.
//!
//! The function of Ishigami and Homma (1990) plus normal noise of five times its variance,
//! independent at every point and run (noise that points share would cancel and test nothing).
//! 2,000 seeds, 256 rows, 8 runs a point; arguments ask for other numbers, in this order.

use detente::math::{normal_quantile, pow, sin};
use detente::rng::{Seed, Sequence};
use detente::sensitivity::{Estimate, Indices, Pairs, Sheet, Walk};

/// The variance of the function, and its first-order, total and Shapley indices.
const VARIANCE: f64 = 13.844_587_940_719_254;
const FIRST: [f64; 3] = [0.313_905_191_147_811_46, 0.442_411_144_790_040_6, 0.0];
const TOTAL: [f64; 3] = [0.557_588_855_209_959_2, 0.442_411_144_790_040_6, 0.243_683_664_062_147_7];

fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| std::f64::consts::PI * (2.0 * u - 1.0)).collect();
    sin(x[0]) + 7.0 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4.0) * sin(x[0])
}

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |at: usize, usual: u64| numbers.get(at).copied().unwrap_or(usual);
    let (seeds, rows, runs) = (number(0, 2000), number(1, 256), number(2, 8));
    println!("{seeds} seeds, {rows} rows, {runs} runs a point\n");
    println!("| design | index | of | truth | bias | ± | deviation | coverage |");
    println!("|---|---|---|---|---|---|---|---|");
    for pairs in [false, true] {
        let all: Vec<Indices> =
            (0..seeds).map(|seed| indices(seed, rows, runs as usize, pairs)).collect();
        let told: Vec<&Indices> = all.iter().filter(|i| !i.factors.is_empty()).collect();
        for k in 0..3 {
            let share = (FIRST[k] + TOTAL[k]) / 2.0;
            let (word, truth) = if pairs { ("first", FIRST[k]) } else { ("Shapley", share) };
            let own = told.iter().map(|i| i.factors[k].shapley.or(i.factors[k].first));
            let of = format!("x{}", k + 1);
            row(pairs, word, &of, truth, own.flatten().collect());
            row(pairs, "total", &of, TOTAL[k], told.iter().map(|i| i.factors[k].total).collect());
        }
        row(pairs, "luck", "", 5.0 / 6.0, all.iter().map(|i| i.luck).collect());
        println!("\nnot told from luck: {} of {seeds}\n", all.len() - told.len());
    }
}

/// One line: bias with three Monte Carlo errors, deviation, coverage.
fn row(pairs: bool, word: &str, of: &str, truth: f64, all: Vec<Estimate>) {
    let n = all.len() as f64;
    let mean = all.iter().map(|e| e.value).sum::<f64>() / n;
    let variance = all.iter().map(|e| (e.value - mean) * (e.value - mean)).sum::<f64>() / (n - 1.0);
    let held = all.iter().filter(|e| e.lo <= truth && truth <= e.hi).count() as f64 / n;
    let design = if pairs { "pairs" } else { "walks" };
    println!(
        "| {design} | {word} | {of} | {truth:.4} | {:.4} | {:.4} | {:.4} | {:.3} |",
        mean - truth,
        3.0 * (variance / n).sqrt(),
        variance.sqrt(),
        held
    );
}

fn indices(seed: u64, rows: u64, runs: usize, pairs: bool) -> Indices {
    let factors: Vec<Vec<usize>> = (0..3).map(|k| vec![k]).collect();
    let mut sheet = Sheet::new(3, pairs);
    let mut random = Sequence::new(Seed(1_000_000 + seed), Sequence::TRIALS);
    let noise = (5.0 * VARIANCE).sqrt();
    let mut played = |points: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let mut all = Vec::new();
        for point in points {
            let value = ishigami(&point);
            let mut run = || value + noise * normal_quantile(random.uniform());
            all.push((0..runs).map(|_| run()).collect());
        }
        all
    };
    for row in 0..rows {
        if pairs {
            let pair = Pairs::draw(Seed(seed), row, 3);
            let values = played(pair.points(&factors));
            pair.tally(&factors, &values, &mut sheet);
        } else {
            let walk = Walk::draw(Seed(seed), row, 3, 3);
            let values = played(walk.points(&factors));
            walk.tally(&factors, &values, &mut sheet);
        }
    }
    sheet.indices(Seed(seed))
}

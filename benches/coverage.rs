//! How often 95 % intervals hold the truth, as the Markdown table of `docs/method.md`.
//!
//! Shares, paired differences of shares and quantiles are summed over all samples, the others
//! counted over 1,000 seeds; an argument asks for another number.

#[path = "../tests/it/coverage/study.rs"]
mod study;

use study::{LEAST, Row};

/// Runs of which intervals are made.
const SIZES: [u64; 3] = [20, 100, 1_000];

fn main() {
    let seeds = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000);
    println!("| measure | of | runs | method | coverage | without | mean width |");
    println!("|---|---|---|---|---|---|---|");
    let mut rows = study::summed(&SIZES);
    rows.extend(study::counted(&SIZES, seeds));
    rows.iter().for_each(line);
    println!();
    for n in SIZES {
        let (least, at) = study::least_share(n);
        println!(
            "share, {n} runs: least coverage {least:.4} at {at:.6}, n p = {:.4}",
            n as f64 * at
        );
    }
    for n in SIZES {
        let (least, (first, second)) = study::least_difference(n);
        println!(
            "paired difference of shares, {n} runs: least coverage {least:.4}, only the first \
             {first:.6}, only the second {second:.6}"
        );
    }
}

/// A row; a star where coverage is below the least, two where no luck of the seeds explains it.
fn line(row: &Row) {
    let Row { measure, law, n, method, coverage, none, width, .. } = row;
    let short = match row {
        _ if *coverage < row.bound() => " \\*\\*",
        _ if *coverage < LEAST => " \\*",
        _ => "",
    };
    let promise = if row.promised { "" } else { " (not promised)" };
    let without = if *none > 0.0 { format!("{none:.3}") } else { "–".to_string() };
    let width = if width.is_nan() { "–".to_string() } else { format!("{width:.4}") };
    let found = format!("{coverage:.3}{short}");
    println!("| {measure} | {law} | {n} | {method}{promise} | {found} | {without} | {width} |");
}

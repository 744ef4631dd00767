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
    println!("| estimate | of | method | 20 runs | 100 runs | 1,000 runs |");
    println!("|---|---|---|---|---|---|");
    let mut rows = study::summed(&SIZES);
    rows.extend(study::counted(&SIZES, seeds));
    let first = |row: &&Row| row.n == SIZES[0];
    for Row { measure, law, method, .. } in rows.iter().filter(first) {
        let of = |row: &&Row| row.measure == *measure && row.law == *law;
        let cells: Vec<String> = rows.iter().filter(of).map(cell).collect();
        println!("| {measure} | {law} | {method} | {} |", cells.join(" | "));
    }
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

/// Coverage, mean width and how many seeds are without an interval. A star: below the least; two:
/// further below than the luck of the seeds explains.
fn cell(row: &Row) -> String {
    let Row { coverage, none, width, .. } = row;
    if *none >= 1.0 {
        return "no interval".to_string();
    }
    let short = match row {
        _ if *coverage < row.bound() => "\\*\\*",
        _ if *coverage < LEAST => "\\*",
        _ => "",
    };
    let without = if *none > 0.0 { format!(", {none:.3} without") } else { String::new() };
    format!("{coverage:.3}{short} ({width:.3}){without}")
}

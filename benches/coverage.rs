//! How often 95 % intervals hold the truth, as the Markdown table of `docs/method.md`.
//!
//! Shares, paired differences of shares and quantiles are summed over all samples, the others
//! counted over 1,000 seeds; a first argument asks for another number, more for other numbers of
//! runs than 20, 100 and 1,000.

#[path = "../tests/it/coverage/study.rs"]
mod study;
#[expect(dead_code, reason = "tests need more of it")]
#[path = "../tests/it/support.rs"]
mod support;

use study::{LEAST, Row};

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let (seeds, sizes) = match &numbers[..] {
        [] => (1_000, &[20, 100, 1_000][..]),
        [seeds] => (*seeds, &[20, 100, 1_000][..]),
        [seeds, sizes @ ..] => (*seeds, sizes),
    };
    let head: Vec<String> = sizes.iter().map(|n| format!("{n} runs")).collect();
    println!("| estimate | of | method | {} |", head.join(" | "));
    println!("|---|---|---|{}", "---|".repeat(sizes.len()));
    let mut rows = study::summed(sizes);
    rows.extend(study::counted(sizes, seeds));
    let first = |row: &&Row| row.n == sizes[0];
    for Row { measure, law, method, .. } in rows.iter().filter(first) {
        let of = |row: &&Row| row.measure == *measure && row.law == *law;
        let cells: Vec<String> = rows.iter().filter(of).map(cell).collect();
        println!("| {measure} | {law} | {method} | {} |", cells.join(" | "));
    }
    println!();
    for n in sizes.iter().copied() {
        let (least, at) = study::least_share(n);
        println!(
            "share, {n} runs: least coverage {least:.4} at {at:.6}, n p = {:.4}",
            n as f64 * at
        );
    }
    for n in sizes.iter().copied() {
        let (least, (first, second)) = study::least_difference(n);
        println!(
            "paired difference of shares, {n} runs: least coverage {least:.4}, only the first \
             {first:.6}, only the second {second:.6}"
        );
    }
}

/// Coverage, mean width and which share of samples has no interval. A star: below the least; two:
/// further below than luck explains, where the method promises more.
fn cell(row: &Row) -> String {
    let Row { coverage, none, width, .. } = row;
    if *none >= 1.0 {
        return "no interval".to_string();
    }
    let short = match row {
        _ if row.promised && *coverage < row.bound() => "\\*\\*",
        _ if *coverage < LEAST => "\\*",
        _ => "",
    };
    let without = if *none > 0.0 { format!(", {none:.3} without") } else { String::new() };
    format!("{coverage:.3}{short} ({width:.3}){without}")
}

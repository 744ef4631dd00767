//! Evenly spaced numbers as one would write them.

/// Step `k` of `n` from `lo` to `hi`: the double nearest to the exact value between the two ends as
/// decimals, so that every step is the number that one would write. Ends too far apart for whole
/// numbers of 128 bits are taken as doubles.
pub fn even_step(lo: f64, hi: f64, k: u64, n: u64) -> f64 {
    exact_step(lo, hi, k, n).unwrap_or_else(|| lo + (hi - lo) * (k as f64 / n as f64))
}

fn exact_step(lo: f64, hi: f64, k: u64, n: u64) -> Option<f64> {
    let ((a, places_a), (b, places_b)) = (decimal(lo)?, decimal(hi)?);
    let places = places_a.max(places_b);
    let scaled = |x: i128, own: u32| x.checked_mul(10_i128.checked_pow(places - own)?);
    let first = scaled(a, places_a)?.checked_mul(i128::from(n - k))?;
    let sum = first.checked_add(scaled(b, places_b)?.checked_mul(i128::from(k))?)?;
    // The sum is n times the step; long division to more digits than a double tells apart, and a
    // last digit for what is left, round as the exact quotient does.
    let (n, total) = (u128::from(n), sum.unsigned_abs());
    let (whole, mut rest) = (total / n, total % n);
    let mut digits = whole.to_string();
    let mut more = 0_i64;
    while rest > 0 && digits.len() < 40 {
        rest *= 10;
        digits.push_str(&(rest / n).to_string());
        rest %= n;
        more += 1;
    }
    if rest > 0 {
        digits.push('1');
        more += 1;
    }
    let sign = if sum < 0 { "-" } else { "" };
    format!("{sign}{digits}e-{}", more + i64::from(places)).parse().ok()
}

/// A double as the shortest decimal that stands for it: digits without a point, and how many of
/// them stand behind it.
fn decimal(x: f64) -> Option<(i128, u32)> {
    let text = x.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    Some((digits, u32::try_from(part.len()).ok()?))
}

//! Rank correlation.

/// Spearman's rank correlation; equal values share the mean of their ranks. Not a number where one
/// side does not vary.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    let (a, b) = (ranks(x), ranks(y));
    let middle = (a.len() as f64 + 1.0) / 2.0;
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (p, q) in a.iter().zip(&b) {
        let (p, q) = (p - middle, q - middle);
        aa += p * p;
        bb += q * q;
        ab += p * q;
    }
    if aa > 0.0 && bb > 0.0 { ab / (aa * bb).sqrt() } else { f64::NAN }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while let Some(at) = order.get(first) {
        let same = order[first..].iter().take_while(|k| values[**k] == values[*at]).count().max(1);
        let rank = first as f64 + (same as f64 + 1.0) / 2.0;
        for place in &order[first..first + same] {
            ranks[*place] = rank;
        }
        first += same;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlations() {
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 100.0, 1000.0]), 1.0);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0);
        assert!(spearman(&[1.0, 2.0], &[3.0, 3.0]).is_nan());
        // ranks 1.5 1.5 3 4 against 1 2 3 4: covariance 4.5, squares 4.5 and 5
        let tied = spearman(&[5.0, 5.0, 6.0, 9.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!((tied - 4.5 / 22.5_f64.sqrt()).abs() < 1e-15);
    }
}

//! How many values differ from the commonest one.

/// Fewer than so many values unlike the commonest, if that makes up more than half, make a sample
/// sparse: its spread says little about what was not seen.
pub const FEW: u64 = 20;

/// Distinct values with their counts, as long as there are few of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    seen: Vec<(f64, u64)>,
    n: u64,
    many: bool,
}

impl Tally {
    /// Adds a value that is not NaN.
    pub fn add(&mut self, x: f64) {
        self.n += 1;
        if self.many {
            return;
        }
        if let Some(found) = self.seen.iter_mut().find(|(value, _)| *value == x) {
            found.1 += 1;
        } else if self.seen.len() as u64 > FEW {
            // whichever is the commonest, at least `FEW` others differ from it
            self.many = true;
            self.seen = Vec::new();
        } else {
            self.seen.push((x, 1));
        }
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The commonest value, the first of equally common ones; none without values, or among many.
    pub fn commonest(&self) -> Option<f64> {
        let most = self.seen.iter().map(|(_, count)| *count).max()?;
        self.seen.iter().find(|(_, count)| *count == most).map(|(value, _)| *value)
    }

    /// How many values differ from the commonest, at most [`FEW`] of them counted.
    pub fn unlike(&self) -> u64 {
        if self.many {
            return FEW;
        }
        let most = self.seen.iter().map(|(_, count)| *count).max().unwrap_or(0);
        (self.n - most).min(FEW)
    }

    /// Whether fewer than [`FEW`] values differ from the commonest, and fewer than half: a few
    /// values that all differ are a small sample, which Student's t allows for, and no sparse one.
    pub fn is_sparse(&self) -> bool {
        let unlike = self.unlike();
        unlike < FEW && 2 * unlike < self.n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Tally {
        let mut tally = Tally::default();
        values.into_iter().for_each(|x| tally.add(x));
        tally
    }

    #[test]
    fn values_unlike_the_commonest() {
        assert_eq!(of([]).unlike(), 0);
        assert_eq!(of([3.0; 50]).unlike(), 0);
        assert_eq!(of([0.0, -0.0, 1.0]).unlike(), 1);
        assert_eq!((of([3.0, 1.0, 1.0]).commonest(), of([]).commonest()), (Some(1.0), None));
        let rare = |n: u32| of((0..100).map(|i| f64::from(u32::from(i < n))));
        assert_eq!((rare(19).unlike(), rare(20).unlike(), rare(81).unlike()), (19, 20, 19));
        assert!(rare(19).is_sparse() && !rare(20).is_sparse());
        // few values that differ among themselves are not sparse, few that mostly agree are
        assert!(!of((0..5).map(f64::from)).is_sparse() && !of((0..20).map(f64::from)).is_sparse());
        assert!(of([2.0; 5]).is_sparse() && of([2.0, 2.0, 2.0, 1.0, 3.0]).is_sparse());
        assert!(!of([2.0, 1.0]).is_sparse() && !of([]).is_sparse());
        // the commonest comes last
        let late = |n: u32| of((0..n).map(|i| f64::from(i) + 1.0).chain([0.0; 100]));
        assert_eq!((late(19).unlike(), late(20).unlike(), late(50).unlike()), (19, 20, 20));
        assert_eq!(of((0..21).map(f64::from)).unlike(), 20);
    }
}

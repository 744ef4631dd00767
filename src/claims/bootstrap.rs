//! Statistics over resamples of bundles of runs, the same for everything that is compared.

use std::cell::OnceCell;

use super::column::Column;
use crate::stats::Resamples;

/// Whether to stop. What is worked out once that was said is not to be used.
pub(super) type Stop<'a> = dyn Fn() -> bool + Sync + 'a;

/// A statistic over all runs, and over parts of them where somebody asks.
pub(super) struct Taken<'a> {
    pub column: Column,
    pub value: f64,
    resamples: &'a Resamples,
    stop: &'a Stop<'a>,
    resampled: OnceCell<Vec<f64>>,
    without: OnceCell<Vec<f64>>,
    means: OnceCell<Vec<f64>>,
}

impl Taken<'_> {
    /// Its value over each resample; not a number where it has none.
    pub fn resampled(&self) -> &[f64] {
        let Taken { column, value, resamples, stop, .. } = self;
        let value = *value;
        self.resampled.get_or_init(|| match column.constant {
            // every resample that has a value has this one
            true => resamples.each(|_| value),
            false => resamples.each(|times| if stop() { f64::NAN } else { column.under(times) }),
        })
    }

    /// Its value without each bundle; not a number for one that is empty.
    pub fn without(&self) -> &[f64] {
        self.without.get_or_init(|| self.column.without(self.stop))
    }

    /// Its mean over each bundle; of means only.
    pub fn means(&self) -> &[f64] {
        self.means.get_or_init(|| self.column.bundle_means())
    }

    /// How resamples are drawn.
    pub fn resamples(&self) -> &Resamples {
        self.resamples
    }
}

/// Every column over all runs, to be looked at under the same resamples.
pub(super) fn taken<'a>(
    columns: Vec<Column>,
    resamples: &'a Resamples,
    stop: &'a Stop<'a>,
) -> Vec<Taken<'a>> {
    let one = |column: Column| {
        let value = column.estimate();
        let (resampled, without, means) = Default::default();
        Taken { column, value, resamples, stop, resampled, without, means }
    };
    columns.into_iter().map(one).collect()
}

//! Statistics over resamples of bundles of runs, the same for everything that is compared.

use super::column::Column;
use crate::stats::Resamples;

/// A statistic over all runs, over each resample, and without each bundle.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub column: Column,
    pub value: f64,
    /// By resample; not a number where it has no value.
    pub resampled: Vec<f64>,
    /// Without each bundle; not a number for one that is empty.
    pub without: Vec<f64>,
    /// By bundle; of means only.
    pub means: Vec<f64>,
}

/// Every column over all runs and over every resample.
pub(super) fn taken(columns: Vec<Column>, resamples: &Resamples) -> Vec<Taken> {
    let one = |column: Column| {
        let value = column.estimate();
        let resampled = match column.constant {
            // every resample that has a value has this one
            true => resamples.each(|_| value),
            false => resamples.each(|times| column.under(times)),
        };
        let (without, means) = (column.without(), column.bundle_means());
        Taken { column, value, resampled, without, means }
    };
    columns.into_iter().map(one).collect()
}

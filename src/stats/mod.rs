//! Accumulators that merge, quantiles, intervals, resampling.
//!
//! What depends on order says so and is to be fed in run order; [`Quantiles`] does not depend on
//! order at all. Nothing here draws random numbers: resampling takes its indices from a closure.

mod bootstrap;
mod histogram;
mod interval;
mod mean;
mod moments;
mod quantiles;
mod sketch;

pub use bootstrap::{Groups, RESAMPLES, bootstrap_means};
pub use histogram::{Bins, DEFAULT_BINS, common_bins};
pub use interval::{Z95, ks_critical, ks_statistic, wilson};
pub use mean::MeanIntervals;
pub use moments::{Moments, Sum};
pub use quantiles::{Quantiles, sorted_quantile};

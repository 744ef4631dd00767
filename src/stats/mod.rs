//! Accumulators that merge, quantiles, intervals, resampling.
//!
//! Every interval that any command prints is made here, once: see [`Interval`]. What depends on
//! order says so and is to be fed in run order; [`Quantiles`] does not depend on order at all.
//! Nothing here draws random numbers: resampling takes its indices from a closure.

mod bootstrap;
mod histogram;
mod interval;
mod mean;
mod moments;
mod quantiles;
mod ranks;
mod series;
mod sketch;
mod smirnov;
mod tally;

pub use bootstrap::{Groups, RESAMPLES, Resamples, bca, dot};
pub use histogram::{Bins, DEFAULT_BINS, common_bins};
pub use interval::{ALPHA, Interval, Method, Z95, tango, wilson};
pub use mean::MeanIntervals;
pub use moments::{Moments, Sum};
pub use quantiles::{Quantiles, sorted_quantile};
pub use ranks::spearman;
pub use series::{BUNDLES, Series, bundle};
pub use smirnov::{ks_critical, ks_statistic};
pub use tally::{FEW, Tally};

//! Where a condition holds.

pub use crate::api::{Discovered, GivenIndices, GivenMethod};
pub use crate::sensitivity::discover::{Chosen, Limit};
pub use crate::sensitivity::prim::Count;

//! Everything that is tested from outside, one module per concern.

mod known_numbers;
mod statistics;
mod support;
mod tidy;

//! Everything that is tested from outside, one module per concern.

mod anticipation;
mod cli;
mod diagnostics;
mod documents;
mod experiment;
mod known_numbers;
mod loading;
mod plots;
mod statistics;
mod support;
mod tidy;
mod transcripts;

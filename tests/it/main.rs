//! Everything that is tested from outside, one module per concern.

mod agreement;
mod anticipation;
mod branches;
mod claims;
mod cli;
mod diagnostics;
mod documents;
mod equilibria;
mod experiment;
mod generate;
mod known_numbers;
mod loading;
mod memory;
mod plots;
mod stage;
mod statistics;
mod study;
mod support;
mod sweep;
mod tidy;
mod transcripts;

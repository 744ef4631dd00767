//! Everything that is tested from outside, one module per concern.

mod agreement;
mod anticipation;
mod branches;
mod certificates;
mod claims;
mod cli;
mod diagnostics;
mod documents;
mod equilibria;
mod experiment;
mod fuzz;
mod generate;
mod interrupt;
mod known_numbers;
mod limits;
mod loading;
mod plots;
mod reach;
mod stage;
mod statistics;
mod study;
mod support;
mod survival;
mod sweep;
mod tidy;
mod transcripts;

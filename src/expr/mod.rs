//! The formula language: text to values.
//!
//! - [`Source`]: the text of a formula and where its characters stand in the file;
//! - [`parse()`]: text to syntax tree ([`Ast`], [`Statement`], [`Head`]);
//! - [`Compiler`]: syntax tree to compiled formula ([`Expr`]), once per binding of its indices:
//!   names resolved, conditions on names decided, aggregates written out, draws addressed;
//! - [`value`]: compiled formula to number, the one definition of every operator;
//! - [`bounds`]: compiled formula to interval, for what can be decided before a run.
//!
//! **Invariant.** A truth value is a weight between 0 and 1, and every rule for weights reduces to
//! ordinary logic at 0 and 1: reality and imagination are evaluated by the same code.

mod aggregate;
mod ast;
mod compile;
mod eval;
mod facts_of;
mod fold;
mod indices;
mod interval;
mod known;
mod names;
mod node;
mod number;
mod operation;
mod operators;
mod parse;
mod source;
mod token;

pub use ast::{
    Aggregate, Ast, Binding, Change, Chosen, Comparison, Head, Index, Kind, Operator, Statement,
    Word,
};
pub use compile::{
    Compiler, Instance, MAX_DRAWS, MAX_HEIGHT, MAX_OPERATIONS, MAX_UNITS, Role, Scope, Typed, cycle,
};
pub use eval::{Facts, Parameters, arithmetic, call, mean, quantile, truth, value};
pub use interval::{Bounds, Interval, bounds};
pub use names::{
    Act, Axis, Definition, EventName, MAX_AXES, MoveName, Names, OptionName, Quantity, RESERVED,
    Set, Shape, Symbol, combinations, taken_as,
};
pub use node::{Arithmetic, Distribution, Expr, Function, Node, Played, SeriesCell, Site, Term};
pub use number::{Number, Sum, in_round};
pub use operation::{Operation, Visit, weigh};
pub use operators::dated;
pub use parse::{MAX_DEPTH, formula as parse, head as parse_head, statement as parse_statement};
pub use source::Source;

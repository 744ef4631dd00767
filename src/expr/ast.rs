//! A formula as it is written: names not yet resolved.

use crate::diagnostic::Span;
use serde::Serialize;

/// A piece of a formula with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Ast {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// An index in brackets: a name or, in `chose[A, #tag]`, a tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The name, without the `#` of a tag.
    pub word: Word,
    /// Whether it was written as a tag.
    pub tag: bool,
    /// Where it is `argmax` or `argmin`: which element it is; the word is then that word.
    pub chosen: Option<Box<Chosen>>,
}

/// `argmax(j in set if c: key)` or `argmin`: the element with the greatest or least key.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Whether the greatest is meant.
    pub greatest: bool,
    /// What is chosen from.
    pub binding: Binding,
    /// What is compared.
    pub key: Ast,
    /// Where it stands.
    pub span: Span,
}

/// What a piece of a formula can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number.
    Number(f64),
    /// A name, with its indices if it has brackets.
    Name(Word, Option<Vec<Index>>),
    /// `outcome@variant`, in claims.
    At(Word, Word),
    /// `at('2025-01')`: the round that holds a date.
    Moment(Word),
    /// A function of arguments, `if` included.
    Call(Word, Vec<Ast>),
    /// A call and the condition of `f(x where c)`, in claims.
    Where(Box<Ast>, Box<Ast>),
    /// `-a`.
    Negate(Box<Ast>),
    /// `not a`.
    Not(Box<Ast>),
    /// Two operands and the operator between them.
    Binary(Operator, Box<Ast>, Box<Ast>),
    /// `i in group`.
    Member(Word, Word),
    /// `sum(i in set if c, ...: body)` and its kin.
    Aggregate(Aggregate, Vec<Binding>, Box<Ast>),
    /// `first(i in set if c, ... by key: body)`: bindings, key, body.
    First(Vec<Binding>, Box<Ast>, Box<Ast>),
    /// `argmax(i in set if c: key)` where an index is compared.
    Chosen(Box<Chosen>),
}

/// The operators that stand between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// A comparison.
    Compare(Comparison),
    /// `and`
    And,
    /// `or`
    Or,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `a ? b`; comparisons with not-a-number are false, except `!=`.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::AtMost => a <= b,
            Comparison::Greater => a > b,
            Comparison::AtLeast => a >= b,
        }
    }

    /// The comparison with its sides exchanged.
    pub fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::Greater => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
            same => same,
        }
    }

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// The ways to fold many values into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Sum of numbers; 0 over nothing.
    Sum,
    /// Mean of numbers; not finite over nothing.
    Mean,
    /// Least number; not finite over nothing.
    Min,
    /// Greatest number; not finite over nothing.
    Max,
    /// Whether one holds; 0 over nothing.
    Any,
    /// Whether all hold; 1 over nothing.
    All,
    /// How many hold; 0 over nothing.
    Count,
    /// Middle number, the mean of the two in the middle; not finite over nothing.
    Median,
    /// Product of numbers; 1 over nothing.
    Product,
    /// The value of the element with the least key; not finite over nothing.
    First,
}

impl Aggregate {
    /// All names, for messages; `first` also binds a key.
    pub const NAMES: &'static [&'static str] =
        &["sum", "mean", "median", "min", "max", "any", "all", "count", "product", "first"];

    /// The aggregate of that name.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "sum" => Aggregate::Sum,
            "mean" => Aggregate::Mean,
            "min" => Aggregate::Min,
            "max" => Aggregate::Max,
            "any" => Aggregate::Any,
            "all" => Aggregate::All,
            "count" => Aggregate::Count,
            "median" => Aggregate::Median,
            "product" => Aggregate::Product,
            "first" => Aggregate::First,
            _ => return None,
        })
    }
}

/// `name in set if filter`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The index it binds.
    pub name: Word,
    /// The set it runs over: `actors`, `others` or a group.
    pub set: Word,
    /// The condition under which a value takes part.
    pub filter: Option<Ast>,
}

/// How an effect changes its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `cell += formula`
    Add,
    /// `cell -= formula`
    Subtract,
    /// `cell = formula`
    Assign,
}

/// `cell += formula for j in set if c, ...`: one effect as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The name of the state.
    pub cell: Word,
    /// Its indices.
    pub indices: Vec<Index>,
    /// How it changes.
    pub change: Change,
    /// By how much, or to what.
    pub value: Ast,
    /// For which.
    pub bindings: Vec<Binding>,
}

/// The left-hand side of a definition: `name[i, j in group]`, or of a rule: `name[i, CHN]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The name.
    pub name: Word,
    /// Its indices, each a bound name (with a group, if given) or an actor.
    pub indices: Vec<(Word, Option<Word>)>,
}

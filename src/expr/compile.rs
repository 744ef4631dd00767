//! Syntax tree to compiled formula: names resolved, indices bound, aggregates written out.
//!
//! A formula is compiled once per binding of its indices. Conditions on names (`i == CHN`, `j in
//! patrons`) are decided here, before what they guard is read, so that a guarded diagonal cell is
//! never touched. Problems go to the report; a part with a problem compiles to `None`, and its
//! neighbours are still compiled, so that one pass finds every mistake of a formula.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ast::*;
use super::facts_of::FactWord;
use super::names::{Act, Names, Symbol};
use super::node::*;
use crate::diagnostic::{Code, Diagnostic, Report, Span, nearest};
use crate::ids::{CellId, ElementId};

/// How many parts all formulas of a scenario may have together.
pub const MAX_OPERATIONS: usize = 2_000_000;

/// How deep formulas may nest, derived quantities included.
pub const MAX_HEIGHT: usize = 300;

/// How many draws one unit may have: an option, a cell, an instance of an event. What addresses
/// random numbers has room for no more.
pub const MAX_DRAWS: u32 = 1 << 12;

/// How many units of a kind may draw.
pub const MAX_UNITS: u32 = 1 << 28;

/// What to do about a pair of an actor with itself.
const OWN_PAIR: &str = "leave the actor out: `k in others`, or `k in actors if k != i`";

/// What kind of formula is compiled: it decides what may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The value of a parameter.
    Parameter,
    /// The initial value of a state.
    Initial,
    /// A setting of a decision.
    Decision,
    /// A condition, cost, weight or guard: read at the start of the round.
    Ordinary,
    /// A derived quantity: it reads what its readers may read.
    Derived,
    /// An effect of a move or of an event, or a rule of the dynamics.
    Effect,
    /// The probability or condition of an event.
    Event,
    /// A payoff or `stop_when`.
    Payoff,
    /// An outcome.
    Outcome,
}

impl Role {
    /// Whether state, derived quantities, beliefs, the round and what was played last can be read.
    pub fn reads_state(self) -> bool {
        !matches!(self, Role::Parameter | Role::Initial | Role::Decision)
    }

    pub(super) fn reads_choices(self) -> bool {
        matches!(self, Role::Effect | Role::Event) || self.reads_events()
    }

    pub(super) fn reads_events(self) -> bool {
        matches!(self, Role::Payoff) || self.reads_utilities()
    }

    pub(super) fn reads_utilities(self) -> bool {
        matches!(self, Role::Outcome | Role::Derived)
    }

    pub(super) fn draws(self) -> bool {
        matches!(self, Role::Initial | Role::Effect)
    }

    /// How the place is called in a message.
    pub(super) fn words(self) -> &'static str {
        match self {
            Role::Parameter => "the value of a parameter",
            Role::Initial => "an initial value",
            Role::Decision => "a setting of a decision",
            Role::Ordinary => "a condition, cost or weight",
            Role::Derived => "a derived quantity",
            Role::Effect => "an effect or a rule of the dynamics",
            Role::Event => "the probability or condition of an event",
            Role::Payoff => "a payoff or `stop_when`",
            Role::Outcome => "an outcome",
        }
    }
}

/// What is bound where a formula is compiled, and where its draws are addressed.
#[derive(Debug, Clone)]
pub struct Scope {
    /// What kind of formula it is.
    pub role: Role,
    /// Index names and what they stand for, `self` and `target` among them.
    pub bound: Vec<(String, ElementId)>,
    /// The unit whose draws these are.
    pub unit: u32,
    /// How many draws the unit has so far.
    pub ordinal: u32,
    /// In which stage of a round it is read, from 0: what was chosen in earlier ones is known.
    pub stage: usize,
    /// What `self` chooses, where a joint option is judged.
    pub acts: Option<Vec<Act>>,
}

impl Scope {
    /// Nothing bound, unit 0.
    pub fn new(role: Role) -> Self {
        Scope { role, bound: Vec::new(), unit: 0, ordinal: 0, stage: 0, acts: None }
    }

    /// The same with one more name bound.
    #[must_use]
    pub fn with(mut self, name: &str, element: impl Into<ElementId>) -> Self {
        self.bound.push((name.to_string(), element.into()));
        self
    }

    /// The same for another unit of draws.
    #[must_use]
    pub fn unit(mut self, unit: usize) -> Self {
        self.unit = u32::try_from(unit).unwrap_or(u32::MAX);
        self.ordinal = 0;
        self
    }

    /// The same for a stage of a round.
    #[must_use]
    pub fn stage(mut self, stage: usize) -> Self {
        self.stage = stage;
        self
    }

    /// The same where `self` chooses this.
    #[must_use]
    pub fn choosing(mut self, acts: &[Act]) -> Self {
        self.acts = Some(acts.to_vec());
        self
    }

    pub(super) fn lookup(&self, name: &str) -> Option<ElementId> {
        self.bound.iter().rev().find(|(n, _)| n == name).map(|(_, element)| *element)
    }
}

/// A compiled formula and what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The formula.
    pub expr: Expr,
    /// Whether it is a truth value.
    pub truth: bool,
    /// Whether it is free of state and of what is played or happens.
    pub free: bool,
    /// How deep it nests.
    pub height: usize,
}

/// A derived quantity at given indices.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Which derived quantity.
    pub definition: usize,
    /// At which actors.
    pub at: Vec<ElementId>,
    /// Its formula; `None` while it is compiled, or when it could not be.
    pub compiled: Option<Typed>,
    /// Whether compiling it has ended.
    pub done: bool,
    /// What it reads, itself or through others, that is known only later in a round: the word, and
    /// where it stands.
    pub(super) later: Vec<(FactWord, Span)>,
}

/// Compiles the formulas of one scenario.
#[derive(Debug)]
pub struct Compiler<'a> {
    /// What names stand for.
    pub names: &'a Names,
    /// Where problems go.
    pub report: Report,
    /// The derived quantities used so far, in the order of first use: what an instance reads may
    /// stand before or behind it.
    pub pool: Vec<Instance>,
    index: BTreeMap<(usize, Vec<ElementId>), usize>,
    pub(super) operations: usize,
    /// By derived quantity, how many parts its instances have.
    spent: Vec<usize>,
    /// The derived quantity that is compiled.
    current: Option<usize>,
    /// Where there was no room for more, here or in a compiler before.
    pub full: Option<Span>,
}

impl<'a> Compiler<'a> {
    /// A compiler without formulas.
    pub fn new(names: &'a Names) -> Self {
        Compiler {
            names,
            report: Report::default(),
            pool: Vec::new(),
            index: BTreeMap::new(),
            operations: 0,
            spent: vec![0; names.derived.len()],
            current: None,
            full: None,
        }
    }

    /// Compiles a formula whose value is used as a number; a truth value counts as 0 or 1.
    pub fn number(&mut self, ast: &Ast, scope: &mut Scope) -> Option<Expr> {
        self.compile(ast, scope).map(|t| t.expr)
    }

    /// Compiles a formula whose value is used as a truth value.
    pub fn truth(&mut self, ast: &Ast, scope: &mut Scope) -> Option<Expr> {
        self.truth_typed(ast, scope).map(|t| t.expr)
    }

    pub(super) fn error(
        &mut self,
        code: Code,
        span: Span,
        text: impl Into<String>,
    ) -> Option<Typed> {
        self.report.push(Diagnostic::new(code, span, text));
        None
    }

    pub(super) fn truth_typed(&mut self, ast: &Ast, scope: &mut Scope) -> Option<Typed> {
        let found = self.compile(ast, scope)?;
        if found.truth {
            return Some(found);
        }
        let (code, text) = (Code::NumberAsTruth, "this is a number, not a truth value");
        let help = match &ast.kind {
            Kind::Name(word, None) => format!("perhaps `{} > 0` is meant", word.text),
            Kind::Name(word, Some(list)) => {
                let list: Vec<&str> = list.iter().map(|i| i.word.text.as_str()).collect();
                format!("perhaps `{}[{}] > 0` is meant", word.text, list.join(", "))
            }
            _ => "compare it with something: `... > 0`".to_string(),
        };
        self.report.push(Diagnostic::new(code, ast.span, text).help(help));
        None
    }

    /// Compiles a formula of either kind.
    pub fn compile(&mut self, ast: &Ast, scope: &mut Scope) -> Option<Typed> {
        self.operations += 1;
        self.current.into_iter().for_each(|k| self.spent[k] += 1);
        if self.operations > MAX_OPERATIONS {
            return self.no_room(ast.span);
        }
        let found = match &ast.kind {
            Kind::Number(value) => self.leaf(Node::Number(*value), ast.span, false, true),
            Kind::Name(word, None) => self.name(word, scope)?,
            Kind::Name(word, Some(list)) => self.indexed(word, list, ast.span, scope)?,
            Kind::At(_, variant) => {
                let text = "`@` takes an outcome of another variant, in claims only";
                return self.error(Code::IllegalPlace, variant.span, text);
            }
            Kind::Moment(text) => self.moment(text, ast.span)?,
            Kind::Call(word, list) => self.call(word, list, ast.span, scope)?,
            Kind::Where(_, condition) => {
                let text = "`where` stands in the statistics of claims only";
                return self.error(Code::IllegalPlace, condition.span, text);
            }
            Kind::Negate(inner) => {
                let a = self.compile(inner, scope)?;
                match a.expr.decided() {
                    Some(value) => self.leaf(Node::Number(-value), ast.span, false, true),
                    None => {
                        self.over(ast.span, false, &[&a], Node::Negate(Box::new(a.expr.clone())))
                    }
                }
            }
            Kind::Not(inner) => {
                let a = self.truth_typed(inner, scope)?;
                match a.expr.decided() {
                    Some(value) => self.leaf(Node::Number(1.0 - value), ast.span, true, true),
                    None => self.over(ast.span, true, &[&a], Node::Not(Box::new(a.expr.clone()))),
                }
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, scope)?,
            Kind::Member(index, group) => self.member(index, group, ast.span, scope)?,
            Kind::Aggregate(how, bindings, body) => {
                self.aggregate(*how, bindings, None, body, ast.span, scope)?
            }
            Kind::First(bindings, key, body) => {
                self.aggregate(Aggregate::First, bindings, Some(key), body, ast.span, scope)?
            }
            Kind::Chosen(chosen) if self.counts(&chosen.binding.set) => {
                let named = &mut |name: Word| Ast { span: name.span, kind: Kind::Name(name, None) };
                self.chosen(chosen, ast.span, scope, named)?
            }
            Kind::Chosen(chosen) => {
                let word = if chosen.greatest { "argmax" } else { "argmin" };
                let text = format!("`{word}` is an index, not a number");
                let help = format!("write `x[{word}(j in S: f)]`, or compare it with an index");
                self.report.push(Diagnostic::new(Code::WrongIndices, ast.span, text).help(help));
                return None;
            }
        };
        if found.height > MAX_HEIGHT { self.too_high(ast.span) } else { Some(found) }
    }

    /// A formula nests too deeply with all that it reads.
    fn too_high(&mut self, span: Span) -> Option<Typed> {
        let open = self.pool.iter().rev().find(|instance| !instance.done);
        let what = open.map_or_else(
            || "this formula".to_string(),
            |i| format!("`{}`", self.names.label(&self.names.derived[i.definition].name, &i.at)),
        );
        let text = format!("{what} nests more than {MAX_HEIGHT} deep with all that it reads");
        let help = "shorten the chain of definitions that read one another";
        self.report.push(Diagnostic::new(Code::Limit, span, text).help(help));
        None
    }

    /// The formulas have more parts than there may be: where, and what takes most of them.
    fn no_room(&mut self, span: Span) -> Option<Typed> {
        let span = *self.full.get_or_insert(span);
        let text =
            format!("the formulas of a scenario may have {MAX_OPERATIONS} parts written out");
        let most = self.spent.iter().enumerate().max_by_key(|(k, parts)| (**parts, Reverse(*k)));
        let help = match most.filter(|(_, parts)| **parts > MAX_OPERATIONS / 2) {
            Some((k, parts)) => format!(
                "{parts} of them are those of `{}`, written out for every index: nest fewer \
                 aggregates in it, or name a part that needs fewer indices in [derived]",
                self.names.derived[k].name
            ),
            None => "fewer actors, targets or nested aggregates".to_string(),
        };
        self.report.push(Diagnostic::new(Code::Limit, span, text).help(help));
        None
    }

    pub(super) fn leaf(&self, node: Node, span: Span, truth: bool, free: bool) -> Typed {
        Typed { expr: Expr { node, span }, truth, free, height: 1 }
    }

    pub(super) fn over(&self, span: Span, truth: bool, parts: &[&Typed], node: Node) -> Typed {
        Typed {
            expr: Expr { node, span },
            truth,
            free: parts.iter().all(|p| p.free),
            height: 1 + parts.iter().map(|p| p.height).max().unwrap_or(0),
        }
    }

    fn name(&mut self, word: &Word, scope: &mut Scope) -> Option<Typed> {
        let span = word.span;
        let facts = |c: &mut Self, node| {
            if scope.role.reads_state() {
                Some(c.leaf(node, span, false, true))
            } else {
                let text = format!("`{}` cannot stand in {}", word.text, scope.role.words());
                c.error(Code::IllegalPlace, span, text)
            }
        };
        match word.text.as_str() {
            "pi" => return Some(self.leaf(Node::Number(std::f64::consts::PI), span, false, true)),
            "round" => return facts(self, Node::Round),
            "rounds" => return facts(self, Node::Rounds),
            _ => {}
        }
        if FactWord::named(&word.text).is_some() {
            let text = format!("`{}` needs indices in square brackets", word.text);
            return self.error(Code::WrongIndices, span, text);
        }
        if let Some(element) = scope.lookup(&word.text) {
            return self.as_number(word, element);
        }
        if self.names.actor(&word.text).is_some() {
            let text = format!("`{}` is an actor, not a number", word.text);
            return self.error(Code::WrongIndices, span, text);
        }
        self.quantity(word, &[], span, scope)
    }

    fn indexed(
        &mut self,
        word: &Word,
        list: &[Index],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        if let Some(at) = list.iter().position(|i| i.chosen.is_some()) {
            return self.indexed_by_chosen(word, list, at, span, scope);
        }
        if let Some(fact) = FactWord::named(&word.text) {
            return self.fact(fact, word, list, span, scope);
        }
        if let Some(index) = list.iter().find(|i| i.tag) {
            let text = "a tag has a meaning in `chose[A, #tag]` only";
            return self.error(Code::WrongIndices, index.word.span, text);
        }
        let words: Vec<Word> = list.iter().map(|i| i.word.clone()).collect();
        let built_in = matches!(word.text.as_str(), "place" | "value");
        if built_in && !self.names.symbols.contains_key(&word.text) {
            return self.of_element(word, &words, span, scope);
        }
        self.quantity(word, &words, span, scope)
    }

    /// A parameter, state or derived quantity.
    fn quantity(
        &mut self,
        word: &Word,
        indices: &[Word],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let names = self.names;
        let symbol = match names.symbols.get(&word.text) {
            Some(Symbol::Group(_)) => {
                let text = format!("`{}` is a group, not a number", word.text);
                return self.error(Code::WrongIndices, word.span, text);
            }
            Some(Symbol::Set(_)) => {
                let text = format!("`{}` is a set, not a number", word.text);
                return self.error(Code::WrongIndices, word.span, text);
            }
            Some(Symbol::Actor(_)) => {
                let text = format!("`{}` is an actor, not a quantity", word.text);
                return self.error(Code::WrongIndices, word.span, text);
            }
            Some(symbol) => *symbol,
            None => return self.unknown(word, indices),
        };
        let axes = match symbol {
            Symbol::Parameter(k) => names.parameters[k].shape.axes(),
            Symbol::State(k) => names.states[k].shape.axes(),
            Symbol::Series(k) => names.series[k].shape.axes(),
            Symbol::Derived(k) => names.derived[k].indices.iter().map(|(_, axis)| *axis).collect(),
            _ => Vec::new(),
        };
        let reads = matches!(symbol, Symbol::Parameter(_)) || scope.role.reads_state();
        if !reads {
            let text = format!("`{}` cannot stand in {}", word.text, scope.role.words());
            return self.error(Code::IllegalPlace, word.span, text);
        }
        if indices.len() != axes.len() {
            let text = format!(
                "`{}` takes {}, found {}",
                word.text,
                plural(axes.len(), "index", "indices"),
                indices.len()
            );
            return self.error(Code::WrongIndices, span, text);
        }
        let at = self.elements(indices, &axes, scope)?;
        match symbol {
            Symbol::Parameter(k) => {
                let cell = self.cell(names.parameters[k].shape, &at, &word.text, span, OWN_PAIR)?;
                let node = Node::Parameter(names.parameters[k].first + cell);
                Some(self.leaf(node, span, false, true))
            }
            Symbol::State(k) => {
                let cell = self.cell(names.states[k].shape, &at, &word.text, span, OWN_PAIR)?;
                let node = Node::State(CellId::new(names.states[k].first + cell));
                Some(self.leaf(node, span, names.states[k].flag, false))
            }
            Symbol::Series(k) => {
                let cell = self.cell(names.series[k].shape, &at, &word.text, span, OWN_PAIR)?;
                let cell = names.series[k].first + cell;
                let values = names.series_values.get(cell)?.clone();
                Some(self.leaf(Node::Series(SeriesCell { cell, values }), span, false, true))
            }
            Symbol::Derived(k) => self.derived(k, &at, indices, span, scope),
            _ => None,
        }
    }

    fn unknown(&mut self, word: &Word, indices: &[Word]) -> Option<Typed> {
        let index = matches!(word.text.as_str(), "self" | "target" | "target2" | "i" | "j");
        if index && indices.is_empty() {
            let text = format!("`{}` is not bound here", word.text);
            return self.error(Code::UnboundIndex, word.span, text);
        }
        let help = if Function::named(&word.text).is_some() {
            Some(format!("a function takes round brackets: `{}(...)`", word.text))
        } else {
            nearest(&word.text, self.names.known().chain(["round", "rounds"]))
        };
        let text = format!("there is no parameter, state or derived quantity `{}`", word.text);
        self.report.push(Diagnostic::new(Code::UnknownName, word.span, text).help_if(help));
        None
    }

    fn derived(
        &mut self,
        k: usize,
        at: &[ElementId],
        indices: &[Word],
        span: Span,
        scope: &Scope,
    ) -> Option<Typed> {
        let names = self.names;
        let indexed = names.derived[k].indices.iter().zip(at.iter().zip(indices));
        for ((_, axis), (element, word)) in indexed {
            if axis.place(names, *element).is_none() {
                let text = format!(
                    "`{}` is defined for the group `{}` only, and {} is not in it",
                    names.derived[k].name,
                    axis.word(names),
                    names.element(*element)
                );
                return self.error(Code::WrongIndices, word.span, text);
            }
        }
        let id = self.instance(k, at)?;
        if !self.pool[id].done {
            // instances that are begun and not ended read each other in order
            let open = self.pool[id..].iter().filter(|i| !i.done);
            let labels: Vec<String> =
                open.map(|i| names.label(&names.derived[i.definition].name, &i.at)).collect();
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            return self.error(Code::Cycle, span, cycle(&labels));
        }
        self.readable(id, span, scope)?;
        let (truth, free, height) = match &self.pool[id].compiled {
            Some(t) => (t.truth, t.free, t.height + 1),
            None => return None,
        };
        Some(Typed { expr: Expr { node: Node::Derived(id), span }, truth, free, height })
    }

    /// The instance of a derived quantity at these actors, compiled when first asked for.
    pub fn instance(&mut self, k: usize, at: &[ElementId]) -> Option<usize> {
        let key = (k, at.to_vec());
        if let Some(id) = self.index.get(&key) {
            return Some(*id);
        }
        let id = self.pool.len();
        let at = at.to_vec();
        self.pool.push(Instance {
            definition: k,
            at: at.clone(),
            compiled: None,
            done: false,
            later: Vec::new(),
        });
        self.index.insert(key, id);
        let names = self.names;
        let definition = &names.derived[k];
        let mut scope = Scope::new(Role::Derived);
        for ((name, _), element) in definition.indices.iter().zip(at) {
            scope = scope.with(name, element);
        }
        let outer = self.current.replace(k);
        let compiled = definition.ast.as_ref().and_then(|ast| self.compile(ast, &mut scope));
        self.current = outer;
        if let Some(compiled) = &compiled {
            self.pool[id].later = self.later(&compiled.expr);
        }
        self.pool[id].compiled = compiled;
        self.pool[id].done = true;
        Some(id)
    }
}

/// Definitions that read each other in a circle, in words: the path from the first back to it.
pub fn cycle(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let first = names.first().copied().unwrap_or_default();
    let mut text = format!("`{first}` is defined through itself");
    if names.len() < 2 {
        return text;
    }
    let next = names.iter().skip(1).chain([&first]);
    for (number, (name, read)) in names.iter().zip(next).enumerate() {
        if number == SHOWN {
            text.push_str(&format!(", and so on through {} more", names.len() - SHOWN));
            break;
        }
        text.push_str(if number == 0 { ": " } else { ", " });
        text.push_str(&format!("{name} reads {read}"));
    }
    text
}

pub(super) fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

//! Games without a last round: what a state is, which scenarios have one, and what is found there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::iter::once;

use super::{
    ActorId, Anticipation, Arm, CellId, Choice, Effect, HazardId, Level0, Model, OptionId,
    Reasoning, STATIONARY,
};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Expr, Node, Parameters, value};

/// The most states of a game without a last round.
pub const MARKOV_STATES: usize = 100_000;
/// The most ways to leave its states, over all of them.
pub const MARKOV_WAYS: usize = 2_000_000;
/// The most steps towards its equilibrium.
pub const MARKOV_STEPS: u32 = 10_000;

/// What the future of a game depends on: cells that choices, chances or payoffs read, directly or
/// through rules and effects; options and events that are read as those of the round before; events
/// that happen once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Cells.
    pub cells: Vec<CellId>,
    /// Options.
    pub played: Vec<OptionId>,
    /// Instances of events of which it matters whether they happened last.
    pub happened: Vec<HazardId>,
    /// Instances of events that happen once.
    pub spent: Vec<HazardId>,
}

impl Carried {
    /// How many numbers a state has.
    pub fn len(&self) -> usize {
        self.cells.len() + self.played.len() + self.happened.len() + self.spent.len()
    }

    /// Whether nothing is carried from round to round.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A stationary logit Markov equilibrium: mixes and values at every state that can be reached.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Markov {
    /// What a state is.
    pub carried: Carried,
    /// The number of a state, by the bits of its numbers in the order of [`Carried`].
    pub states: BTreeMap<Box<[u64]>, usize>,
    /// By state its numbers; the first is where runs begin.
    pub numbers: Vec<Vec<f64>>,
    /// By state, the probability of every option.
    pub mixes: Vec<Vec<f64>>,
    /// By state and actor, the discounted utility from there on.
    pub values: Vec<Vec<f64>>,
    /// By state, how likely each next state is; what is missing to 1 ends the run.
    pub next: Vec<Vec<(usize, f64)>>,
    /// The greatest change of a mix or a value in another step.
    pub residual: f64,
    /// How many steps were taken.
    pub steps: u32,
}

impl Markov {
    /// Where play spends its time in the long run. Steps stop where no share changes by more than
    /// 10⁻¹³, or after so many that some seconds have passed.
    pub fn long_run(&self) -> LongRun {
        const WORK: usize = 1_000_000_000;
        let ways: usize = self.next.iter().map(|ways| ways.len() + 1).sum();
        let mut now = vec![0.0; self.next.len()];
        if let Some(first) = now.first_mut() {
            *first = 1.0;
        }
        let (mut visits, mut drift) = (now.clone(), 0.0);
        for _ in 0..(WORK / ways.max(1)).min(1_000_000) {
            // half a step: the same limit, and no circles
            let mut moved: Vec<f64> = now.iter().map(|p| 0.5 * p).collect();
            for (from, ways) in self.next.iter().enumerate() {
                for (to, weight) in ways {
                    moved[*to] += 0.5 * now[from] * weight;
                }
            }
            drift = now.iter().zip(&moved).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            now = moved;
            visits.iter_mut().zip(&now).for_each(|(sum, p)| *sum += p);
            if drift <= 1e-13 {
                break;
            }
        }
        let left: f64 = now.iter().sum();
        // what is left of runs that all end is rounding: the rounds until then count
        let counted = if left > 1e-9 { now } else { visits };
        let all: f64 = counted.iter().sum();
        let shares = counted.iter().map(|p| p / all).collect();
        LongRun { shares, ended: if 1.0 - left > 1e-9 { 1.0 - left } else { 0.0 }, drift }
    }
}

/// Where play spends its time in the long run.
#[derive(Debug, Clone, PartialEq)]
pub struct LongRun {
    /// By state, the share of rounds that begin there, of runs that have not ended; where all runs
    /// end, of the rounds until then. Of a chain that goes round in circles the mean over a circle.
    pub shares: Vec<f64>,
    /// The share of runs that have ended; less than 10⁻⁹ is none.
    pub ended: f64,
    /// The greatest change of a share in the last step.
    pub drift: f64,
}

/// Why a game without a last round is not solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkovError {
    /// There are more states than [`MARKOV_STATES`].
    States,
    /// There are more ways to leave them than [`MARKOV_WAYS`].
    Ways,
    /// A flag or a condition holds with a fraction at a state.
    Fraction,
    /// Something at a state is not a finite number.
    NotFinite,
    /// After so many steps the residual, given as bits, is still too large.
    Residual(u64),
    /// Somebody asked to stop.
    Stopped,
}

impl fmt::Display for MarkovError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`foresight = \"stationary\"`: ")?;
        match self {
            MarkovError::States => write!(
                f,
                "more than {MARKOV_STATES} states can be reached; let cells move on a finite grid \
                 and within ranges, or use a number of rounds"
            ),
            MarkovError::Ways => write!(
                f,
                "states can be left in more than {MARKOV_WAYS} ways; use fewer options and events, \
                 or a number of rounds"
            ),
            MarkovError::Fraction => f.write_str(
                "a condition holds with a fraction at some state; give flags whole truth values",
            ),
            MarkovError::NotFinite => {
                f.write_str("a payoff or a cell is not a finite number at some state")
            }
            MarkovError::Residual(bits) => write!(
                f,
                "no equilibrium was found from 0 in {MARKOV_STEPS} steps (residual {:.1e}); use a \
                 smaller `discount` or `precision`",
                f64::from_bits(*bits)
            ),
            MarkovError::Stopped => f.write_str("stopped while it was solved"),
        }
    }
}

impl std::error::Error for MarkovError {}

impl Arm {
    /// Whether somebody looks ahead without end.
    pub fn is_stationary(&self) -> bool {
        self.decisions.iter().any(|d| d.deliberates() && d.foresight == STATIONARY)
    }
}

/// All formulas that the future depends on, and what it carries from round to round.
pub fn carried<'a>(model: &'a Model, arm: &'a Arm) -> (Carried, Vec<&'a Expr>) {
    let hazards = model.hazards.enumerate().filter(|(id, _)| happens(model, arm, *id));
    let mut open = roots(model, arm);
    let (mut carried, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let (mut played, mut happened) = (BTreeSet::new(), BTreeSet::new());
    let mut derived = BTreeSet::new();
    let mut formulas = Vec::new();
    while let Some((formula, late)) = open.pop() {
        formulas.push(formula);
        let mut read = Vec::new();
        formula.walk(&mut |part| match &part.node {
            Node::State(cell) => read.push(*cell),
            Node::Derived(instance) if derived.insert((*instance, late)) => {
                open.extend(model.derived.get(*instance).map(|d| (&d.value, late)));
            }
            Node::Chose(chosen) if chosen.last => {
                played.extend(chosen.seats.iter().flatten().copied());
            }
            Node::Happened(list, true) => happened.extend(list.iter().copied()),
            _ => {}
        });
        for cell in read {
            let rule = &model.cells[cell].next;
            // what a rule writes anew before it is read is not carried
            let anew = late && rule.is_some();
            if !seen.insert((cell, anew)) {
                continue;
            }
            open.extend(rule.iter().map(|rule| (rule, false)));
            let of = |effects: &'a [Effect], late: bool| {
                let effects = effects.iter().filter(move |effect| effect.cell == cell);
                effects.flat_map(|e| once(&e.value).chain(&e.filter)).map(move |e| (e, late))
            };
            open.extend(hazards.clone().flat_map(|(_, hazard)| of(&hazard.effects, true)));
            if !anew {
                carried.insert(cell);
                open.push((&arm.initial[cell], false));
                open.extend(options(model, arm).flat_map(|option| of(&option.effects, false)));
            }
        }
    }
    let spent = hazards.filter(|(_, hazard)| model.events[hazard.event].once);
    let carried = Carried {
        cells: carried.into_iter().collect(),
        played: played.into_iter().collect(),
        happened: happened.into_iter().collect(),
        spent: spent.map(|(id, _)| id).collect(),
    };
    (carried, formulas)
}

/// The options that an arm has.
fn options<'a>(model: &'a Model, arm: &'a Arm) -> impl Iterator<Item = &'a Choice> {
    let all = model.options.enumerate().filter(|(id, _)| !arm.disabled_options[*id]);
    all.map(|(_, option)| option)
}

/// Whether an instance of an event can happen in an arm.
fn happens(model: &Model, arm: &Arm, hazard: HazardId) -> bool {
    model.hazards[hazard].probability.is_some() && !arm.disabled_hazards[hazard]
}

/// What choices, chances, payoffs and the end of runs read, with whether that is read after
/// dynamics.
fn roots<'a>(model: &'a Model, arm: &'a Arm) -> Vec<(&'a Expr, bool)> {
    let mut early: Vec<&Expr> = Vec::new();
    for option in options(model, arm) {
        early.extend(option.when.iter().chain(option.costs.iter().map(|(_, cost)| cost)));
    }
    for (actor, decision) in arm.decisions.enumerate() {
        let Some(policy) = decision.policy.map(|p| &model.policies[p]) else { continue };
        early.extend(&policy.error[actor]);
        for line in &policy.lines {
            early.extend(line.guard[actor].condition().into_iter().chain(&line.share[actor]));
        }
    }
    let mut late: Vec<&Expr> = Vec::new();
    for (_, hazard) in model.hazards.enumerate().filter(|(id, _)| happens(model, arm, *id)) {
        late.extend(hazard.when.iter().chain(&hazard.probability));
    }
    late.extend(model.payoffs.iter().flatten().flat_map(|p| [&p.value, &p.weight]));
    late.extend(&model.stop_when);
    let early = early.into_iter().map(|formula| (formula, false));
    early.chain(late.into_iter().map(|formula| (formula, true))).collect()
}

/// Why an arm in which somebody looks ahead without end cannot be one, if so.
pub(super) fn unfit(model: &Model, arm: &Arm) -> Option<Diagnostic> {
    if !arm.is_stationary() {
        return None;
    }
    let complain = |span: Span, text: String, help: &str| {
        let text = format!("`foresight = \"stationary\"` {text}");
        Some(Diagnostic::new(Code::Decision, span, text).help(help))
    };
    let plays = |actor: ActorId| model.seats_of(actor).any(|s| model.seats[s].options().len() > 1);
    let seats = arm.decisions.enumerate().filter(|(actor, d)| d.deliberates() && plays(*actor));
    for (actor, decision) in seats {
        let name = &model.names.actors[actor];
        let lacks = |what: &str| format!("needs {what} of all who value options; {name} lacks it");
        if decision.foresight != STATIONARY {
            let text = format!("does not go with a number of rounds, which {name} looks ahead");
            return complain(Span::default(), text, "let all who value options look ahead alike");
        }
        if decision.anticipation != Anticipation::Exact {
            let text = lacks("exact anticipation");
            return complain(Span::default(), text, "add `anticipation = \"exact\"`");
        }
        if decision.reasoning != Reasoning::Equilibrium {
            let text = lacks("reasoning in equilibrium");
            return complain(Span::default(), text, "add `reasoning = \"equilibrium\"`");
        }
        let factor = decision.discount.as_ref().map(|d| value(d, &Parameters(&arm.parameters)));
        if factor.is_none_or(|factor| factor >= 1.0) {
            let span = decision.discount.as_ref().map_or(Span::default(), |d| d.span);
            let text = lacks("a discount below 1");
            return complain(span, text, "add `discount = 0.9`, or another factor below 1");
        }
    }
    if let Some(later) = model.moves.iter().find(|action| action.stage > 1) {
        let help = "leave `stage` out, or use a number of rounds";
        return complain(later.span, "does not go with rounds in stages".into(), help);
    }
    if let Some(private) = model.private.first() {
        let text =
            format!("does not go with types, which {} has", model.names.actors[private.actor]);
        return complain(private.span, text, "use a number of rounds, or leave types out");
    }
    if arm.decisions.iter().any(|d| d.level0 == Level0::Last) {
        let help = "use `level0 = \"uniform\"`";
        return complain(Span::default(), "does not go with `level0 = \"last\"`".into(), help);
    }
    let help = "keep what changes in state that takes finitely many values";
    carried(model, arm).1.into_iter().find_map(|formula| {
        let mut found = None;
        formula.walk(&mut |part| {
            let what = match &part.node {
                Node::Round | Node::Rounds => "the number of the round",
                Node::Series(_) => "a series, which follows the round,",
                Node::Draw(..) => "a draw",
                _ => return,
            };
            found.get_or_insert((part.span, what));
        });
        let (span, what) = found?;
        complain(span, format!("does not go with {what} in what the future depends on"), help)
    })
}

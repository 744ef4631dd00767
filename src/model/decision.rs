//! How actors choose: settings as a file gives them, and as they hold for an actor.

use super::{ActorId, Dissimilarity, IndexVec, Nest, Nests};
use crate::expr::{Expr, Function, call};

/// No play is taken as proof when beliefs are updated: a likelihood is never below this.
pub const LIKELIHOOD_FLOOR: f64 = 1e-12;
/// The residual at which an equilibrium is taken to be reached.
pub const CONVERGED: f64 = 1e-10;
/// A foresight without end, beyond any number of rounds.
pub const STATIONARY: u32 = u32::MAX;
/// The most steps towards an equilibrium.
pub const STEPS: u32 = 5_000;
/// After so many steps towards an equilibrium the step is halved.
pub const HALVING: u32 = 500;

/// Levels of Poisson reasoning: probability by level, the tail on the last.
///
/// Levels go up to where the distribution reaches 1 − 10⁻⁹, at most 20 (Camerer, Ho and Chong
/// 2004 truncate likewise).
pub fn poisson_levels(mean: f64) -> Vec<f64> {
    let mut shares = Vec::new();
    let mut term = call(Function::Exp, std::iter::once(-mean));
    let mut below = 0.0;
    for level in 0..=20_u32 {
        if level == 20 || below + term >= 1.0 - 1e-9 {
            shares.push(1.0 - below);
            break;
        }
        shares.push(term);
        below += term;
        term = term * mean / f64::from(level + 1);
    }
    shares
}

/// How utilities become a mix over options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Probability proportional to exp(precision · utility).
    Logit,
    /// The same where options of a nest resemble each other.
    NestedLogit,
    /// Uniform over the options of greatest utility.
    BestResponse,
    /// Uniform over available options.
    Random,
    /// A guarded list of moves.
    Policy,
}

impl Rule {
    /// All rules with their words.
    pub const ALL: &'static [(&'static str, Rule)] = &[
        ("logit", Rule::Logit),
        ("nested_logit", Rule::NestedLogit),
        ("best_response", Rule::BestResponse),
        ("random", Rule::Random),
        ("policy", Rule::Policy),
    ];

    /// As it is written in a file.
    pub fn word(self) -> &'static str {
        Rule::ALL.iter().find(|(_, r)| *r == self).map_or("logit", |(w, _)| w)
    }
}

/// How an actor thinks about how others think.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reasoning {
    /// Level k replies to level k − 1.
    Level(u32),
    /// A level drawn once a run from a Poisson distribution of this mean.
    Poisson(f64),
    /// A mutual reply.
    Equilibrium,
}

/// How play is predicted without thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level0 {
    /// Uniform over options.
    Uniform,
    /// Uniform over moves, then over targets.
    Moves,
    /// As last played.
    Last,
}

impl Level0 {
    /// All choices with their words.
    pub const ALL: &'static [(&'static str, Level0)] =
        &[("uniform", Level0::Uniform), ("moves", Level0::Moves), ("last", Level0::Last)];
}

/// How chance and others enter an imagined round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anticipation {
    /// One imagined round of weights and means.
    Mean,
    /// Every joint option and every joint event as a branch.
    Exact,
}

impl Anticipation {
    /// All choices with their words.
    pub const ALL: &'static [(&'static str, Anticipation)] =
        &[("mean", Anticipation::Mean), ("exact", Anticipation::Exact)];
}

/// A formula over parameters of `self`, compiled for each actor it holds for.
pub type ByActor = IndexVec<ActorId, Option<Expr>>;

/// One setting of `[decision]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// `rule`
    Rule(Rule),
    /// `precision`: a formula over parameters, compiled for each actor (1 / utility).
    Precision(ByActor),
    /// `nests`
    Nests(Nests),
    /// `mu`: by nest (`None`: all others) a formula over parameters, compiled for each actor.
    Dissimilarity(Vec<(Option<Nest>, ByActor)>),
    /// `reasoning`
    Reasoning(Reasoning),
    /// `level0`
    Level0(Level0),
    /// `foresight` (rounds, at least 1; or [`STATIONARY`])
    Foresight(u32),
    /// `discount`: a factor a round in \[0, 1\]; a formula over parameters, by actor.
    Discount(ByActor),
    /// `anticipation`
    Anticipation(Anticipation),
    /// `hold`
    Hold(bool),
    /// `policy`, by number.
    Policy(usize),
}

/// A setting, for everybody or for one actor; an actor's own setting wins.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionItem {
    /// The actor; `None` is the common setting.
    pub actor: Option<ActorId>,
    /// What is set.
    pub setting: Setting,
}

/// How one actor chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Utilities to mix.
    pub rule: Rule,
    /// 1 / utility; present for logit, nested or not.
    pub precision: Option<Expr>,
    /// By what options are alike; for nested logit.
    pub nests: Nests,
    /// How unlike the options of nests are; for nested logit.
    pub dissimilarity: Vec<Dissimilarity>,
    /// How deep.
    pub reasoning: Reasoning,
    /// From where.
    pub level0: Level0,
    /// How many rounds ahead, this one included; [`STATIONARY`]: without end.
    pub foresight: u32,
    /// Weight of the next round relative to this one; absent: 1.
    pub discount: Option<Expr>,
    /// How others and chance are imagined.
    pub anticipation: Anticipation,
    /// Whether `hold` is always an option.
    pub hold: bool,
    /// The policy, by number.
    pub policy: Option<usize>,
}

impl Default for Decision {
    fn default() -> Self {
        Decision {
            rule: Rule::Logit,
            precision: None,
            nests: Nests::Moves,
            dissimilarity: Vec::new(),
            reasoning: Reasoning::Level(1),
            level0: Level0::Uniform,
            foresight: 1,
            discount: None,
            anticipation: Anticipation::Mean,
            hold: true,
            policy: None,
        }
    }
}

impl Decision {
    /// The settings that hold for an actor: common ones in order, then its own in order.
    pub fn of(actor: ActorId, items: &[DecisionItem]) -> Decision {
        let mut decision = Decision::default();
        let common = items.iter().filter(|i| i.actor.is_none());
        let own = items.iter().filter(|i| i.actor == Some(actor));
        for item in common.chain(own) {
            match &item.setting {
                Setting::Rule(rule) => decision.rule = *rule,
                Setting::Precision(by) => decision.precision = by.get(actor).cloned().flatten(),
                Setting::Nests(nests) => decision.nests = *nests,
                Setting::Dissimilarity(list) => {
                    let of = |(nest, by): &(Option<Nest>, ByActor)| {
                        let value = by.get(actor).cloned().flatten()?;
                        Some(Dissimilarity { nest: nest.clone(), value })
                    };
                    decision.dissimilarity = list.iter().filter_map(of).collect();
                }
                Setting::Reasoning(reasoning) => decision.reasoning = *reasoning,
                Setting::Level0(level0) => decision.level0 = *level0,
                Setting::Foresight(rounds) => decision.foresight = *rounds,
                Setting::Discount(by) => decision.discount = by.get(actor).cloned().flatten(),
                Setting::Anticipation(how) => decision.anticipation = *how,
                Setting::Hold(hold) => decision.hold = *hold,
                Setting::Policy(policy) => decision.policy = Some(*policy),
            }
        }
        decision
    }

    /// Its foresight as a file says it.
    pub fn ahead(&self) -> String {
        if self.foresight == STATIONARY { "stationary".into() } else { self.foresight.to_string() }
    }

    /// Whether the mix depends on what others are expected to do.
    pub fn deliberates(&self) -> bool {
        matches!(self.rule, Rule::Logit | Rule::NestedLogit | Rule::BestResponse)
    }
}

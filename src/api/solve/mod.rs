//! What to look for in a game, and what was found.

mod concepts;
mod dynamics;
mod found;

use serde::{Serialize, Serializer};

use super::Error;
use crate::experiment::{self, Memory, Need};
use crate::solve::alpharank::MAX_STATES;
use crate::solve::{Game, Stop};
pub use found::Found;

words! {
    /// What is looked for in a game.
    Concept, "concept":
    /// Nash equilibria, mixed ones included
    Nash = "nash",
    /// Nash equilibria in pure strategies
    Pure = "pure",
    /// Of a tree (`.efg`): subgame-perfect equilibria, by backward induction over subgames
    SubgamePerfect = "subgame-perfect",
    /// What is left when strictly dominated strategies are eliminated
    StrictDominance = "strict-dominance",
    /// What is left when weakly dominated strategies are eliminated
    WeakDominance = "weak-dominance",
    /// A correlated equilibrium
    Correlated = "correlated",
    /// A coarse correlated equilibrium
    CoarseCorrelated = "coarse-correlated",
    /// Logit quantal response equilibria on the principal branch
    Qre = "qre",
    /// What play comes to that follows past regret
    RegretMatching = "regret-matching",
    /// What play comes to that replies to past frequencies
    FictitiousPlay = "fictitious-play",
    /// Which profiles last when populations revise their strategies
    Alpharank = "alpharank",
    /// Where shares of strategies grow by what they earn
    Replicator = "replicator",
    /// Of a scenario: where its states are stable (R, GMR, SMR, SEQ) as a graph model
    Stability = "stability",
    /// Of a scenario with `foresight = "stationary"`: its stationary logit Markov equilibrium
    Markov = "markov",
}

words! {
    /// How a concept is looked for.
    Method, "method":
    /// nash, two players: all vertices of the best-reply polytopes
    VertexEnumeration = "vertex-enumeration",
    /// nash, two players: all pairs of supports of equal size
    SupportEnumeration = "support-enumeration",
    /// nash, two players: complementary pivoting from every label
    LemkeHowson = "lemke-howson",
    /// nash, few strategies: all roots of the systems of all supports
    BranchAndPrune = "branch-and-prune",
    /// nash: the one at the end of the principal logit branch
    Logit = "logit",
    /// dominance: by pure strategies only
    Pure = "pure",
    /// dominance: also by mixed strategies
    Mixed = "mixed",
}

/// What to look for in a game, and how. Checked when it is used, by [`Game::solve`]: an option that
/// the concept does not read is an error.
///
/// ```
/// # fn main() -> Result<(), detente::Error> {
/// use detente::{Concept, Game, Solve};
///
/// let game = Game::parse(r#"NFG 1 R "Chicken" { "A" "B" } { 2 2 }  3 3  4 1  1 4  0 0"#)?;
/// let answer = game.solve(&Solve::new(Concept::Pure))?;
/// assert_eq!(answer.equilibria().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Solve {
    concept: Concept,
    method: Option<Method>,
    objective: Option<(String, bool)>,
    precision: Vec<f64>,
    scaled: bool,
    fit: Option<Vec<Vec<f64>>>,
    alpha: Option<f64>,
    population: Option<u32>,
    mistakes: Option<f64>,
    single_population: bool,
    until: Option<f64>,
    start: Option<Vec<Vec<f64>>>,
    steps: Option<u64>,
    gap: Option<f64>,
    check: Option<Vec<Vec<f64>>>,
    endless: bool,
    memory: Memory,
}

notes! { Solve: memory;
    /// By this method. Where none is given: the most complete one that suits the game.
    method(method: Method) { method = Some(method) }

    /// For correlated equilibria: makes this as large as possible, `welfare` (the sum of payoffs,
    /// also where nothing is said), the payoff of a player, or `none`.
    maximise(whose: impl Into<String>) { objective = Some((whose.into(), false)) }

    /// For correlated equilibria: makes it as small as possible.
    minimise(whose: impl Into<String>) { objective = Some((whose.into(), true)) }

    /// For logit equilibria: points of the branch at these precisions, 1 / payoff.
    precision(list: impl IntoIterator<Item = f64>) { precision = list.into_iter().collect() }

    /// For logit equilibria: precision multiplies payoffs divided by the largest range of any
    /// player's payoffs.
    scaled() { scaled = true }

    /// For logit equilibria: the precision that makes these choices most likely, counted by player
    /// and strategy.
    fit(counts: Vec<Vec<f64>>) { fit = Some(counts) }

    /// For alpha-rank: the intensity of selection. Where it is absent: the limit of strong
    /// selection.
    alpha(alpha: f64) { alpha = Some(alpha) }

    /// For alpha-rank: the size of each population, instead of 50.
    population(size: u32) { population = Some(size) }

    /// For alpha-rank in the limit: how likely a worse mutant takes over. Where it is absent: the
    /// limit of small probabilities.
    mistakes(probability: f64) { mistakes = Some(probability) }

    /// For alpha-rank and replicator dynamics: one population plays a symmetric game against
    /// itself.
    single_population() { single_population = true }

    /// For replicator dynamics: until this time in units of 1 / payoff, instead of 10,000 / range.
    until(time: f64) { until = Some(time) }

    /// For replicator dynamics: shares at the start by player and strategy, in any unit. Where they
    /// are absent: all alike.
    start(shares: Vec<Vec<f64>>) { start = Some(shares) }

    /// For regret matching and fictitious play: the most rounds, instead of 100,000.
    steps(rounds: u64) { steps = Some(rounds) }

    /// For regret matching and fictitious play: stops when nobody could gain more than this share
    /// of the range of its payoffs, instead of 0.0001.
    gap(share: f64) { gap = Some(share) }

    /// For Nash equilibrium: nothing is looked for; payoffs and regret of this profile are worked
    /// out, given by player and strategy in any unit.
    check(profile: Vec<Vec<f64>>) { check = Some(profile) }

    /// Searches all supports however many there are: whoever asks sees to an end, as
    /// [`Game::solve_until`] does.
    endless() { endless = true }
}

impl Solve {
    /// Looks for this.
    pub fn new(concept: Concept) -> Solve {
        Solve { concept, ..Solve::default() }
    }

    /// Whether there is memory for the method. What grows while it searches is not known
    /// beforehand.
    ///
    /// # Errors
    /// [`Error::Play`] if there is not.
    pub fn admit(&self, game: &Game) -> Result<(), Error> {
        const HELP: &str = "solve a smaller game, or look for another concept";
        let profiles = game.profiles() as u64;
        let strategies = game.sizes().iter().sum::<usize>() as u64;
        let payoffs = 8 * profiles * game.players().len() as u64;
        let need = Need::program("", 1).with("payoffs", 4, payoffs);
        let need = match self.concept {
            Concept::Correlated | Concept::CoarseCorrelated => {
                need.with("linear program", strategies, 48 * profiles)
            }
            Concept::Qre => need.with("equations", 4, 8 * strategies * strategies),
            Concept::Alpharank if profiles <= MAX_STATES as u64 => {
                need.with("chain", 3, 8 * profiles * profiles)
            }
            _ => need,
        };
        Ok(need.check(self.memory, HELP).map_err(experiment::Error::from)?)
    }

    fn answered(&self, method: &str, stop: Stop, notes: Vec<String>, found: Found) -> Answer {
        Answer { concept: self.concept, method: method.to_string(), stop, notes, found }
    }
}

/// What was found in a game.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// What was looked for.
    #[serde(serialize_with = "word")]
    pub concept: Concept,
    /// How it was found.
    pub method: String,
    /// Why the method ended.
    #[serde(serialize_with = "stop")]
    pub stop: Stop,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What was found.
    #[serde(flatten)]
    pub found: Found,
}

fn word<S: Serializer>(concept: &Concept, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(concept.word())
}

fn stop<S: Serializer>(stop: &Stop, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(stop.as_str())
}

//! What a history teaches: parameters before and after, evidence, private types.

use crate::api::Conditioned;
use crate::evidence::condition::Posterior;

pub use crate::evidence::condition::{Evidence, Parameter};

/// What is shown of posteriors.
#[derive(Debug)]
pub struct Page {
    /// The scenario's name and title.
    pub name: String,
    /// May be empty.
    pub title: String,
    /// The history's title; may be empty.
    pub history: String,
    /// How many rounds all histories have together.
    pub rounds: u64,
    /// Where random numbers came from.
    pub seed: u64,
    /// By arm.
    pub arms: Vec<Arm>,
    /// What a reader has to know.
    pub warnings: Vec<String>,
}

/// The posterior of an arm.
#[derive(Debug)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// How many draws there are.
    pub draws: usize,
    /// The particles of each filter; none where likelihoods are exact.
    pub particles: Option<usize>,
    /// How many temperatures there were, and moves of all draws.
    pub stages: usize,
    /// How many moves.
    pub moves: u32,
    /// How likely the history is on average over the prior.
    pub evidence: Evidence,
    /// The logarithm of the Bayes factor over the first arm and its error, for the others.
    pub factor: Option<(f64, f64)>,
    /// What the history taught something about, most first; then the rest, by name alone.
    pub taught: Vec<Parameter>,
    /// What it left where it was.
    pub untaught: Vec<String>,
    /// Private types at the end of the last history: actor, type, probability, and what observers
    /// believe.
    pub types: Vec<Type>,
}

/// A private type at the end.
#[derive(Debug)]
pub struct Type {
    /// Whose type it is.
    pub actor: String,
    /// The type.
    pub kind: String,
    /// How likely it is given the history.
    pub probability: f64,
    /// What each observer believes.
    pub beliefs: Vec<(String, f64)>,
}

impl Page {
    /// What is shown of it.
    pub fn of(found: &Conditioned) -> Page {
        let (scenario, history) = (found.scenario(), found.history());
        let about = &scenario.model().about;
        let posteriors = found.posteriors();
        let arms = posteriors.iter().enumerate().map(|(number, of)| Arm {
            factor: (number > 0).then(|| of.evidence.over(&posteriors[0].evidence)),
            ..arm(found, of)
        });
        Page {
            name: about.name.clone(),
            title: about.title.clone(),
            history: history.title.clone(),
            rounds: history.cases.iter().map(|case| u64::from(case.rounds)).sum(),
            seed: found.seed().0,
            arms: arms.collect(),
            warnings: found.warnings(),
        }
    }
}

fn arm(found: &Conditioned, of: &Posterior) -> Arm {
    let state = &of.state;
    let (untaught, mut taught): (Vec<Parameter>, Vec<Parameter>) =
        of.parameters.iter().cloned().partition(Parameter::is_untaught);
    taught.sort_by(|a, b| b.contraction.total_cmp(&a.contraction));
    Arm {
        name: of.arm.clone(),
        draws: state.draws.len(),
        particles: (!state.exact).then_some(state.particles),
        stages: state.stages.len(),
        moves: state.stages.iter().map(|stage| stage.moves).sum(),
        evidence: of.evidence,
        factor: None,
        taught,
        untaught: untaught.into_iter().map(|parameter| parameter.name).collect(),
        types: types(found, of),
    }
}

/// Types at the end of the last history.
fn types(found: &Conditioned, of: &Posterior) -> Vec<Type> {
    let names = &found.scenario().model().names;
    let last = found.history().cases.len().saturating_sub(1);
    let mut all: Vec<Type> = Vec::new();
    for standing in of.types.iter().filter(|standing| standing.case == last) {
        match (standing.observer, all.last_mut()) {
            // what the history says of a type comes before what others believe of it
            (Some(observer), Some(of)) => {
                of.beliefs.push((names.actors[observer].clone(), standing.probability));
            }
            _ => all.push(Type {
                actor: names.actors[standing.actor].clone(),
                kind: names.types[standing.actor][standing.kind].clone(),
                probability: standing.probability,
                beliefs: Vec::new(),
            }),
        }
    }
    all
}

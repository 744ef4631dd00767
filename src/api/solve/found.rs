//! What was found, by what was asked for.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::Answer;
use crate::solve::Equilibrium;
use crate::solve::alpharank::Ranking;
use crate::solve::correlated::Correlated;
use crate::solve::learning::Learned;
use crate::solve::logit::{Branch, Feature, Fit, Landmark};
use crate::solve::replicator::Replicated;

/// What was found, by what was asked for.
#[derive(Debug, Clone)]
pub enum Found {
    /// Nash equilibria.
    Equilibria(Vec<Equilibrium>),
    /// A profile that was given, with its certificate.
    Checked(Equilibrium),
    /// What elimination leaves.
    Survivors {
        /// By player: strategies that are left, from 0.
        strategies: Vec<Vec<usize>>,
        /// After how many rounds.
        rounds: usize,
    },
    /// A correlated equilibrium.
    Correlated {
        /// Whose value is greatest or least: a player, or welfare.
        of: String,
        /// The equilibrium.
        found: Correlated,
    },
    /// Logit equilibria.
    Responses(Branch),
    /// A precision that fits choices.
    Fit(Fit),
    /// Shares of play.
    Learned(Learned),
    /// A stationary distribution over profiles.
    Ranking {
        /// The distribution.
        found: Ranking,
        /// Whether there is one population, so that states are strategies.
        single: bool,
    },
    /// Where replicator dynamics lead.
    Replicated(Replicated),
}

impl Found {
    /// Where a branch of logit equilibria turns, or another crosses it.
    pub fn landmarks(&self) -> &[Landmark] {
        match self {
            Found::Responses(branch) => &branch.landmarks,
            Found::Fit(fit) => &fit.landmarks,
            _ => &[],
        }
    }
}

impl Answer {
    /// The equilibria, where equilibria were looked for; the best profile that play came to.
    pub fn equilibria(&self) -> &[Equilibrium] {
        match &self.found {
            Found::Equilibria(list) => list,
            Found::Checked(given) => std::slice::from_ref(given),
            Found::Learned(learned) => std::slice::from_ref(&learned.best),
            Found::Replicated(found) => std::slice::from_ref(&found.state),
            _ => &[],
        }
    }
}

impl Serialize for Found {
    /// As the fields that `detente solve --format json` gives it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(fields(self))
    }
}

/// The fields that belong to what was asked for.
fn fields(found: &Found) -> Vec<(&'static str, Value)> {
    match found {
        Found::Equilibria(list) => vec![("equilibria", json!(list))],
        Found::Checked(given) => vec![("checked", json!(given))],
        Found::Survivors { strategies, rounds } => {
            vec![("survivors", json!(strategies)), ("rounds", json!(rounds))]
        }
        Found::Correlated { found, .. } => vec![
            ("value", json!(found.value)),
            ("payoffs", json!(found.payoffs)),
            ("distribution", json!(found.distribution)),
            ("residual", json!(found.residual)),
        ],
        Found::Responses(branch) => vec![
            ("points", json!(branch.points)),
            ("landmarks", landmarks(&branch.landmarks)),
            ("reached", json!(branch.reached)),
        ],
        Found::Fit(fit) => {
            let found = json!({
                "precision": fit.estimate.precision,
                "lower": fit.lower,
                "upper": fit.upper,
                "log_likelihood": fit.log_likelihood,
                "log_likelihood_of_chance": fit.log_likelihood_of_chance,
                "log_likelihood_of_frequencies": fit.log_likelihood_of_frequencies,
            });
            vec![
                ("fit", found),
                ("points", json!([fit.estimate])),
                ("landmarks", landmarks(&fit.landmarks)),
            ]
        }
        Found::Learned(learned) => vec![
            ("equilibria", json!([learned.best])),
            ("gap", json!(learned.gap)),
            ("rounds", json!(learned.rounds)),
            ("distribution", json!(learned.distribution)),
        ],
        Found::Ranking { found, .. } => {
            vec![("distribution", json!(found.distribution)), ("residual", json!(found.residual))]
        }
        Found::Replicated(found) => vec![
            ("state", json!(found.state)),
            ("average", json!(found.average)),
            ("time", json!(found.time)),
            ("residual", json!(found.residual)),
        ],
    }
}

fn feature(feature: Feature) -> &'static str {
    match feature {
        Feature::Turning => "turning point",
        Feature::Bifurcation => "bifurcation",
    }
}

fn landmarks(list: &[Landmark]) -> Value {
    let one = |l: &Landmark| json!({ "precision": l.precision, "feature": feature(l.feature) });
    list.iter().map(one).collect()
}

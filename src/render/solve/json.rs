//! Answers for programs.

use serde_json::{Map, Value, json};

use super::notes;
use crate::view::solve::{Equilibrium, Feature, Found, Landmark, Page, Response};

/// The page as one object.
pub fn page(page: &Page) -> Value {
    let game = page.game;
    let players = game.players().iter();
    let players = players.map(|p| json!({ "name": p.name, "strategies": p.strategies }));
    let mut object = Map::new();
    object.insert(
        "game".into(),
        json!({ "title": game.title, "players": players.collect::<Vec<_>>() }),
    );
    object.insert("concept".into(), json!(page.concept));
    object.insert("method".into(), json!(page.method));
    object.insert("stop".into(), json!(page.stop.as_str()));
    object.insert("seconds".into(), json!(page.seconds));
    object.insert("notes".into(), json!(notes(page)));
    let fields = fields(&page.found);
    object.extend(fields.into_iter().map(|(name, value)| (name.to_string(), value)));
    Value::Object(object)
}

/// Fields beside those that all concepts have.
fn fields(found: &Found) -> Vec<(&'static str, Value)> {
    match found {
        Found::Equilibria(list) => vec![("equilibria", equilibria(list))],
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
            ("points", branch.points.iter().map(response).collect()),
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
                ("points", json!([response(&fit.estimate)])),
                ("landmarks", landmarks(&fit.landmarks)),
            ]
        }
        Found::Learned(learned) => vec![
            ("equilibria", json!([equilibrium(&learned.best)])),
            ("gap", json!(learned.gap)),
            ("rounds", json!(learned.rounds)),
            ("distribution", json!(learned.distribution)),
        ],
        Found::Ranking { found, .. } => {
            vec![("distribution", json!(found.distribution)), ("residual", json!(found.residual))]
        }
        Found::Replicated(found) => vec![
            ("state", equilibrium(&found.state)),
            ("average", equilibrium(&found.average)),
            ("time", json!(found.time)),
            ("residual", json!(found.residual)),
        ],
    }
}

fn equilibria(list: &[Equilibrium]) -> Value {
    list.iter().map(equilibrium).collect()
}

fn equilibrium(e: &Equilibrium) -> Value {
    json!({ "profile": e.profile, "payoffs": e.payoffs, "regret": e.regret })
}

fn response(point: &Response) -> Value {
    json!({ "precision": point.precision, "profile": point.profile, "residual": point.residual })
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

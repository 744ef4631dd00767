//! What is wrong with how actors choose, once parameters are known for every type.

use super::{Build, MAX_COMBINATIONS, TypedCell};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Expr, Facts, Node, value};
use crate::model::{ActorId, Decision, IndexVec, Reasoning, Rule, Setting};

/// A number that an actor's choices need, and where it must lie.
struct Wanted<'e> {
    what: &'static str,
    formula: Option<&'e Expr>,
    most: f64,
    help: &'static str,
}

impl Build<'_> {
    pub(super) fn check_decisions(
        &mut self,
        decisions: &IndexVec<ActorId, Decision>,
        parameters: &[f64],
        typed: &[TypedCell],
    ) {
        let model = self.model;
        for (actor, decision) in decisions.enumerate() {
            let plays = model.seats_of(actor).any(|s| model.seats[s].options().len() > 1);
            if !plays {
                continue;
            }
            self.incomplete(actor, decision);
            let policy = decision.policy.filter(|_| decision.rule == Rule::Policy);
            let error = policy.and_then(|p| model.policies.get(p)?.error.get(actor)?.as_ref());
            let (share, open) = ("it lies from 0 to 1", "it is a finite number of at least 0");
            for wanted in [
                Wanted {
                    what: "discount",
                    formula: decision.discount.as_ref(),
                    most: 1.0,
                    help: share,
                },
                Wanted {
                    what: "precision",
                    formula: decision.precision.as_ref(),
                    most: f64::MAX,
                    help: open,
                },
                Wanted { what: "policy's `error`", formula: error, most: 1.0, help: share },
            ] {
                self.within(actor, &wanted, parameters, typed);
            }
        }
        if let Some(item) = self.items.iter().find(|i| matches!(i.setting, Setting::Foresight(0))) {
            let who = item.actor.map_or("decision", |a| &model.names.actors[a]);
            let text = format!("foresight of {who} is 0; it counts the present round");
            self.error(Code::Decision, Span::default(), text);
        }
    }

    /// Settings that are missing or that do not go together.
    fn incomplete(&mut self, actor: ActorId, decision: &Decision) {
        let name = &self.model.names.actors[actor];
        let mut complain = |text: String, help: &str| {
            self.errors.push(Diagnostic::new(Code::Decision, Span::default(), text).help(help));
        };
        if decision.rule == Rule::Logit && decision.precision.is_none() {
            let help = "add `precision = ...` under `[decision]`: choices sharpen as it grows";
            complain(format!("{name} chooses by logit and has no precision"), help);
        }
        if decision.rule == Rule::Policy && decision.policy.is_none() {
            let help = "add `policy = \"name\"` under `[decision]`";
            complain(format!("{name} follows a policy, and none is named"), help);
        }
        if matches!(decision.reasoning, Reasoning::Poisson(_)) && decision.foresight > 1 {
            let help = "use a fixed level, or foresight 1";
            complain(format!("{name} combines Poisson reasoning with foresight"), help);
        }
    }

    /// Reports the first combination of types for which a number lies below 0 or above its most.
    fn within(
        &mut self,
        actor: ActorId,
        wanted: &Wanted<'_>,
        parameters: &[f64],
        typed: &[TypedCell],
    ) {
        let Some(formula) = wanted.formula else { return };
        let model = self.model;
        let name = &model.names.actors[actor];
        let on = depends_on(formula, typed);
        let total = on.iter().fold(1_usize, |n, p| n.saturating_mul(model.private[*p].types.len()));
        if total > MAX_COMBINATIONS {
            let what = wanted.what;
            let text = format!("the {what} of {name} depends on {total} combinations of types");
            self.error(Code::Limit, formula.span, text);
            return;
        }
        let mut types = vec![0; model.private.len()];
        for number in 0..total {
            let mut rest = number;
            for id in on.iter().rev() {
                types[*id] = rest % model.private[*id].types.len();
                rest /= model.private[*id].types.len();
            }
            let found = value(formula, &AtTypes { build: self, parameters, typed, types: &types });
            if (0.0..=wanted.most).contains(&found) {
                continue;
            }
            let words: Vec<String> = on.iter().map(|p| self.type_words(*p, types[*p])).collect();
            let when = if words.is_empty() {
                String::new()
            } else {
                format!(" where {}", words.join(" and "))
            };
            let text = format!("the {} of {name} is {found}{when}", wanted.what);
            self.errors.push(Diagnostic::new(Code::Decision, formula.span, text).help(wanted.help));
            return;
        }
    }

    /// `CHN is patient`.
    fn type_words(&self, id: usize, number: usize) -> String {
        let names = &self.model.names;
        let actor = self.model.private[id].actor;
        let name = names.types.get(actor).and_then(|t| t.get(number)).map_or("?", String::as_str);
        format!("{} is {name}", names.actors[actor])
    }
}

/// The private ids of the actors on whose types a formula depends, ascending.
fn depends_on(formula: &Expr, typed: &[TypedCell]) -> Vec<usize> {
    let mut on = Vec::new();
    formula.walk(&mut |e| {
        if let Node::Parameter(cell) = e.node {
            on.extend(typed.iter().filter(|t| t.cell == cell).flat_map(|t| &t.on).copied());
        }
    });
    on.sort_unstable();
    on.dedup();
    on
}

/// Reads parameters where every actor is of a given type.
struct AtTypes<'a, 'b> {
    build: &'a Build<'b>,
    parameters: &'a [f64],
    typed: &'a [TypedCell],
    types: &'a [usize],
}

impl Facts for AtTypes<'_, '_> {
    fn home(&self) {}
    fn parameter(&self, cell: usize) -> f64 {
        let Some(typed) = self.typed.iter().find(|t| t.cell == cell) else {
            return self.parameters[cell];
        };
        let private = &self.build.model.private;
        let number = typed.on.iter().fold(0, |n, p| n * private[*p].types.len() + self.types[*p]);
        typed.values.get(number).copied().unwrap_or(f64::NAN)
    }
}

//! What is wrong with how actors choose, once parameters are known for every type.

use super::{Build, MAX_COMBINATIONS, TypedCell};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Expr, Facts, Node, value};
use crate::model::{
    ActorId, Decision, IndexVec, Nest, Nests, Reasoning, Rule, SeatId, Setting, dissimilarity,
};

/// A number that an actor's choices need, and where it must lie.
struct Wanted<'e> {
    what: &'static str,
    formula: Option<&'e Expr>,
    least: f64,
    most: f64,
    help: &'static str,
}

impl<'e> Wanted<'e> {
    fn new(
        what: &'static str,
        formula: Option<&'e Expr>,
        least: f64,
        most: f64,
        help: &'static str,
    ) -> Self {
        Wanted { what, formula, least, most, help }
    }
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
            let nested = decision.dissimilarity.iter().map(|one| &one.value);
            let mut wanted = vec![
                Wanted::new("discount", decision.discount.as_ref(), 0.0, 1.0, share),
                Wanted::new("precision", decision.precision.as_ref(), 0.0, f64::MAX, open),
                Wanted::new("policy's `error`", error, 0.0, 1.0, share),
            ];
            let above = "it lies above 0 and is at most 1";
            let mu = |formula| Wanted::new("`mu`", Some(formula), f64::MIN_POSITIVE, 1.0, above);
            wanted.extend(nested.map(mu));
            let lines = policy.and_then(|p| model.policies.get(p)).map(|p| p.lines.as_slice());
            let shares = lines.unwrap_or_default().iter().map(|line| line.share[actor].as_ref());
            let one = |formula| Wanted::new("share of a policy's line", formula, 0.0, 1.0, share);
            wanted.extend(shares.map(one));
            for wanted in wanted {
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
        let logit = matches!(decision.rule, Rule::Logit | Rule::NestedLogit);
        if logit && decision.precision.is_none() {
            let help = "add `precision = ...` under `[decision]`: choices sharpen as it grows";
            complain(format!("{name} chooses by logit and has no precision"), help);
        }
        if decision.rule == Rule::Policy && decision.policy.is_none() {
            let help = "add `policy = \"name\"` under `[decision]`";
            complain(format!("{name} follows a policy, and none is named"), help);
        }
        let joint = self.model.seats_of(actor).any(|seat| self.model.seats[seat].joint);
        if joint && decision.rule == Rule::Policy {
            let help = "use another rule, or let it choose on each track apart";
            complain(format!("{name} follows a policy and chooses jointly"), help);
        }
        if joint && decision.rule == Rule::NestedLogit {
            let help = "use `rule = \"logit\"`: what is played together lies in no one nest";
            complain(format!("{name} chooses by nested logit and jointly"), help);
            return;
        }
        if matches!(decision.reasoning, Reasoning::Poisson(_)) && decision.foresight > 1 {
            let help = "use a fixed level, or foresight 1";
            complain(format!("{name} combines Poisson reasoning with foresight"), help);
        }
        if decision.rule == Rule::NestedLogit {
            self.nests(actor, decision);
        }
    }

    /// Options that would lie in two nests, nests without a dissimilarity, and the other way round.
    fn nests(&mut self, actor: ActorId, decision: &Decision) {
        let (model, by) = (self.model, decision.nests);
        let name = &model.names.actors[actor];
        let mut complain = |span: Span, text: String, help: &str| {
            self.errors.push(Diagnostic::new(Code::Decision, span, text).help(help));
        };
        let of = |seat: SeatId| model.nests(seat, by);
        for (nest, options) in model.seats_of(actor).flat_map(of) {
            if options.len() > 1 && dissimilarity(&decision.dissimilarity, &nest).is_none() {
                let nest = model.nest_label(&nest);
                let text = format!("{name} chooses by nested logit and has no `mu` for `{nest}`");
                let help = "add `mu = ...` under `[decision]`: above 0, at most 1; the smaller, \
                            the more alike are the options of a nest";
                complain(Span::default(), text, help);
                return;
            }
        }
        let seated = |m: usize| {
            model.options.iter().any(|o| o.plays(m) && model.seats[o.seat].actor == actor)
        };
        let moves = model.names.moves.iter().enumerate();
        for (number, known) in moves.filter(|(m, _)| by == Nests::Tags && seated(*m)) {
            if let [first, second, ..] = known.tags.as_slice() {
                let text = format!(
                    "`{}` would lie in two nests of {name}, `#{first}` and `#{second}`",
                    known.name
                );
                complain(
                    model.moves[number].span,
                    text,
                    "leave it one tag, or use \
                    `nests = \"moves\"`",
                );
            }
        }
        let known = |nest: &Nest| model.seats.ids().flat_map(of).any(|(other, _)| other == *nest);
        for one in &decision.dissimilarity {
            if let Some(nest) = one.nest.as_ref().filter(|nest| !known(nest)) {
                let text = format!(
                    "with `nests = \"{}\"` there is no nest `{}`",
                    by.word(),
                    model.nest_label(nest)
                );
                complain(one.value.span, text, "name a nest, or give `default`");
            }
        }
    }

    /// Reports the first combination of types for which a number lies outside its limits.
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
            if (wanted.least..=wanted.most).contains(&found) {
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

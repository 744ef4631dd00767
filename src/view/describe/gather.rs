//! From a model to its description.

use super::sharpness::sharpness;
use super::written::{Written, entries, one_line};
use super::*;
use crate::api::Scenario;
use crate::diagnostic::Diagnostics;
use crate::diagnostic::{Attached, line_column};
use crate::expr::{Distribution, Expr, Facts, Names, Node, Quantity, value};
use crate::model::{
    self, ActorId, Anticipation, Arm, ClaimTest, Decision, EventId, Exactness, Level0, Model,
    Reasoning, Rule, Uncertainty,
};
use crate::number::short;

/// Describes a scenario.
///
/// # Errors
/// What is wrong with its base arm.
pub fn gather(loaded: &Scenario) -> Result<Description, Diagnostics> {
    let model = loaded.model();
    if !loaded.costly().is_empty() {
        return Err(loaded.diagnostics(loaded.costly().to_vec()));
    }
    let arm = Arm::new(model, None, &[]).map_err(|list| loaded.diagnostics(list))?;
    let source = Sight { model, arm: &arm, written: Written::new(loaded) };
    let about = &model.about;
    let definitions = |section| {
        let all = entries(loaded, section).into_iter();
        all.map(|(name, formula)| Definition { name, formula }).collect()
    };
    Ok(Description {
        name: about.name.clone(),
        title: about.title.clone(),
        summary: one_line(&about.summary),
        rounds: about.rounds,
        round: about.round.clone(),
        start: about.start.clone(),
        files: loaded.files().iter().map(file).collect(),
        series: model
            .names
            .series
            .iter()
            .zip(&model.series)
            .map(|s| series(s, &model.names))
            .collect(),
        stop_when: model.stop_when.as_ref().map(|e| source.written.formula(e)),
        actors: source.actors(),
        groups: source.groups(),
        sets: source.sets(),
        seats: source.seats(),
        moves: (0..model.moves.len()).map(|m| source.one_move(m)).collect(),
        payoffs: source.payoffs(),
        state: (0..model.states.len()).map(|s| source.state(s)).collect(),
        dynamics: definitions("dynamics"),
        derived: definitions("derived"),
        events: model.events.ids().map(|e| source.event(e)).collect(),
        types: (0..model.private.len()).map(|id| source.private(id)).collect(),
        decisions: source.decisions(),
        constraints: source.constraints(),
        policies: source.policies(),
        outcomes: source.outcomes(),
        variants: source.variants(),
        postures: source.postures(),
        claims: source.claims(),
        experiments: source.experiments(),
        parameters: (0..model.parameters.len()).map(|p| source.parameter(p)).collect(),
        sources: source.works(),
        sharpness: sharpness(model, &arm),
        anticipation: anticipation(loaded, &arm),
    })
}

fn file(file: &Attached) -> File {
    File { name: file.name.clone(), bytes: file.text.len() }
}

fn series((named, said): (&Quantity, &model::Series), names: &Names) -> Series {
    Series {
        name: named.name.clone(),
        title: said.title.clone(),
        of: named.shape.word(names),
        file: said.file.clone(),
        missing: said.missing.word(),
        unit: said.unit.clone(),
        source: said.source.clone(),
        note: said.note.clone(),
    }
}

/// Keys and values as they are written.
fn settings(written: &[(String, String)]) -> Vec<Definition> {
    let one = |(name, text): &(String, String)| Definition {
        name: name.clone(),
        formula: one_line(text),
    };
    written.iter().map(one).collect()
}

/// What imagined rounds say of expectations, by actor and payoff component.
pub fn anticipation(loaded: &Scenario, arm: &Arm) -> Vec<Anticipated> {
    let names = &loaded.model().names;
    let mut all = Vec::new();
    for (actor, row) in names.actors.ids().zip(model::anticipated(loaded.model(), arm)) {
        for (component, exactness) in names.components.iter().zip(row) {
            let mut told = Anticipated {
                actor: names.actors[actor].clone(),
                component: component.clone(),
                verdict: Expectation::NotAnticipated,
                clamps: Vec::new(),
                reason: None,
                formula: None,
                line: None,
                column: None,
            };
            match exactness {
                _ if !arm.decisions[actor].deliberates() => {}
                Exactness::Exact => told.verdict = Expectation::Exact,
                Exactness::ExactUnlessClamped(clamps) => {
                    told.verdict = Expectation::ExactUnlessClamped;
                    told.clamps = clamps;
                }
                Exactness::Approximate(obstacle) => {
                    let (start, end) = (obstacle.span.start, obstacle.span.end);
                    let (_, text, byte) = loaded.page(start);
                    let (line, column) = line_column(text, byte);
                    let text = text.get(byte..byte + (end - start));
                    told.verdict = Expectation::Approximate;
                    let second = obstacle.second.map(|span| {
                        let (line, column) = line_column(loaded.text(), span.start);
                        let formula = loaded.text().get(span.start..span.end).map(balanced);
                        let formula = formula.unwrap_or_default();
                        format!(": `{formula}` (line {line}, column {column})")
                    });
                    told.reason = Some(obstacle.reason + &second.unwrap_or_default());
                    told.formula = text.map(balanced);
                    (told.line, told.column) = (Some(line), Some(column));
                }
            }
            all.push(told);
        }
    }
    all
}

/// A part of a formula on one line; parentheses that its place cuts off are put back.
fn balanced(text: &str) -> String {
    let (mut open, mut missing) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => missing += 1,
            ')' => open -= 1,
            _ => {}
        }
    }
    format!("{}{}{}", "(".repeat(missing), one_line(text), ")".repeat(open))
}

fn present(text: &str) -> Option<String> {
    if text.trim().is_empty() { None } else { Some(one_line(text)) }
}

/// Where facts come from.
struct Sight<'a> {
    model: &'a Model,
    arm: &'a Arm,
    written: Written,
}

/// Reads parameters of an arm.
struct Fixed<'a>(&'a [f64]);

impl Facts for Fixed<'_> {
    fn home(&self) {}
    fn parameter(&self, cell: usize) -> f64 {
        self.0.get(cell).copied().unwrap_or(f64::NAN)
    }
}

impl Sight<'_> {
    fn key(&self, actor: ActorId) -> String {
        self.model.names.actors[actor].clone()
    }

    fn actors(&self) -> Vec<Actor> {
        let all = self.model.actors.enumerate();
        all.map(|(k, name)| Actor { key: self.key(k), name: name.clone() }).collect()
    }

    fn groups(&self) -> Vec<Group> {
        let all = self.model.names.groups.iter();
        all.map(|(name, list)| Group {
            name: name.clone(),
            members: list.iter().map(|a| self.key(*a)).collect(),
        })
        .collect()
    }

    fn sets(&self) -> Vec<Set> {
        let all = self.model.names.sets.iter();
        all.map(|set| Set { name: set.name.clone(), elements: set.elements.clone() }).collect()
    }

    fn seats(&self) -> Vec<Seat> {
        let all = self.model.seats.iter();
        all.map(|seat| Seat {
            actor: self.key(seat.actor),
            track: self.model.tracks[seat.track].clone(),
            options: seat.options().map(|o| self.model.option_label(o)).collect(),
        })
        .collect()
    }

    fn one_move(&self, number: usize) -> Move {
        let model = self.model;
        let (said, named) = (&model.moves[number], &model.names.moves[number]);
        let (mut by, mut toward, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for option in model.options.iter().filter(|o| o.plays(number)) {
            let actor = model.seats[option.seat].actor;
            if !by.contains(&actor) {
                by.push(actor);
            }
            for act in option.acts.iter().filter(|act| act.action == number) {
                for (target, all) in act.targets.iter().zip([&mut toward, &mut second]) {
                    if !all.contains(target) {
                        all.push(*target);
                    }
                }
            }
        }
        let elements = |all: Vec<model::ElementId>| {
            all.iter().map(|t| model.names.element(*t).to_string()).collect()
        };
        let costs = said.costs.iter();
        Move {
            name: named.name.clone(),
            title: said.title.clone(),
            track: model.tracks.get(said.track).cloned().unwrap_or_default(),
            stage: (said.stage > 1).then_some(said.stage),
            tags: named.tags.clone(),
            by: by.into_iter().map(|actor| self.key(actor)).collect(),
            toward: elements(toward),
            and_toward: elements(second),
            when: present(&said.when),
            cost: costs
                .map(|(name, text)| Definition { name: name.clone(), formula: one_line(text) })
                .collect(),
            effects: said.effects.iter().map(|e| one_line(e)).collect(),
            source: said.source.clone(),
        }
    }

    fn payoffs(&self) -> Vec<Payoff> {
        let names = &self.model.names;
        let mut all = Vec::new();
        for (number, component) in names.components.iter().enumerate() {
            for (actor, row) in self.model.payoffs.enumerate() {
                let Some(payoff) = row.get(number) else { continue };
                all.push(Payoff {
                    component: component.clone(),
                    actor: self.key(actor),
                    payoff: one_line(&payoff.written.0),
                    weight: one_line(&payoff.written.1),
                });
            }
        }
        all
    }

    fn state(&self, number: usize) -> State {
        let (said, named) = (&self.model.states[number], &self.model.names.states[number]);
        let mut initial: Vec<Shared> = Vec::new();
        for cell in self.model.cells.iter().filter(|c| c.state == number) {
            let text = self.written.formula(&cell.initial);
            match initial.iter_mut().find(|s| s.text == text) {
                Some(shared) => shared.cells.push(cell.label.clone()),
                None => initial.push(Shared { cells: vec![cell.label.clone()], text }),
            }
        }
        State {
            name: named.name.clone(),
            of: named.shape.word(&self.model.names),
            flag: named.flag,
            range: said.range,
            unit: said.unit.clone(),
            note: said.note.clone(),
            initial,
        }
    }

    fn event(&self, id: EventId) -> Event {
        let model = self.model;
        let (said, named) = (&model.events[id], &model.names.events[id]);
        let possible = |h: &&model::Hazard| h.event == id && h.probability.is_some();
        Event {
            name: named.name.clone(),
            title: said.title.clone(),
            each: named.each.word(&self.model.names),
            hazards: model.hazards.iter().filter(possible).count(),
            probability: one_line(&said.probability),
            when: present(&said.when),
            effects: said.effects.iter().map(|e| one_line(e)).collect(),
            once: said.once,
            ends: said.ends,
        }
    }

    fn private(&self, private_id: usize) -> Private {
        let (model, private) = (self.model, &self.model.private[private_id]);
        let names = &model.names.types[private.actor];
        let types = private.types.iter().enumerate().map(|(number, own)| {
            let others = model.actors().filter(|o| *o != private.actor);
            let set = own.set.iter().map(|(cell, expr)| Definition {
                name: model.parameter_cells[*cell].label.clone(),
                formula: self.written.formula(expr),
            });
            Kind {
                name: names[number].clone(),
                chance: self.arm.chances[private_id][number],
                priors: others
                    .map(|o| Prior {
                        observer: self.key(o),
                        prior: self.arm.priors[private_id][o][number],
                    })
                    .collect(),
                set: set.collect(),
            }
        });
        Private {
            actor: self.key(private.actor),
            truth: private.true_type.map(|t| names[t].clone()),
            types: types.collect(),
        }
    }

    fn decisions(&self) -> Vec<Choosing> {
        let all = self.arm.decisions.enumerate();
        all.map(|(actor, decision)| self.choosing(actor, decision)).collect()
    }

    fn choosing(&self, actor: ActorId, decision: &Decision) -> Choosing {
        let level0 = Level0::ALL.iter().find(|(_, l)| *l == decision.level0);
        let anticipation = Anticipation::ALL.iter().find(|(_, a)| *a == decision.anticipation);
        let precision = decision.precision.as_ref();
        Choosing {
            actor: self.key(actor),
            rule: decision.rule,
            precision: precision.map(|e| self.written.formula(e)),
            precision_value: precision.and_then(|e| self.value(e)),
            nests: (decision.rule == Rule::NestedLogit).then(|| self.nests(decision)),
            reasoning: match decision.reasoning {
                Reasoning::Level(level) => level.to_string(),
                Reasoning::Poisson(mean) => format!("poisson({})", short(mean)),
                Reasoning::Equilibrium => "equilibrium".to_string(),
            },
            level0: level0.map_or("uniform", |(word, _)| word),
            foresight: decision.ahead(),
            discount: decision.discount.as_ref().map(|e| self.written.formula(e)),
            anticipation: anticipation.map_or("mean", |(word, _)| word),
            hold: decision.hold,
            policy: decision.policy.map(|p| self.model.policies[p].name.clone()),
        }
    }

    /// `moves, mu 0.5`, `tags, mu #loud 0.3, default 1`.
    fn nests(&self, decision: &Decision) -> String {
        let parts = decision.dissimilarity.iter().map(|one| {
            let formula = self.written.formula(&one.value);
            match &one.nest {
                Some(nest) => format!("{} {formula}", self.model.nest_label(nest)),
                None if decision.dissimilarity.len() == 1 => formula,
                None => format!("default {formula}"),
            }
        });
        let parts: Vec<String> = parts.collect();
        format!("{}, mu {}", decision.nests.word(), parts.join(", "))
    }

    /// The value of a formula over parameters, unless it depends on a type.
    fn value(&self, expr: &Expr) -> Option<f64> {
        let mut open = false;
        expr.walk(&mut |e| {
            if let Node::Parameter(cell) = e.node {
                open |= self.arm.typed.iter().any(|t| t.cell == cell);
            }
        });
        if open { None } else { Some(value(expr, &Fixed(&self.arm.parameters))) }
    }

    fn constraints(&self) -> Vec<Constraint> {
        let each = self.model.constraints.iter().map(|known| Constraint {
            name: known.name.clone(),
            title: known.title.clone(),
            by: known.by.iter().map(|actor| self.key(*actor)).collect(),
            require: one_line(&known.written),
        });
        each.collect()
    }

    fn policies(&self) -> Vec<Policy> {
        let all = self.model.policies.iter();
        all.map(|p| Policy {
            name: p.name.clone(),
            lines: p.lines.iter().map(|l| one_line(&l.written)).collect(),
        })
        .collect()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let all = self.model.outcomes.iter();
        all.map(|o| Outcome {
            name: o.name.clone(),
            title: o.title.clone(),
            measure: o.measure,
            formula: one_line(&o.written),
        })
        .collect()
    }

    fn variants(&self) -> Vec<Variant> {
        let names = &self.model.names;
        let all = self.model.variants.iter();
        all.map(|v| {
            let moves = v.moves.iter().map(|m| names.moves[*m].name.clone());
            Variant {
                name: v.name.clone(),
                title: v.title.clone(),
                set: settings(&v.written),
                disable: moves
                    .chain(v.events.iter().map(|e| names.events[*e].name.clone()))
                    .collect(),
            }
        })
        .collect()
    }

    fn postures(&self) -> Vec<Posture> {
        let all = self.model.postures.iter();
        all.map(|p| Posture {
            actor: self.model.names.actors[p.actor].clone(),
            name: p.name.clone(),
            title: p.title.clone(),
            set: settings(&p.written),
        })
        .collect()
    }

    fn claims(&self) -> Vec<Claim> {
        let all = self.model.claims.iter();
        all.map(|c| Claim {
            name: c.name.clone(),
            says: one_line(&c.says),
            source: c.source.clone(),
            place: c.place.clone(),
            note: one_line(&c.note),
            ledger: c.ledger.clone(),
            represented_by: c.represented_by.clone(),
            rests_on: c
                .rests_on
                .iter()
                .map(|k| self.model.names.parameters[*k].name.clone())
                .collect(),
            test: present(&c.written),
            unchecked: match &c.way {
                ClaimTest::Unchecked(reason) => Some(one_line(reason)),
                _ => None,
            },
        })
        .collect()
    }

    fn experiments(&self) -> Vec<Experiment> {
        let all = self.model.experiments.iter();
        all.map(|e| Experiment {
            name: e.name.clone(),
            vary: e.vary.clone(),
            uncertain: e.uncertain,
            design: e.design.clone(),
            points: e.points,
            runs: e.runs,
        })
        .collect()
    }

    fn parameter(&self, number: usize) -> Parameter {
        let model = self.model;
        let (said, named) = (&model.parameters[number], &model.names.parameters[number]);
        let cells = model.parameter_cells.iter().enumerate();
        let cells = cells.filter(|(_, c)| c.parameter == number).map(|(at, cell)| {
            let typed = self.arm.typed.iter().any(|t| t.cell == at);
            let formula = match cell.value.decided() {
                Some(_) => None,
                None => Some(self.written.formula(&cell.value)),
            };
            let value = if typed { None } else { Some(self.arm.parameters[at]) };
            let own = cell.uncertainty.filter(|own| Some(*own) != said.uncertainty);
            ParameterCell {
                label: cell.label.clone(),
                value,
                formula,
                uncertainty: own.as_ref().map(uncertainty),
                source: Some(cell.source.clone()).filter(|source| *source != said.source),
            }
        });
        Parameter {
            name: named.name.clone(),
            of: named.shape.word(&self.model.names),
            unit: said.unit.clone(),
            source: said.source.clone(),
            note: said.note.clone(),
            uncertainty: said.uncertainty.as_ref().map(uncertainty),
            together: said.together,
            cells: cells.collect(),
        }
    }

    fn works(&self) -> Vec<Work> {
        let all = self.model.works.iter();
        all.map(|w| Work {
            key: w.key.clone(),
            title: w.title.clone(),
            author: w.author.clone(),
            year: w.year.clone(),
            place: w.find.clone(),
        })
        .collect()
    }
}

/// `[lo, hi]` for a uniform distribution, else the distribution as it is written.
fn uncertainty(said: &Uncertainty) -> String {
    let [a, b, c] = said.given.map(short);
    match said.distribution {
        Distribution::Uniform => format!("[{a}, {b}]"),
        Distribution::Normal => format!("normal({a}, {b})"),
        Distribution::LogNormal => format!("lognormal({a}, {b})"),
        Distribution::Beta => format!("beta({a}, {b})"),
        Distribution::Triangular => format!("triangular({a}, {b}, {c})"),
        Distribution::Bernoulli => format!("bernoulli({a})"),
    }
}

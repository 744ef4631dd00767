//! The form of one formula at one moment: which random things it reads, and how.

use super::part::Part;
use super::{ActorId, Moment};
use crate::diagnostic::Span;
use crate::expr::{
    Aggregate, Arithmetic, Distribution, Expr, Function, Interval, Node, Played, Term, bounds,
};

impl Moment<'_> {
    /// On what a formula depends, and whether it is multi-affine in it.
    pub(super) fn part(&self, expr: &Expr) -> Part {
        let round = self.round;
        match &expr.node {
            Node::Number(_) | Node::Round | Node::Rounds | Node::Series(_) => Part::default(),
            // known to outcomes only, which nobody anticipates
            Node::Utility(_) | Node::Payoff(..) => Part::default(),
            Node::Parameter(cell) => self.parameter_part(*cell),
            Node::State(cell) => self.cells[*cell].clone(),
            Node::Derived(instance) => {
                let formula = &round.model.derived[*instance].value;
                self.derived[*instance].get_or_init(|| self.part(formula)).clone()
            }
            Node::Chose(played) => self.played(played, expr.span),
            Node::Happened(_, true) => Part::default(),
            Node::Happened(list, false) => {
                let events = list.iter().map(|hazard| self.hazards[*hazard].clone());
                independent(events, expr.span)
            }
            Node::Belief(observer, actor, _) => self.belief(*observer, *actor),
            Node::Negate(a) | Node::Not(a) => self.part(a),
            Node::And(a, b) | Node::Or(a, b) | Node::Binary(Arithmetic::Multiply, a, b) => {
                self.product(vec![(self.part(a), a)], self.part(b), expr.span)
            }
            Node::Same(a, b) => {
                let mut part = self.part(a);
                part.multiply(&self.part(b), expr.span);
                part
            }
            Node::Binary(how, a, b) => self.arithmetic(*how, a, b, expr.span),
            Node::Compare(_, a, b) => {
                let part = self.joined([&**a, b]);
                self.unless_decided(part, expr, "compares something uncertain")
            }
            Node::CompareTruth(_, f, c) => {
                let mut part = self.part(f);
                let number = self.part(c);
                if number.is_random() {
                    part.spoil("compares something uncertain", expr.span);
                }
                part.join(&number);
                part
            }
            Node::If(parts) => self.branch(parts, expr.span),
            Node::Call(function, list) => self.call(*function, list, expr),
            Node::Fold(how, terms) => self.fold(*how, terms, expr),
            Node::Draw(distribution, list, _) => self.drawn(*distribution, list, expr.span),
        }
    }

    fn parameter_part(&self, cell: usize) -> Part {
        let mut part = Part::default();
        if let Some(typed) = self.round.arm.typed.iter().find(|t| t.cell == cell) {
            for id in &typed.on {
                part.join(&self.round.types[*id]);
            }
        }
        part
    }

    fn played(&self, played: &Played, span: Span) -> Part {
        if played.last {
            return Part::default();
        }
        let model = self.round.model;
        let seats = played.seats.iter().filter_map(|options| {
            let seat = model.options[*options.first()?].seat;
            Some(self.round.seats[seat].clone())
        });
        independent(seats, span)
    }

    /// Beliefs about others stay as they are in an imagined round; beliefs about the actor itself
    /// are expected over what its other seats do, whatever function of it they are.
    fn belief(&self, observer: ActorId, actor: ActorId) -> Part {
        let (round, mut part) = (self.round, Part::default());
        if observer == actor {
            if let Some(id) = round.model.private_of(actor) {
                part.join(&round.types[id]);
            }
        } else if self.learned && actor == round.actor {
            for seat in round.model.seats_of(actor) {
                part.join(&round.seats[seat]);
            }
        }
        part
    }

    fn joined<'e>(&self, list: impl IntoIterator<Item = &'e Expr>) -> Part {
        let mut whole = Part::default();
        for expr in list {
            whole.join(&self.part(expr));
        }
        whole
    }

    /// The product of factors; a factor that is 0 for sure leaves nothing uncertain.
    pub(super) fn product(&self, factors: Vec<(Part, &Expr)>, last: Part, span: Span) -> Part {
        let mut whole = last;
        for (factor, expr) in factors {
            if whole.is_random() && !factor.is_random() && is_zero(bounds(expr, self)) {
                return Part::default();
            }
            whole.multiply(&factor, span);
        }
        whole
    }

    fn unless_decided(&self, mut part: Part, expr: &Expr, reason: &str) -> Part {
        if part.is_random() {
            let found = bounds(expr, self);
            if found.lo == found.hi {
                return Part::default();
            }
            part.spoil(reason, expr.span);
        }
        part
    }

    fn arithmetic(&self, how: Arithmetic, a: &Expr, b: &Expr, span: Span) -> Part {
        let (mut left, right) = (self.part(a), self.part(b));
        match how {
            Arithmetic::Divide if right.is_random() => {
                left.spoil("divides by something uncertain", span);
            }
            Arithmetic::Power
                if right.is_random() || (left.is_random() && b.decided() != Some(1.0)) =>
            {
                left.spoil("raises something uncertain to a power", span);
            }
            _ => {}
        }
        left.join(&right);
        left
    }

    /// `if(p, a, b)`: pa + (1 − p)b.
    fn branch(&self, parts: &[Expr; 3], span: Span) -> Part {
        let [condition, yes, no] = parts;
        let found = bounds(condition, self);
        if is_zero(found) {
            return self.part(no);
        }
        if found.lo == 1.0 {
            return self.part(yes);
        }
        let mut either = self.joined([yes, no]);
        either.multiply(&self.part(condition), span);
        either
    }

    fn call(&self, function: Function, list: &[Expr], expr: &Expr) -> Part {
        let whole = self.joined(list);
        if !whole.is_random() {
            return whole;
        }
        if let Some(passed) = self.passes(function, list) {
            return self.part(passed);
        }
        let word = match function {
            Function::Abs | Function::Sign => "takes the size or sign of something uncertain",
            Function::Min | Function::Max => "takes the least or greatest of uncertain values",
            Function::Clamp => "clamps something uncertain",
            Function::Floor | Function::RoundTo => "rounds something uncertain",
            Function::Modulo => "takes what is left of something uncertain",
            _ => "bends something uncertain (not a straight line)",
        };
        self.unless_decided(whole, expr, word)
    }

    /// The one argument that a kinked function passes on, if intervals decide it.
    fn passes<'e>(&self, function: Function, list: &'e [Expr]) -> Option<&'e Expr> {
        let found: Vec<Interval> = list.iter().map(|e| bounds(e, self)).collect();
        let above = |a: &Interval, b: &Interval| a.lo >= b.hi;
        let others = |k: usize| found.iter().enumerate().filter(move |(n, _)| *n != k);
        let at = match function {
            Function::Max => {
                (0..list.len()).find(|k| others(*k).all(|(_, o)| above(&found[*k], o)))
            }
            Function::Min => {
                (0..list.len()).find(|k| others(*k).all(|(_, o)| above(o, &found[*k])))
            }
            Function::Abs if found[0].lo >= 0.0 || found[0].hi <= 0.0 => Some(0),
            Function::Clamp if above(&found[0], &found[1]) && above(&found[2], &found[0]) => {
                Some(0)
            }
            _ => None,
        };
        at.and_then(|k| list.get(k))
    }

    fn fold(&self, how: Aggregate, terms: &[Term], expr: &Expr) -> Part {
        let mut whole = Part::default();
        let several = terms.len() > 1;
        for term in terms {
            let mut part = self.part(&term.value);
            if let Some(filter) = &term.filter {
                let weight = self.part(filter);
                let divides = match how {
                    Aggregate::Mean => several,
                    Aggregate::Min | Aggregate::Max | Aggregate::Median | Aggregate::First => true,
                    _ => false,
                };
                if weight.is_random() && divides {
                    part.spoil("averages or compares over uncertain members", term.value.span);
                }
                part = self.product(vec![(weight, filter)], part, term.value.span);
            }
            if let Some(key) = &term.key {
                let order = self.part(key);
                if order.is_random() && several {
                    part.spoil("goes by the order of something uncertain", key.span);
                }
                part.join(&order);
            }
            match how {
                Aggregate::Any | Aggregate::All | Aggregate::Product => {
                    whole.multiply(&part, expr.span)
                }
                _ => whole.join(&part),
            }
        }
        match how {
            Aggregate::Min | Aggregate::Max | Aggregate::Median if several => {
                let word = "takes the least, middle or greatest of uncertain values";
                self.unless_decided(whole, expr, word)
            }
            _ => whole,
        }
    }

    /// A draw is as uncertain as itself and what its parameters read. Its mean passes through where
    /// it is affine in them; the spread of a distribution around its mean does not matter.
    fn drawn(&self, distribution: Distribution, list: &[Expr], span: Span) -> Part {
        let mut part = self.joined(list);
        let random = part.is_random();
        match distribution {
            Distribution::LogNormal | Distribution::Beta if random => {
                part.spoil("draws from a distribution whose mean bends in what it reads", span);
            }
            Distribution::Bernoulli if random => {
                let chance = list.first().map_or(Interval::ALL, |p| bounds(p, self));
                if !(chance.lo >= 0.0 && chance.hi <= 1.0) {
                    part.spoil("draws with a probability that may leave 0 to 1", span);
                }
            }
            _ => {}
        }
        part.join(&self.round.draw());
        part
    }
}

fn is_zero(found: Interval) -> bool {
    found.lo == 0.0 && found.hi == 0.0
}

/// The product, or complement of the product of complements, of parts.
fn independent(parts: impl Iterator<Item = Part>, span: Span) -> Part {
    let mut whole = Part::default();
    for part in parts {
        whole.multiply(&part, span);
    }
    whole
}

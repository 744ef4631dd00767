//! A formula in which some parameters are known.

use super::eval::{Parameters, value};
use super::node::*;

impl Expr {
    /// The same formula with numbers in the place of the parameters that are `known`. Parts that
    /// then read nothing are worked out, as they would be each time: no value changes by a bit.
    pub fn with(&self, known: &impl Fn(usize) -> Option<f64>) -> Expr {
        let own = |e: &Expr| Box::new(e.with(known));
        let all = |list: &[Expr]| list.iter().map(|e| e.with(known)).collect();
        let node = match &self.node {
            Node::Parameter(cell) => known(*cell).map_or(Node::Parameter(*cell), Node::Number),
            Node::Negate(a) => Node::Negate(own(a)),
            Node::Not(a) => Node::Not(own(a)),
            Node::And(a, b) => Node::And(own(a), own(b)),
            Node::Or(a, b) => Node::Or(own(a), own(b)),
            Node::Same(a, b) => Node::Same(own(a), own(b)),
            Node::Binary(how, a, b) => Node::Binary(*how, own(a), own(b)),
            Node::Compare(how, a, b) => Node::Compare(*how, own(a), own(b)),
            Node::CompareTruth(how, a, b) => Node::CompareTruth(*how, own(a), own(b)),
            Node::If(parts) => Node::If(Box::new(parts.each_ref().map(|e| e.with(known)))),
            Node::Call(function, list) => Node::Call(*function, all(list)),
            Node::Draw(distribution, list, site) => Node::Draw(*distribution, all(list), *site),
            Node::Fold(how, terms) => {
                let term = |t: &Term| Term {
                    filter: t.filter.as_ref().map(|f| f.with(known)),
                    key: t.key.as_ref().map(|k| k.with(known)),
                    value: t.value.with(known),
                };
                Node::Fold(*how, terms.iter().map(term).collect())
            }
            other => other.clone(),
        };
        worked_out(Expr { node, span: self.span })
    }
}

/// A part whose own parts are numbers is a number; a branch whose condition is decided is the one
/// that is taken.
fn worked_out(expr: Expr) -> Expr {
    let parts = expr.children();
    let reads_nothing = !parts.is_empty() && parts.iter().all(|p| p.decided().is_some());
    match &expr.node {
        Node::Draw(..) => expr,
        _ if reads_nothing => Expr::number(value(&expr, &Parameters(&[])), expr.span),
        Node::If(branches) => match branches[0].decided() {
            Some(1.0) => branches[1].clone(),
            Some(0.0) => branches[2].clone(),
            _ => expr,
        },
        _ => expr,
    }
}

//! What is imagined beyond a round of averages: the world after it, given that the run goes on.

use super::{Round, World};
use crate::expr::{Number, Operation};
use crate::model::{HazardId, IndexVec, OptionId, SeatId};

/// So far the weights of what follows may add up to another weight that the run goes on.
const ROUNDING: f64 = 1e-12;

/// Something that may decide whether the run goes on: what it weighs, given that it does.
struct Given<N> {
    /// 1 if it decides.
    decides: N,
    /// 1 if what it weighs given that the run goes on can be told from how it decides.
    told: N,
    /// By alternative, the weight given that the run goes on.
    weights: Vec<N>,
}

impl<N: Number> Round<'_, N> {
    /// The world after the round, given that the run goes on: where one choice or one event alone
    /// decides that, with weights w and weights s that the run goes on after each alternative, the
    /// alternatives weigh w s / Σ w s. Elsewhere the world is that of [`Round::next`].
    pub fn onward(&self, mixed: &IndexVec<OptionId, N>) -> World<N> {
        let gate = &self.start.index.gate;
        if self.decided.is_some() || gate.seats.is_empty() && gate.hazards.is_empty() {
            return self.next(mixed);
        }
        let seats: Vec<(SeatId, Given<N>)> =
            gate.seats.iter().filter_map(|seat| Some((*seat, self.given_choice(*seat)?))).collect();
        let hazards: Vec<(HazardId, Given<N>)> =
            gate.hazards.iter().filter_map(|h| Some((*h, self.given_event(*h)?))).collect();
        let one = self.start.number(1.0);
        let all = seats.iter().map(|(_, given)| given);
        let all = all.chain(hazards.iter().map(|(_, given)| given));
        let deciding = all.fold(self.start.number(0.0), |sum, given| sum + given.decides);
        let alone = deciding.equal(one);
        let mut chosen = self.chosen.clone();
        for (seat, given) in &seats {
            let wanted = alone * given.decides * given.told;
            let options = self.start.index.model.seats[*seat].range();
            for (share, weight) in chosen.slice_mut(options).iter_mut().zip(&given.weights) {
                *share = wanted.select(*weight, *share);
            }
        }
        let mut round = Round::new(self.start, chosen, self.learn);
        if !hazards.is_empty() {
            let every = self.start.index.model.hazards.ids();
            let mut decided: IndexVec<HazardId, N> = every.map(|h| round.happened(h)).collect();
            for (hazard, given) in &hazards {
                let wanted = alone * given.decides * given.told;
                decided[*hazard] = wanted.select(given.weights[0], decided[*hazard]);
            }
            round.decided = Some(decided);
        }
        round.next(mixed)
    }

    /// How a seat decides whether the run goes on; nothing if its choice is known.
    fn given_choice(&self, seat: SeatId) -> Option<Given<N>> {
        let options = self.start.index.model.seats[seat].options();
        if options.clone().all(|option| self.chosen[option].is_binary()) {
            return None;
        }
        let after = |option: OptionId| {
            let mut chosen = self.chosen.clone();
            for other in options.clone() {
                chosen[other] = self.start.number(f64::from(u8::from(other == option)));
            }
            Round::new(self.start, chosen, self.learn).goes_on()
        };
        let ways = options.clone().map(|option| {
            let weight = self.chosen[option];
            let on = if weight.is_zero() { weight } else { after(option) };
            (weight, on)
        });
        Some(self.given(&ways.collect::<Vec<_>>()))
    }

    /// How an event decides it; nothing if it is known whether it happens.
    fn given_event(&self, hazard: HazardId) -> Option<Given<N>> {
        let chance = self.happened(hazard);
        if chance.is_binary() {
            return None;
        }
        let every = self.start.index.model.hazards.ids();
        let after = |weight: f64| {
            let mut decided: IndexVec<HazardId, N> =
                every.clone().map(|h| self.happened(h)).collect();
            decided[hazard] = self.start.number(weight);
            let mut round = Round::new(self.start, self.chosen.clone(), self.learn);
            round.decided = Some(decided);
            round.goes_on()
        };
        Some(self.given(&[(chance, after(1.0)), (chance.complement(), after(0.0))]))
    }

    /// From the weights of alternatives, each with the weight that the run goes on after it.
    fn given(&self, ways: &[(N, N)]) -> Given<N> {
        let (zero, one, on) = (self.start.number(0.0), self.start.number(1.0), self.goes_on());
        let (mut total, mut same) = (zero, one);
        for (weight, after) in ways {
            total = total + weight.weigh(*after);
            same = same * weight.equal(zero).maximum(after.equal(on));
        }
        let off = N::operation(Operation::Abs, [total - on]);
        let near = N::operation(Operation::AtMost, [off, self.start.number(ROUNDING)]);
        let weights = ways.iter().map(|(weight, after)| weight.weigh(*after) / total);
        Given {
            decides: same.complement(),
            told: near * total.not_zero(),
            weights: weights.collect(),
        }
    }
}

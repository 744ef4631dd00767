//! Step 2: levels of reasoning, from replies to strategies.

use super::nested::Nested;
use super::{EffectIndex, Perspective, Play, Setting, TrueStart, World, open_options};
use super::{Sharpness, reply, without_thought};
use crate::expr::{Number, value};
use crate::model::{
    ActorId, Decision, IndexVec, Reasoning, Rule, SeatId, dissimilarity, poisson_levels,
};

/// What deliberation comes to.
#[derive(Debug, Clone)]
pub struct Strategies<N, K> {
    /// By seat and type, the mix that others expect and learn from: for Poisson reasoning the
    /// average over levels.
    pub expected: Play<N>,
    /// By seat and type, the mix at the level its actor reasons at in this run.
    pub realised: Play<N>,
    /// By seat and type, what was kept where that mix was formed.
    pub kept: IndexVec<SeatId, Vec<K>>,
}

/// Everybody at a world, and what they can do.
pub struct Table<'a, N: Number> {
    pub index: &'a EffectIndex<'a>,
    pub home: N::Home,
    /// The stage of the round that is thought about.
    stage: usize,
    /// By actor and type: who thinks.
    perspectives: IndexVec<ActorId, Vec<Perspective<'a, N>>>,
    /// By seat and type of its actor: how far each option is available.
    pub open: Play<N>,
}

impl<'a, N: Number> Table<'a, N> {
    pub fn new(
        index: &'a EffectIndex<'a>,
        setting: &dyn Setting<N>,
        world: &'a World<N>,
        true_start: Option<TrueStart<'_, 'a, N>>,
    ) -> Self {
        let perspectives = Perspective::all(index, setting, world);
        let open = open_options(&perspectives, true_start, index.model);
        Table { index, home: setting.home(), stage: world.stage, perspectives, open }
    }

    /// The seats that are filled now.
    pub fn seats(&self) -> impl Iterator<Item = SeatId> + '_ {
        self.open.ids().filter(|seat| self.index.model.seats[*seat].stage == self.stage)
    }

    /// Who fills a seat, as one of its types.
    pub fn perspective(&self, seat: SeatId, actor_type: usize) -> &Perspective<'a, N> {
        &self.perspectives[self.index.model.seats[seat].actor][actor_type]
    }

    pub fn decision(&self, seat: SeatId) -> &'a Decision {
        &self.index.arm.decisions[self.index.model.seats[seat].actor]
    }

    /// The mix of a seat, as one type, that follows from the utilities of its options.
    pub fn mix(
        &self,
        (seat, actor_type): (SeatId, usize),
        precision: N,
        utilities: &[N],
    ) -> Vec<N> {
        let nests = self.nests(seat, actor_type);
        let sharpness = Sharpness { precision, nests: &nests };
        let open = &self.open[seat][actor_type];
        reply(self.home, self.decision(seat), &sharpness, utilities, open)
    }

    /// The nests of a seat with how unlike their options are; none where its rule has none. A nest
    /// of one option needs no such number.
    fn nests(&self, seat: SeatId, actor_type: usize) -> Vec<Nested<N>> {
        let decision = self.decision(seat);
        if decision.rule != Rule::NestedLogit {
            return Vec::new();
        }
        let start = &self.perspective(seat, actor_type).start;
        let nests = self.index.model.nests(seat, decision.nests).into_iter();
        let known = nests.map(|(nest, options)| {
            let formula = dissimilarity(&decision.dissimilarity, &nest);
            let formula = formula.filter(|_| options.len() > 1);
            let dissimilarity = formula.map_or(start.number(1.0), |f| value(f, start));
            Nested { options, dissimilarity }
        });
        known.collect()
    }

    /// The mixes of rules that do not deliberate, and of level 0.
    pub fn level_zero(&self) -> Play<N> {
        let seats = self.open.enumerate();
        let mixes = seats.map(|(seat, types)| {
            let types = types.iter().enumerate();
            let start = |actor_type| &self.perspective(seat, actor_type).start;
            let now = self.index.model.seats[seat].stage == self.stage;
            let mix = |(number, open): (usize, &Vec<N>)| match now {
                true => without_thought(start(number), seat, open),
                false => open.clone(),
            };
            types.map(mix).collect()
        });
        mixes.collect()
    }
}

/// How seats reply to each other, and what cannot be said alike for numbers that are known and for
/// numbers that are not: what is kept of a reply, when it fails, and how long an iteration lasts.
pub trait Replies<'a, N: Number + 'a> {
    /// What is kept of a reply besides the mix.
    type Kept: Clone + Default;
    /// Why there is no reply.
    type Error;

    /// Who replies.
    fn table(&self) -> &Table<'a, N>;
    /// A seat's reply, as one type, to what everyone is predicted to play.
    ///
    /// # Errors
    /// A utility of an available option that is not finite, where that is known.
    fn reply(
        &self,
        at: (SeatId, usize),
        play: &Play<N>,
    ) -> Result<(Vec<N>, Self::Kept), Self::Error>;
    /// Whether this is the real round. In imagined ones levels are not known, and their average
    /// stands for them.
    fn is_real(&self) -> bool;
    /// 1 where an actor's level in this run is this one.
    fn level(&self, actor: ActorId, level: usize) -> N;
    /// Where replies start from.
    fn start(&self) -> Play<N> {
        self.table().level_zero()
    }
    /// So many levels are going to be worked out; to be called after each.
    fn begin(&self, levels: usize) -> Box<dyn FnMut() + '_>;
    /// Mutual replies by damped iteration from a start.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    fn equilibrium(
        &self,
        start: &Play<N>,
        answer: &mut Answer<N, Self::Kept>,
    ) -> Result<(), Self::Error>;

    /// The replies of some seats to a play; the others keep what `answer` has of them.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    fn replies(
        &self,
        play: &Play<N>,
        wanted: impl Fn(SeatId) -> bool,
        (mixes, kept): &mut Answer<N, Self::Kept>,
    ) -> Result<(), Self::Error> {
        let table = self.table();
        for seat in table.seats() {
            if N::ended(table.home) {
                break;
            }
            if !table.decision(seat).deliberates() || !wanted(seat) {
                continue;
            }
            for at in 0..play[seat].len() {
                (mixes[seat][at], kept[seat][at]) = self.reply((seat, at), play)?;
            }
        }
        Ok(())
    }

    /// The mixes of all seats.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    fn settle(&self) -> Result<Strategies<N, Self::Kept>, Self::Error> {
        let start = self.start();
        let kept: IndexVec<SeatId, Vec<Self::Kept>> =
            start.iter().map(|types| vec![Self::Kept::default(); types.len()]).collect();
        let mut found = Strategies { expected: start.clone(), realised: start.clone(), kept };
        self.fixed_levels(&start, &mut found)?;
        self.poisson_levels(&start, &mut found)?;
        let table = self.table();
        let seeks = |seat: &SeatId| table.decision(*seat).reasoning == Reasoning::Equilibrium;
        if table.seats().any(|seat| seeks(&seat)) {
            let mut answer = (start, found.kept.clone());
            self.equilibrium(&answer.0.clone(), &mut answer)?;
            for seat in table.seats().filter(seeks) {
                found.take(seat, &answer);
            }
        }
        Ok(found)
    }

    /// Level k replies to level k − 1; every seat is followed up to the highest level anyone
    /// reasons at, for all of them predict all others.
    ///
    /// # Errors
    /// As [`Replies::reply`].
    fn fixed_levels(
        &self,
        start: &Play<N>,
        found: &mut Strategies<N, Self::Kept>,
    ) -> Result<(), Self::Error> {
        let table = self.table();
        let level_of = |seat: SeatId| match table.decision(seat).reasoning {
            Reasoning::Level(level) => Some(level),
            _ => None,
        };
        let Some(top) = table.seats().filter_map(level_of).max() else { return Ok(()) };
        let mut answer = (start.clone(), found.kept.clone());
        let mut done = self.begin(top as usize);
        for level in 1..=top {
            let below = answer.0.clone();
            // at the top only those that reason so far need a reply
            let wanted = |seat| level < top || level_of(seat) == Some(level);
            self.replies(&below, wanted, &mut answer)?;
            for seat in table.seats().filter(|seat| level_of(*seat) == Some(level)) {
                found.take(seat, &answer);
            }
            done();
        }
        Ok(())
    }

    /// Every actor's level is drawn once a run; level k replies to the mixture of lower levels in
    /// proportion to their probability (Camerer, Ho and Chong 2004).
    ///
    /// # Errors
    /// As [`Replies::reply`].
    fn poisson_levels(
        &self,
        start: &Play<N>,
        found: &mut Strategies<N, Self::Kept>,
    ) -> Result<(), Self::Error> {
        let table = self.table();
        let mean_of = |seat: SeatId| match table.decision(seat).reasoning {
            Reasoning::Poisson(mean) => Some(mean),
            _ => None,
        };
        let mut means: Vec<f64> = Vec::new();
        for mean in table.seats().filter_map(mean_of) {
            if !means.contains(&mean) {
                means.push(mean);
            }
        }
        for mean in means {
            let shares = poisson_levels(mean);
            let mut all = vec![(start.clone(), found.kept.clone())];
            let mut done = self.begin(shares.len() - 1);
            for level in 1..shares.len() {
                let mixture = mixture(table.home, &all, &shares[..level]);
                let mut answer = (start.clone(), found.kept.clone());
                self.replies(&mixture, |_| true, &mut answer)?;
                all.push(answer);
                done();
            }
            let average = mixture(table.home, &all, &shares);
            for seat in table.seats().filter(|seat| mean_of(*seat) == Some(mean)) {
                found.expected[seat].clone_from(&average[seat]);
                if !self.is_real() {
                    found.realised[seat].clone_from(&average[seat]);
                    continue;
                }
                // of level 0 is who is of no other
                found.realised[seat].clone_from(&all[0].0[seat]);
                for (level, (play, kept)) in all.iter().enumerate().skip(1) {
                    let drawn = self.level(table.index.model.seats[seat].actor, level);
                    let own = found.realised[seat].iter_mut().flatten();
                    own.zip(play[seat].iter().flatten())
                        .for_each(|(x, p)| *x = drawn.select(*p, *x));
                    if drawn.known() == Some(1.0) {
                        found.kept[seat].clone_from(&kept[seat]);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Replies, and what was kept of them, by seat and type.
pub type Answer<N, K> = (Play<N>, IndexVec<SeatId, Vec<K>>);

impl<N: Clone, K: Clone> Strategies<N, K> {
    /// A seat plays what it has answered.
    fn take(&mut self, seat: SeatId, (play, kept): &Answer<N, K>) {
        self.expected[seat].clone_from(&play[seat]);
        self.realised[seat].clone_from(&play[seat]);
        self.kept[seat].clone_from(&kept[seat]);
    }
}

/// Levels mixed in proportion to their shares.
fn mixture<N: Number, K>(home: N::Home, levels: &[Answer<N, K>], shares: &[f64]) -> Play<N> {
    let mut sum = 0.0;
    for share in shares {
        sum += share;
    }
    let mut mixed = levels[0].0.clone();
    mixed.iter_mut().flatten().flatten().for_each(|share| *share = N::constant(home, 0.0));
    for ((play, _), share) in levels.iter().zip(shares) {
        let share = N::constant(home, share / sum);
        let mixed = mixed.iter_mut().flatten().flatten();
        for (total, p) in mixed.zip(play.iter().flatten().flatten()) {
            *total = *total + share * *p;
        }
    }
    mixed
}

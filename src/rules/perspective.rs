//! Who imagines: an actor as one of its types, with what it knows and believes.

use super::{EffectIndex, Play, Setting, Start, View, World, availability};
use crate::expr::Number;
use crate::model::{ActorId, IndexVec, Model, OptionId, SeatId};

/// An actor as one of its types.
pub struct Perspective<'a, N: Number> {
    pub actor: ActorId,
    /// Its type; 0 without private information.
    pub actor_type: usize,
    /// The start of the round in its view.
    pub start: Start<'a, N>,
}

impl<'a, N: Number> Perspective<'a, N> {
    pub fn new(
        index: &'a EffectIndex<'a>,
        setting: &dyn Setting<N>,
        world: &'a World<N>,
        (actor, actor_type): (ActorId, usize),
    ) -> Self {
        let view = View::of_actor(index, setting, world, (actor, actor_type));
        Perspective { actor, actor_type, start: Start::new(index, setting.home(), world, view) }
    }

    /// By actor and type, everybody at a world.
    pub fn all(
        index: &'a EffectIndex<'a>,
        setting: &dyn Setting<N>,
        world: &'a World<N>,
    ) -> IndexVec<ActorId, Vec<Self>> {
        let model = index.model;
        model
            .actors()
            .map(|actor| {
                let types = model.private_of(actor).map_or(1, |p| model.private[p].types.len());
                (0..types).map(|number| Self::new(index, setting, world, (actor, number))).collect()
            })
            .collect()
    }

    /// The weight of every option as it is predicted from here: own seats by the own type, those of
    /// others averaged over beliefs about their types; as it was chosen in earlier stages, and none
    /// in later ones.
    pub fn predicted(&self, play: &Play<N>) -> IndexVec<OptionId, N> {
        let model = self.start.index.model;
        let mut weights = IndexVec::filled(self.start.number(0.0), model.options.len());
        let world = self.start.world;
        for (number, seat) in model.seats.enumerate() {
            if seat.stage != world.stage {
                weights.slice_mut(seat.range()).copy_from_slice(world.chosen.slice(seat.range()));
                continue;
            }
            let Some(id) = model.private_of(seat.actor) else {
                weights.slice_mut(seat.range()).copy_from_slice(&play[number][0]);
                continue;
            };
            for (share, mix) in self.start.view.weights[id].iter().zip(&play[number]) {
                if share.is_zero() {
                    continue;
                }
                for (sum, p) in weights.slice_mut(seat.range()).iter_mut().zip(mix) {
                    *sum = *sum + share.weigh(*p);
                }
            }
        }
        weights
    }
}

/// The start of a round for a perspective in the view of whoever knows the true types of others.
pub type TrueStart<'f, 'a, N> = &'f dyn Fn(&Perspective<'a, N>) -> Start<'a, N>;

/// By seat of the present stage and type of its actor, how far each option is available; 0 for
/// other seats. In reality conditions are read
/// at the true types of others (`true_start` is the start in that view), in imagination as the
/// actor sees them.
pub fn open_options<'a, N: Number>(
    perspectives: &IndexVec<ActorId, Vec<Perspective<'a, N>>>,
    true_start: Option<TrueStart<'_, 'a, N>>,
    model: &Model,
) -> IndexVec<SeatId, Vec<Vec<N>>> {
    let seats = model.seats.enumerate();
    seats
        .map(|(number, seat)| {
            let all = perspectives[seat.actor].iter();
            all.map(|perspective| match true_start {
                _ if seat.stage != perspective.start.world.stage => {
                    vec![perspective.start.number(0.0); seat.options().len()]
                }
                Some(start) if !model.private.is_empty() => {
                    availability(&start(perspective), number)
                }
                _ => availability(&perspective.start, number),
            })
            .collect()
        })
        .collect()
}

//! Where the random numbers of each unit lie, by its name.
//!
//! A draw belongs to a unit: an actor, a seat, an option, a cell or a hazard. The slot of its
//! address ([`rng::Address`](crate::rng::Address)) is a hash of the unit's name, so that whoever
//! adds an actor, an event or a move leaves everybody else's luck as it was, and two versions of a
//! file can be compared run by run.

use std::collections::BTreeMap;

use super::{ActorId, CellId, Hazard, HazardId, IndexVec, Model, OptionId, SeatId};
use crate::diagnostic::Span;
use crate::expr::{Act, Shape};
use crate::rng::MAX_SLOT;

/// The slots of all units, by purpose. Within a purpose no two units share one.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// Of true types, by private id.
    pub types: Vec<u32>,
    /// Of levels of reasoning that are drawn, by actor.
    pub levels: IndexVec<ActorId, u32>,
    /// Of choices, by seat.
    pub seats: IndexVec<SeatId, u32>,
    /// Of draws in effects of moves, by option.
    pub options: IndexVec<OptionId, u32>,
    /// Of draws in initial values and dynamics, by cell.
    pub cells: IndexVec<CellId, u32>,
    /// Of events and draws in their effects, by hazard.
    pub hazards: IndexVec<HazardId, u32>,
    /// Units whose hash was another's already.
    pub moved: Vec<Moved>,
}

/// A unit that does not have the slot of its name, since another has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its name: `cell:tension[A,B]`.
    pub unit: String,
    /// Whose slot it would have had.
    pub taken_by: String,
    /// Where the unit is defined; empty where it is no entry of its own.
    pub span: Span,
}

impl Slots {
    /// The slots of a model whose names, cells, seats, options and hazards are complete.
    pub fn new(model: &Model) -> Slots {
        let mut moved = Vec::new();
        let mut slots = |units: Vec<(String, Span)>| {
            let (slots, more) = assigned(&units, natural);
            moved.extend(more);
            slots
        };
        Slots {
            types: slots(types(model)),
            levels: slots(levels(model)).into(),
            seats: slots(seats(model)).into(),
            options: slots(options(model)).into(),
            cells: slots(cells(model)).into(),
            hazards: slots(hazards(model)).into(),
            moved,
        }
    }

    /// The names of all units with their slots, in order of name.
    pub fn named(&self, model: &Model) -> BTreeMap<String, u32> {
        let units: [(Units, &[u32]); 6] = [
            (types(model), &self.types),
            (levels(model), &self.levels),
            (seats(model), &self.seats),
            (options(model), &self.options),
            (cells(model), &self.cells),
            (hazards(model), &self.hazards),
        ];
        let pairs = units.into_iter().flat_map(|(units, slots)| {
            units.into_iter().map(|(name, _)| name).zip(slots.iter().copied())
        });
        pairs.collect()
    }
}

/// The units of a purpose by number: names, and where they are defined.
type Units = Vec<(String, Span)>;

fn types(model: &Model) -> Units {
    let name = |actor: ActorId| format!("type:{}", model.names.actors[actor]);
    model.private.iter().map(|private| (name(private.actor), private.span)).collect()
}

fn levels(model: &Model) -> Units {
    let actors = model.names.actors.iter();
    actors.map(|actor| (format!("level:{actor}"), Span::default())).collect()
}

fn seats(model: &Model) -> Units {
    let seats = model.seats.ids();
    seats.map(|seat| (format!("seat:{}", seat_name(model, seat)), Span::default())).collect()
}

fn options(model: &Model) -> Units {
    let span = |acts: &[Act]| acts.first().map_or(Span::default(), |a| model.moves[a.action].span);
    let options = model.options.enumerate();
    options.map(|(n, choice)| (option(model, n), span(&choice.acts))).collect()
}

fn cells(model: &Model) -> Units {
    let cells = model.cells.enumerate();
    cells.map(|(n, of)| (cell(model, n), model.states[of.state].span)).collect()
}

fn hazards(model: &Model) -> Units {
    let hazards = model.hazards.iter();
    let unit =
        |hazard: &Hazard| (format!("event:{}", hazard.label), model.events[hazard.event].span);
    hazards.map(unit).collect()
}

fn seat_name(model: &Model, seat: SeatId) -> String {
    let seat = &model.seats[seat];
    format!("{}.{}", model.names.actors[seat.actor], model.tracks[seat.track])
}

/// `CHN.military.court[ROK]`, `CHN.military.hold`.
fn option(model: &Model, option: OptionId) -> String {
    let choice = &model.options[option];
    let seat = seat_name(model, choice.seat);
    let one = |act: &Act| model.names.label(&model.names.moves[act.action].name, &act.targets);
    let acts: Vec<String> = choice.acts.iter().map(one).collect();
    let acts = if acts.is_empty() { "hold".to_string() } else { acts.join("+") };
    format!("option:{seat}.{acts}")
}

/// The label; the two ends of an undirected dyad in order of name, so that the order of actors in
/// the file does not matter.
fn cell(model: &Model, cell: CellId) -> String {
    let cell = &model.cells[cell];
    let state = &model.names.states[cell.state];
    if state.shape != Shape::Dyad {
        return format!("cell:{}", cell.label);
    }
    let mut ends: Vec<&str> = cell.at.iter().map(|a| model.names.element(*a)).collect();
    ends.sort_unstable();
    format!("cell:{}[{}]", state.name, ends.join(","))
}

/// The slot of a name that no other has: the low 28 bits of its BLAKE3 hash, the first four bytes
/// in little-endian order.
fn natural(name: &str) -> u32 {
    let hash = blake3::hash(name.as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_le_bytes([a, b, c, d]) & MAX_SLOT
}

/// A slot for each unit. In order of name each takes its natural slot, or the next that is free.
fn assigned(units: &Units, natural: impl Fn(&str) -> u32) -> (Vec<u32>, Vec<Moved>) {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_unstable_by_key(|number| &units[*number].0);
    let mut taken: BTreeMap<u32, usize> = BTreeMap::new();
    let (mut slots, mut moved) = (vec![0; units.len()], Vec::new());
    for number in order {
        let (name, span) = &units[number];
        let mut slot = natural(name);
        if let Some(other) = taken.get(&slot) {
            let taken_by = units[*other].0.clone();
            moved.push(Moved { unit: name.clone(), taken_by, span: *span });
        }
        while taken.contains_key(&slot) {
            slot = (slot + 1) & MAX_SLOT;
        }
        taken.insert(slot, number);
        slots[number] = slot;
    }
    (slots, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_in_order_of_name_keeps_its_slot() {
        let units = ["d", "b", "c", "a"].map(|name| (name.to_string(), Span::default()));
        let natural = |name: &str| match name {
            "a" | "b" | "d" => MAX_SLOT,
            _ => 0,
        };
        let (slots, moved) = assigned(&units.to_vec(), natural);
        assert_eq!(slots, [2, 0, 1, MAX_SLOT]);
        let pairs: Vec<(&str, &str)> =
            moved.iter().map(|m| (m.unit.as_str(), m.taken_by.as_str())).collect();
        assert_eq!(pairs, [("b", "a"), ("c", "b"), ("d", "a")]);
    }

    #[test]
    fn slots_never_change() {
        assert_eq!(natural("event:war[CHN,PRK]"), 0x0ea1_9cfc);
    }
}

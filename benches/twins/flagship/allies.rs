//! What options are worth to South Korea, Japan and the United States.

use super::drift::*;
use super::minds::*;
use super::numbers::*;
use super::options::*;
use super::world::*;

/// The crises of an ally at the tensions of a state, where they are not those of another climate.
#[inline(always)]
fn climate_of_ally(eyes: &Eyes, a: &Cells, ally: usize, from: &Climate) -> Climate {
    eyes.climate(next_tension(a), [CHN + ally, 3 + ally, PRK + ally], from)
}

/// The tension of an ally with North Korea in the end, that with China, and what it loses through
/// crises and wars.
#[inline(always)]
fn ally_in_danger(eyes: &Eyes, climate: &Climate, held: f64, ally: usize) -> (f64, f64, f64) {
    let (china, north) = (CHN + ally, PRK + ally);
    let with_north = eyes.end(north, climate, held).1;
    // only Washington minds its tension with China
    let with_china = if ally == USA { eyes.end(china, climate, held).1 } else { 0.0 };
    let crises = climate.crisis[china] + climate.crisis[3 + ally] + climate.crisis[north];
    let war = eyes.war(climate, held);
    (with_north, with_china, SECURITY[2] * (CRISIS_LOSS[2] * crises + WAR_LOSS[2] * war))
}

/// The part of the threat to an ally that is not its own quarrel with North Korea.
#[inline(always)]
fn standing_threat(eyes: &Eyes, mean: &Mean, ally: usize) -> f64 {
    backing(mean.next[TREATY]) * mean.next[DETERRENT]
        + THREAT_CHINA[ally] * eyes.suspicion(mean.next[ASSOCIATION])
}

/// The alliance with Washington in the end.
#[inline(always)]
fn cohesion(eyes: &Eyes, a: &Cells, client: usize) -> f64 {
    unit(next_cohesion(a, client, eyes.world.belief) + eyes.news.cohesion(client))
}

/// A client's security and alliance in a danger, with its own forces and trilateral cooperation.
#[inline(always)]
fn client_with(
    danger: (f64, f64, f64),
    client: usize,
    (standing, own, cohesion): (f64, f64, f64),
    (american, three): (f64, f64),
) -> f64 {
    let (tension, _, lost) = danger;
    let threat = THREAT_TENSION * tension + standing;
    let umbrella =
        SHIELD_OWN[client] * own + SHIELD_US * american * cohesion + SHIELD_THREE * three;
    -WS * (EXPOSURE[client] * threat * (1.0 - umbrella) + DREAD * tension) - lost
        + WI * ALLY_VALUE * cohesion
}

pub fn client_military(eyes: &Eyes, mean: &Mean, client: usize, mix: &[f64]) -> [f64; 3] {
    let first = SEAT[9 + 2 * client];
    let (standing, held) = (standing_threat(eyes, mean, client), mean.brake(eyes));
    let mut turns = Turns::new(eyes, mean, first, mix);
    let calm = climate_of_ally(eyes, &turns.acted, client, &Climate::UNKNOWN);
    turns.worths(first, |_, a| {
        let climate = climate_of_ally(eyes, a, client, &calm);
        let danger = ally_in_danger(eyes, &climate, held, client);
        let own = (standing, next_posture(a, 3 + client), cohesion(eyes, a, client));
        let partners = unit(next_of_clients(a) + eyes.news.of_clients());
        client_with(danger, client, own, (mean.next[P_U], next_three(a)))
            + WI * 0.5 * ALLY_VALUE * partners
    })
}

pub fn client_diplomacy(eyes: &Eyes, mean: &Mean, client: usize, mix: &[f64]) -> [f64; 4] {
    let first = SEAT[10 + 2 * client];
    let (standing, held) = (standing_threat(eyes, mean, client), mean.brake(eyes));
    let (own, others) = (mean.next[P_K + client], (mean.next[P_U], mean.next[THREE]));
    let mut turns = Turns::new(eyes, mean, first, mix);
    let calm = climate_of_ally(eyes, &turns.acted, client, &Climate::UNKNOWN);
    let usual = ally_in_danger(eyes, &calm, held, client);
    turns.worths(first, |at, a| {
        // an affirmation changes no tension
        let danger = match at {
            0 | 1 => ally_in_danger(eyes, &climate_of_ally(eyes, a, client, &calm), held, client),
            _ => usual,
        };
        let warmth = match client {
            ROK => unit(next_with_seoul(a) + eyes.news.with_seoul()),
            _ => next_with_tokyo(a),
        };
        client_with(danger, client, (standing, own, cohesion(eyes, a, client)), others)
            + WE * WARMTH[client] * warmth
    })
}

/// What Washington makes of a danger, with its forces and trilateral cooperation.
#[inline(always)]
fn america_with(danger: (f64, f64, f64), standing: f64, own: f64, three: f64) -> f64 {
    let (north, china, lost) = danger;
    let threat = THREAT_TENSION * north + standing;
    let defence = SHIELD_OWN[USA] * own + SHIELD_THREE * three;
    -WS * (EXPOSURE[USA] * threat * (1.0 - defence) + DREAD * (north + china)) - lost
}

pub fn america_military(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 5] {
    let (standing, held) = (standing_threat(eyes, mean, USA), mean.brake(eyes));
    let mut turns = Turns::new(eyes, mean, SEAT[13], mix);
    let calm = climate_of_ally(eyes, &turns.acted, USA, &Climate::UNKNOWN);
    turns.worths(SEAT[13], |_, a| {
        let danger = ally_in_danger(eyes, &climate_of_ally(eyes, a, USA, &calm), held, USA);
        let allies = cohesion(eyes, a, ROK) + cohesion(eyes, a, JPN);
        america_with(danger, standing, next_posture(a, 5), next_three(a)) + WI * ALLY_VALUE * allies
    })
}

pub fn america_diplomacy(eyes: &Eyes, mean: &Mean, mix: &[f64]) -> [f64; 5] {
    let (standing, held) = (standing_threat(eyes, mean, USA), mean.brake(eyes));
    let (own, three) = (mean.next[P_U], mean.next[THREE]);
    let mut turns = Turns::new(eyes, mean, SEAT[14], mix);
    let calm = climate_of_ally(eyes, &turns.acted, USA, &Climate::UNKNOWN);
    let usual = america_with(ally_in_danger(eyes, &calm, held, USA), standing, own, three);
    turns.worths(SEAT[14], |at, a| {
        // to consult an ally, or to hold, changes no tension
        let security = match at {
            0 | 3 => {
                let climate = climate_of_ally(eyes, a, USA, &calm);
                america_with(ally_in_danger(eyes, &climate, held, USA), standing, own, three)
            }
            _ => usual,
        };
        let warmth = unit(next_with_washington(a) + eyes.news.with_washington());
        let allies = cohesion(eyes, a, ROK) + cohesion(eyes, a, JPN);
        security + WE * WARMTH[USA] * warmth + WI * ALLY_VALUE * allies
    })
}

pub fn america_economy(eyes: &Eyes, mean: &Mean, climate: &Climate, mix: &[f64]) -> [f64; 2] {
    let tension = eyes.end(PU, climate, mean.brake(eyes)).1;
    let fixed = THREAT_TENSION * tension + backing(mean.next[TREATY]) * mean.next[DETERRENT];
    let defence = SHIELD_OWN[USA] * mean.next[P_U] + SHIELD_THREE * mean.next[THREE];
    Turns::new(eyes, mean, SEAT[15], mix).worths(SEAT[15], |_, a| {
        let doubt = eyes.suspicion(next_association(a));
        let threat = fixed + THREAT_CHINA[USA] * doubt;
        let warmth = unit(next_with_washington(a) + eyes.news.with_washington());
        // `parts_worry` is 1
        -WS * (EXPOSURE[USA] * threat * (1.0 - defence) + doubt * next_dual(a))
            + WE * WARMTH[USA] * warmth
    })
}

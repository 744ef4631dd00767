//! How cells move by themselves: from the state after what was chosen to the next.

use super::numbers::*;
use super::world::*;

/// A step back to a usual level.
#[inline(always)]
fn fade(from: f64, rate: f64, to: f64) -> f64 {
    unit(from + rate * (to - from))
}

/// All tensions, before noise and limits.
#[inline(always)]
pub fn drift_of_tension(a: &Cells) -> [f64; PAIRS] {
    let excess = (a[PK] + a[PJ] + a[PU]) / 3.0 - (USUAL[PK] + USUAL[PJ] + USUAL[PU]) / 3.0;
    let spread = CONTAGION * excess;
    let china = a[P_C] - POSTURE_START[0];
    let north = a[P_P] - POSTURE_START[2];
    let mut next = [0.0; PAIRS];
    for j in 0..3 {
        let ally = a[P_ALLIES + j] - POSTURE_START[3 + j];
        let c = USUAL[j] + ARMS_PULL * (china + ally) + spread + TAIWAN_PULL[j] * a[TAIWAN];
        let r = USUAL[3 + j] + spread;
        let p = USUAL[6 + j] + ARMS_PULL * (north + ally);
        next[j] = a[j] + TENSION_FADE * (c - a[j]);
        next[3 + j] = a[3 + j] + TENSION_FADE * (r - a[3 + j]);
        next[6 + j] = a[6 + j] + TENSION_FADE * (p - a[6 + j]);
    }
    next
}

#[inline(always)]
pub fn next_tension(a: &Cells) -> [f64; PAIRS] {
    let mut next = drift_of_tension(a);
    for tension in &mut next {
        *tension = unit(*tension);
    }
    next
}

#[inline(always)]
pub fn next_posture(a: &Cells, actor: usize) -> f64 {
    fade(a[POSTURE + actor], POSTURE_FADE, POSTURE_START[actor])
}

#[inline(always)]
pub fn next_with_russia(a: &Cells, share: f64) -> f64 {
    fade(a[A_CR], AFFINITY_FADE, AFFINITY_CR - RIVALRY_DRAG * share)
}

#[inline(always)]
pub fn next_with_north(a: &Cells) -> f64 {
    fade(a[A_CP], AFFINITY_FADE, AFFINITY_CP + GRATITUDE * (a[PATRON_C] - PATRON_CHN))
}

#[inline(always)]
pub fn next_with_seoul(a: &Cells) -> f64 {
    let blamed = BLAME * (a[ASSOCIATION] - ASSOCIATION_START);
    fade(a[A_CK], AFFINITY_FADE, AFFINITY_CK - blamed)
}

#[inline(always)]
pub fn next_with_tokyo(a: &Cells) -> f64 {
    fade(a[A_CJ], AFFINITY_FADE, AFFINITY_CJ)
}

#[inline(always)]
pub fn next_with_washington(a: &Cells) -> f64 {
    fade(a[A_CU], AFFINITY_FADE, AFFINITY_CU)
}

#[inline(always)]
pub fn next_of_partners(a: &Cells) -> f64 {
    fade(a[A_RP], AFFINITY_FADE, AFFINITY_RP + TREATY_WARMTH * a[TREATY])
}

/// The alliance of Washington with Seoul (0) or Tokyo (1).
#[inline(always)]
pub fn next_cohesion(a: &Cells, client: usize, belief: f64) -> f64 {
    let threat = THREAT_TENSION * a[PK + client]
        + backing(a[TREATY]) * a[DETERRENT]
        + THREAT_CHINA[client] * suspicion(belief, a[ASSOCIATION]);
    let usual = COHESION[client] + RALLY * threat - WEDGE[client] * a[A_CK];
    fade(a[A_UK + client], AFFINITY_FADE, usual)
}

#[inline(always)]
pub fn next_of_clients(a: &Cells) -> f64 {
    fade(a[A_KJ], AFFINITY_FADE, AFFINITY_KJ)
}

#[inline(always)]
pub fn next_chinese_patronage(a: &Cells) -> f64 {
    fade(a[PATRON_C], PATRON_FADE, PATRON_CHN)
}

#[inline(always)]
pub fn next_russian_patronage(a: &Cells) -> f64 {
    fade(a[PATRON_R], PATRON_FADE, PATRON_RUS + TIE_PULL * a[TREATY])
}

#[inline(always)]
pub fn next_treaty(a: &Cells) -> f64 {
    a[TREATY] * (1.0 - TREATY_FADE)
}

#[inline(always)]
pub fn next_deterrent(a: &Cells) -> f64 {
    fade(a[DETERRENT], DETERRENT_FADE, DETERRENT_START)
}

#[inline(always)]
pub fn next_regime(a: &Cells) -> f64 {
    let more = a[PATRON_C] + a[PATRON_R] - (PATRON_CHN + PATRON_RUS);
    fade(a[REGIME], REGIME_FADE, REGIME_START + FEEDING * more)
}

#[inline(always)]
pub fn next_three(a: &Cells) -> f64 {
    unit(a[THREE] + CAMP_DRIFT - THREE_FADE * (a[THREE] - THREE_START))
}

#[inline(always)]
pub fn next_association(a: &Cells) -> f64 {
    let company = LINK_PACT * a[TREATY] * 0.5 * (a[A_CR] + a[A_CP]);
    let usual = ASSOCIATION_START + company + LINK_DUAL * (a[DUAL] - DUAL_START);
    fade(a[ASSOCIATION], ASSOCIATION_FADE, usual)
}

#[inline(always)]
pub fn next_oil(a: &Cells) -> f64 {
    fade(a[OIL], FLOW_FADE, OIL_START)
}

#[inline(always)]
pub fn next_dual(a: &Cells) -> f64 {
    fade(a[DUAL], FLOW_FADE, DUAL_START)
}

#[inline(always)]
pub fn next_shells(a: &Cells) -> f64 {
    fade(a[SHELLS], SHELLS_FADE, SHELLS_START)
}

#[inline(always)]
pub fn next_access(a: &Cells) -> f64 {
    fade(a[ACCESS], FLOW_FADE, ACCESS_START)
}

/// Everything moves: from the state after what was chosen to the next. `noise` is what is drawn,
/// by pair and for Ukraine.
#[inline(always)]
pub fn drift(a: &Cells, belief: f64, noise: &[f64; PAIRS + 1]) -> Cells {
    let mut z = *a;
    let tension = drift_of_tension(a);
    for pair in 0..PAIRS {
        z[pair] = unit(tension[pair] + TENSION_NOISE * noise[pair]);
    }
    z[A_CR] = next_with_russia(a, share_in(a));
    z[A_CP] = next_with_north(a);
    z[A_CK] = next_with_seoul(a);
    z[A_CJ] = next_with_tokyo(a);
    z[A_CU] = next_with_washington(a);
    z[A_RP] = next_of_partners(a);
    z[A_UK] = next_cohesion(a, ROK, belief);
    z[A_UJ] = next_cohesion(a, JPN, belief);
    z[A_KJ] = next_of_clients(a);
    for actor in 0..6 {
        z[POSTURE + actor] = next_posture(a, actor);
    }
    z[PATRON_C] = next_chinese_patronage(a);
    z[PATRON_R] = next_russian_patronage(a);
    z[LIGHT_C] = LIGHT_KEEP * a[LIGHT_C];
    z[LIGHT_R] = LIGHT_KEEP * a[LIGHT_R];
    z[TREATY] = next_treaty(a);
    z[DETERRENT] = next_deterrent(a);
    z[REGIME] = next_regime(a);
    z[THREE] = next_three(a);
    z[ASSOCIATION] = next_association(a);
    z[OIL] = next_oil(a);
    z[DUAL] = next_dual(a);
    z[SHELLS] = next_shells(a);
    let need = a[UKRAINE] + UKRAINE_FADE * (UKRAINE_START - a[UKRAINE]);
    z[UKRAINE] = unit(need + UKRAINE_NOISE * noise[PAIRS]);
    z[ACCESS] = next_access(a);
    z[SANCTIONS] = fade(a[SANCTIONS], SANCTION_FADE, SANCTION_START);
    z[TAIWAN] = TAIWAN_KEEP * a[TAIWAN];
    z
}

//! What every option does and costs.

use super::numbers::*;

/// How many options there are.
pub const OPTIONS: usize = 64;
/// The first option of every seat, and the end: China, Russia and North Korea on three tracks,
/// South Korea and Japan on two, the United States on three.
pub const SEAT: [usize; 17] = [0, 3, 13, 19, 21, 25, 28, 31, 36, 38, 41, 45, 48, 52, 57, 62, 64];
/// How many options China has, the first of all.
pub const CHINAS: usize = 19;
pub const SUMMIT: usize = 3;
pub const APPEAL: usize = 7;
pub const MEDIATE: usize = 8;
pub const COERCE: usize = 10;
pub const JOIN_BLOC: usize = 11;
pub const AID: usize = 13;
pub const CUT_AID: usize = 14;
pub const MISSILE_TEST: usize = 28;

// What the size of a step depends on at the start of a round: a factor of these.
pub const ONE: usize = 0;
pub const ROOM_THREE: usize = 1;
pub const ROOM_DETERRENT: usize = 2;
pub const CONFLICT: usize = 3;
pub const HEED: usize = 4;
pub const LEVERAGE: usize = 5;
pub const ROOM_SHELLS: usize = 6;
pub const PRESENT_DUAL: usize = 7;
pub const ROOM_TREATY: usize = 8;
pub const TRUST: usize = 9;
/// The factors of a round.
pub type Factors = [f64; 10];

/// What is added to a cell: cell, step, factor.
type Effect = (usize, f64, usize);

const CONSULT: f64 = 0.02;
const ENGAGE: f64 = 0.025;
const EXERCISE: f64 = 0.07;
const ALARM: f64 = 0.006;
const DISTANCE: f64 = 0.08;
const PRICE: f64 = 0.02;
const WARM: f64 = 0.02;
const OUTREACH: f64 = 0.05;
const BUILDUP: f64 = 0.045;
const DEEPEN: [Effect; 2] = [(TREATY, 0.03, ROOM_TREATY), (A_RP, WARM, ONE)];

/// What an option adds; to join the bloc sets a flag as well, which is kept apart.
pub const EFFECTS: [&[Effect]; OPTIONS] = [
    // China: military
    &[(P_C, BUILDUP, ONE), (CK, ALARM, ONE), (CJ, ALARM, ONE), (CU, ALARM, ONE)],
    &[(A_CR, 0.03, TRUST), (CK, 0.5 * ALARM, ONE), (CJ, 0.5 * ALARM, ONE)],
    &[],
    // diplomacy
    &[(LIGHT_C, 0.4, ONE), (A_CP, WARM, ONE)],
    &[(A_CK, OUTREACH, ONE), (A_UK, -WEDGE[0] * OUTREACH, ONE)],
    &[],
    &[],
    &[(A_CP, 0.03, CONFLICT), (A_CK, 0.03, CONFLICT), (PK, -0.03, HEED)],
    &[(PK, -0.12, LEVERAGE), (A_CK, 0.5 * ENGAGE, ONE)],
    &[(ASSOCIATION, -DISTANCE, ONE), (A_CR, -PRICE, ONE), (A_CP, -PRICE, ONE)],
    &[(PATRON_R, -0.04, LEVERAGE), (REGIME, -0.5 * 0.05, ONE), (A_CP, -0.05, ONE)],
    &[
        (ASSOCIATION, 0.3, ONE),
        (A_CR, WARM, ONE),
        (A_CP, WARM, ONE),
        (A_CK, -DISTANCE, ONE),
        (A_CJ, -DISTANCE, ONE),
        (A_CU, -DISTANCE, ONE),
        (CK, CRISIS_JOLT, ONE),
        (CJ, CRISIS_JOLT, ONE),
        (CU, CRISIS_JOLT, ONE),
    ],
    &[],
    // economy
    &[(PATRON_C, 0.04, ONE), (A_CP, 0.5 * WARM, ONE)],
    &[
        (PATRON_C, -0.08, ONE),
        (PATRON_R, 0.03, ONE),
        (REGIME, -0.05, ONE),
        (A_CP, -0.05, ONE),
        (ASSOCIATION, -DISTANCE, ONE),
    ],
    &[(OIL, -0.12, ONE), (A_CR, -2.0 * PRICE, ONE), (ASSOCIATION, -DISTANCE, ONE)],
    &[(DUAL, -0.15, PRESENT_DUAL), (A_CR, -PRICE, ONE), (ASSOCIATION, -0.5 * DISTANCE, ONE)],
    &[(ACCESS, 0.05, ONE), (A_CK, 0.5 * OUTREACH, ONE), (A_UK, -0.5 * WEDGE[0] * OUTREACH, ONE)],
    &[],
    // Russia: military
    &[
        (DETERRENT, 0.06, ROOM_DETERRENT),
        (PATRON_R, 0.5 * 0.04, ONE),
        (A_RP, 0.5 * WARM, ONE),
        (A_CR, -0.5 * PRICE, ONE),
    ],
    &[],
    // diplomacy
    &[(LIGHT_R, 0.4, ONE), (A_RP, WARM, ONE)],
    &DEEPEN,
    &[(A_CR, CONSULT, ONE)],
    &[],
    // economy
    &[(PATRON_R, 0.04, ONE), (A_RP, 0.5 * WARM, ONE)],
    &[(OIL, 0.04, ONE), (A_CR, 0.5 * CONSULT, ONE)],
    &[],
    // North Korea: military
    &[
        (DETERRENT, 0.06, ROOM_DETERRENT),
        (A_CP, -0.02, ONE),
        (PK, 0.025, ONE),
        (PJ, 0.025, ONE),
        (PU, 0.025, ONE),
    ],
    &[(PK, 0.06, ONE), (REGIME, 0.015, ONE), (A_CP, -0.5 * 0.02, ONE)],
    &[],
    // diplomacy
    &DEEPEN,
    &[(PATRON_C, 0.025, ONE), (A_CP, 0.03, ONE), (PK, -0.5 * TALKS_STEP, ONE)],
    &[(PK, -TALKS_STEP, ONE)],
    &[(PU, -TALKS_STEP, ONE)],
    &[],
    // economy
    &[(SHELLS, 0.12, ROOM_SHELLS), (PATRON_R, 0.012, ONE), (A_RP, 0.5 * WARM, ONE)],
    &[],
    // South Korea: military
    &[(P_K, BUILDUP, ONE), (PK, ALARM, ONE), (CK, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PK, ALARM, ONE),
        (CK, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PK, -TALKS_STEP, ONE)],
    &[(A_CK, ENGAGE, ONE), (CK, -0.5 * TALKS_STEP, ONE)],
    &[(A_UK, CONSULT, ONE), (A_CK, -0.5 * ENGAGE, ONE)],
    &[],
    // Japan: military
    &[(P_J, BUILDUP, ONE), (PJ, ALARM, ONE), (CJ, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PJ, ALARM, ONE),
        (CJ, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PJ, -TALKS_STEP, ONE)],
    &[(A_CJ, ENGAGE, ONE), (CJ, -0.5 * TALKS_STEP, ONE)],
    &[(A_UJ, CONSULT, ONE), (A_CJ, -0.5 * ENGAGE, ONE)],
    &[],
    // the United States: military
    &[(P_U, BUILDUP, ONE), (PU, ALARM, ONE), (CU, ALARM, ONE)],
    &[(P_K, 0.04, ONE), (A_UK, 0.5 * CONSULT, ONE), (PK, ALARM, ONE), (CU, ALARM, ONE)],
    &[(P_J, 0.04, ONE), (A_UJ, 0.5 * CONSULT, ONE), (PJ, ALARM, ONE), (CU, ALARM, ONE)],
    &[
        (THREE, EXERCISE, ROOM_THREE),
        (A_KJ, 0.5 * CONSULT, ONE),
        (PU, ALARM, ONE),
        (CU, ALARM, ONE),
    ],
    &[],
    // diplomacy
    &[(PU, -TALKS_STEP, ONE)],
    &[(A_UK, CONSULT, ONE)],
    &[(A_UJ, CONSULT, ONE)],
    &[(A_CU, ENGAGE, ONE), (CU, -0.5 * TALKS_STEP, ONE)],
    &[],
    // economy
    &[(SANCTIONS, 0.1, ONE), (DUAL, -0.1, PRESENT_DUAL), (A_CU, -ENGAGE, ONE)],
    &[],
];

const E: f64 = ECONOMY[1];
const I: f64 = INFLUENCE;
const EASE: f64 = 0.5;
const BUILD_COST: (f64, f64) = (E * 0.45, 0.0);
const EXERCISE_COST: (f64, f64) = (I * 0.45, 1.0 - 0.35);
const TALKS_COST: (f64, f64) = (I * 0.3, 0.0);
const CONSULT_COST: (f64, f64) = (I * 0.15, 0.0);
const ENGAGE_COST: (f64, f64) = (I * 0.2, 0.0);
const TRANSFER_COST: (f64, f64) = (E * 0.3, 0.0);
const FREE: (f64, f64) = (0.0, 0.0);

/// What an option costs in utility, and the share of it that a full treaty takes away.
pub const COST: [(f64, f64); OPTIONS] = [
    (ECONOMY[0] * 0.6, 0.0),
    (I * 0.1, 0.0),
    FREE,
    (I * 1.3, 0.0),
    (I * 0.2, 0.0),
    FREE,
    FREE,
    (I * 0.2, 0.0),
    (I * 0.6, 0.0),
    (I * 0.1, 0.0),
    (I * 0.6, 0.0),
    (I * 0.5, 0.0),
    FREE,
    (ECONOMY[0] * 0.3, 0.0),
    FREE,
    FREE,
    FREE,
    (ECONOMY[0] * 0.25, 0.0),
    FREE,
    // Russia
    (SECURITY[1] * 0.35, EASE),
    FREE,
    (I * 1.4, EASE),
    (SECURITY[1] * 0.3, 0.0),
    CONSULT_COST,
    FREE,
    (E * 0.3, EASE),
    (E * 0.3, 0.0),
    FREE,
    // North Korea
    (E * 0.7, COVER),
    (SECURITY[2] * 0.8, COVER),
    FREE,
    (SECURITY[2] * 0.15, 0.0),
    (I * 0.35, 0.0),
    TALKS_COST,
    TALKS_COST,
    FREE,
    (SECURITY[2] * 0.2, EASE),
    FREE,
    // South Korea
    BUILD_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    ENGAGE_COST,
    CONSULT_COST,
    FREE,
    // Japan
    BUILD_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    ENGAGE_COST,
    CONSULT_COST,
    FREE,
    // the United States
    BUILD_COST,
    TRANSFER_COST,
    TRANSFER_COST,
    EXERCISE_COST,
    FREE,
    TALKS_COST,
    CONSULT_COST,
    CONSULT_COST,
    ENGAGE_COST,
    FREE,
    (E * 0.9, 0.0),
    FREE,
];

use super::super::{Game, Mixed, Player, Stop, never};
use super::*;
use crate::math;

fn game(sizes: &[usize], payoffs: &[f64]) -> Game {
    let player = |n: &usize| Player {
        name: format!("of {n}"),
        strategies: (0..*n).map(|s| format!("{s}")).collect(),
    };
    let players = sizes.iter().map(player).collect();
    Game::new("test", players, payoffs.to_vec()).expect("a valid game")
}

/// Asymmetric matching pennies of Goeree and Holt: 9 instead of 1 for one player's match.
fn pennies() -> Game {
    game(&[2, 2], &[9.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0])
}

#[test]
fn a_single_player_answers_in_closed_form() {
    let alone = game(&[3], &[0.0, 1.0, 3.0]);
    let branch = branch(&alone, &[2.0, 0.0, 0.5], Unit::Payoff, &never).expect("valid");
    assert_eq!(branch.stop, Stop::Converged);
    for (point, precision) in branch.points.iter().zip([2.0, 0.0, 0.5]) {
        assert_eq!(point.precision, precision);
        let weights = [1.0, math::exp(precision), math::exp(3.0 * precision)];
        let sum: f64 = weights.iter().sum();
        for (p, w) in point.profile[0].iter().zip(weights) {
            assert!((p - w / sum).abs() < 1e-14);
        }
    }
}

#[test]
fn one_strategy_each_is_played() {
    let nothing_to_choose = game(&[1, 1], &[2.0, 3.0]);
    let found = branch(&nothing_to_choose, &[1.0], Unit::Payoff, &never).expect("valid");
    assert_eq!(found.points[0].profile, [[1.0], [1.0]]);
    let found = limit(&nothing_to_choose, &never);
    assert_eq!((found.stop, found.equilibrium.regret), (Stop::Converged, 0.0));
}

#[test]
fn a_symmetric_branch_is_followed_through_its_bifurcation() {
    // Both match or earn nothing. On the symmetric branch log-odds are 0; it becomes singular where
    // precision times the slope of the logistic function, 1/4, times the change of the gain, 2, is
    // 1.
    let matching = game(&[2, 2], &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    let found = branch(&matching, &[1.9, 2.0, 2.1, 50.0], Unit::Payoff, &never).expect("valid");
    assert_eq!(found.points.len(), 4);
    for point in &found.points {
        assert_eq!(point.profile, [[0.5, 0.5], [0.5, 0.5]]);
        assert_eq!(point.residual, 0.0);
    }
    let [landmark] = found.landmarks[..] else { panic!("{:?}", found.landmarks) };
    assert_eq!(landmark.feature, Feature::Bifurcation);
    assert!((landmark.precision - 2.0).abs() < 1e-6);
    let end = limit(&matching, &never);
    assert!(end.notes[0].contains("other branches cross at precision 2 (times"), "{:?}", end.notes);
}

#[test]
fn a_bifurcation_in_two_directions_at_once_is_seen() {
    // Three ways to match: by symmetry the singular matrix has a kernel of two dimensions, so its
    // determinant does not change sign. It is singular at precision 3.
    let mut payoffs = Vec::new();
    for profile in 0..9 {
        payoffs.extend([f64::from(u8::from(profile % 3 == profile / 3)); 2]);
    }
    let matching = game(&[3, 3], &payoffs);
    let found = branch(&matching, &[10.0], Unit::Payoff, &never).expect("valid");
    assert!(found.points[0].profile.iter().flatten().all(|p| (p - 1.0 / 3.0).abs() < 1e-15));
    let [landmark] = found.landmarks[..] else { panic!("{:?}", found.landmarks) };
    assert_eq!(landmark.feature, Feature::Bifurcation);
    assert!((landmark.precision - 3.0).abs() < 1e-5, "{landmark:?}");
}

#[test]
fn a_branch_that_turns_back_answers_with_its_first_crossing() {
    let turning = game(
        &[2, 2, 2],
        &[
            9.0, 8.0, 0.0, 7.0, 2.0, 9.0, 2.0, 3.0, 6.0, 6.0, 8.0, 5.0, 9.0, 1.0, 5.0, 9.0, 5.0,
            8.0, 9.0, 4.0, 8.0, 6.0, 7.0, 2.0,
        ],
    );
    let precisions = [6.22, 5.94, 6.1, 6.23];
    let found = branch(&turning, &precisions, Unit::Range, &never).expect("valid");
    let features: Vec<Feature> = found.landmarks.iter().map(|l| l.feature).collect();
    assert_eq!(features, [Feature::Turning, Feature::Turning]);
    let [up, down] = [found.landmarks[0].precision, found.landmarks[1].precision];
    assert!(6.22 < up && up < 6.23 && 5.94 < down && down < 6.1, "{:?}", found.landmarks);
    assert!(found.points.iter().all(|point| point.residual < 1e-13));
    let apart = |a: usize, b: usize| {
        let pair = [a, b].map(|k| found.points[k].profile.iter().flatten());
        let [a, b] = pair;
        a.zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    // Up to the turn the branch is followed without a gap, across it there is one.
    assert!(apart(1, 2) < 0.1 && apart(2, 0) < 0.1, "{found:?}");
    assert!(apart(0, 3) > 0.1, "{found:?}");
}

#[test]
fn the_end_of_a_branch_in_a_continuum_is_found_and_said() {
    let degenerate = game(
        &[3, 3],
        &[8.0, 4.0, 0.0, 4.0, 4.0, 4.0, 2.0, 4.0, 4.0, 2.0, 1.0, 7.0, 1.0, 9.0, 0.0, 4.0, 2.0, 7.0],
    );
    // Against the third strategy of the first player the second is indifferent between two.
    let found = limit(&degenerate, &never);
    assert_eq!((found.stop, found.equilibrium.regret), (Stop::Converged, 0.0));
    assert!((found.equilibrium.profile[1][1] - 0.4).abs() < 1e-4, "{found:?}");
    assert!(found.notes[0].contains("continuum"), "{:?}", found.notes);
}

#[test]
fn precision_is_recovered_from_frequencies_that_it_made() {
    let game = pennies();
    for precision in [0.05, 0.3, 1.5] {
        let made = branch(&game, &[precision], Unit::Payoff, &never).expect("valid");
        let scaled = |p: &Vec<f64>| p.iter().map(|p| 400.0 * p).collect();
        let counts: Mixed = made.points[0].profile.iter().map(scaled).collect();
        let found = fit(&game, &counts, Unit::Payoff, &never).expect("valid");
        assert_eq!(found.stop, Stop::Converged);
        let estimate = found.estimate.precision;
        assert!((estimate / precision - 1.0).abs() < 1e-8, "{precision}: {estimate}");
        assert!(found.lower < precision && found.upper.is_none_or(|upper| upper > precision));
        // Frequencies that the model can make are fitted as well as they can be.
        assert!((found.log_likelihood - found.log_likelihood_of_frequencies).abs() < 1e-9);
        assert!(found.log_likelihood_of_chance < found.log_likelihood);
        let by_range = fit(&game, &counts, Unit::Range, &never).expect("valid");
        assert!((by_range.estimate.precision / (10.0 * precision) - 1.0).abs() < 1e-8);
    }
}

#[test]
fn a_fit_with_one_player_is_logistic_regression() {
    // 70 of 100 take what is better by 1: log-odds of 70 to 30, and the ends of the interval are
    // where twice the log-likelihood is down by the quantile.
    let alone = game(&[2], &[0.0, 1.0]);
    let found = fit(&alone, &vec![vec![30.0, 70.0]], Unit::Payoff, &never).expect("valid");
    assert!((found.estimate.precision - math::log(7.0 / 3.0)).abs() < 1e-9);
    let at = |precision: f64| {
        let p = math::logistic(precision);
        70.0 * math::log(p) + 30.0 * math::log(1.0 - p)
    };
    let best = at(math::log(7.0 / 3.0));
    assert!((found.log_likelihood - best).abs() < 1e-10);
    for end in [found.lower, found.upper.expect("an upper end")] {
        assert!((2.0 * (best - at(end)) - 3.841_458_820_694_124).abs() < 1e-7, "{end}");
    }
}

#[test]
fn a_fit_at_the_ends_of_the_branch_says_so() {
    let alone = game(&[2], &[0.0, 1.0]);
    // Against all reason: the best precision is 0.
    let found = fit(&alone, &vec![vec![60.0, 40.0]], Unit::Payoff, &never).expect("valid");
    assert_eq!((found.estimate.precision, found.lower), (0.0, 0.0));
    assert!(found.upper.is_some_and(|upper| (0.15..0.17).contains(&upper)));
    // Always the better one: the likelihood rises without end.
    let found = fit(&alone, &vec![vec![0.0, 40.0]], Unit::Payoff, &never).expect("valid");
    assert_eq!((found.stop, found.upper), (Stop::Limit, None));
    assert!(found.notes[0].contains("still rises"), "{:?}", found.notes);
    assert!(found.lower > 1.0);
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let game = pennies();
    let of = |counts: Mixed| fit(&game, &counts, Unit::Payoff, &never).expect_err("refused");
    let shape = of(vec![vec![1.0, 2.0], vec![1.0]]);
    assert_eq!(shape.to_string(), "counts by player are 2, 1 in number where strategies are 2, 2");
    assert_eq!(of(vec![vec![1.0, -2.0], vec![1.0, 0.0]]), FitError::Count(-2.0));
    assert_eq!(of(vec![vec![0.0; 2]; 2]), FitError::Empty);
}

/// A third player is all but sure to play its first strategy, against which the others are in a
/// game of hawk and dove: where the symmetric branch would fork, the curve bends sharply aside.
#[test]
fn the_curve_is_followed_round_a_sharp_bend() {
    let by_profile = [
        [0.0, 0.0, 16.0],
        [3.0, 5.0, 16.0],
        [5.0, 3.0, 16.0],
        [0.0, 0.0, 16.0],
        [2.0, 0.0, 0.0],
        [3.0, 5.0, 0.0],
        [7.0, 3.0, 0.0],
        [0.0, 0.0, 0.0],
    ];
    let bent = game(&[2, 2, 2], &by_profile.concat());
    let found = branch(&bent, &[0.5, 0.55], Unit::Payoff, &never).expect("valid");
    // by continuation in steps of 0.0005, and by `logit_solve_lambda` of pygambit 16.7
    for (point, known) in found.points.iter().zip([[0.5650, 0.5597], [0.7844, 0.3315]]) {
        for (mix, p) in point.profile.iter().zip(known) {
            assert!((mix[0] - p).abs() < 1e-4, "{:?}", point.profile);
        }
    }
    let end = limit(&bent, &never).equilibrium.profile;
    assert!(end[0][0] > 0.999 && end[1][1] > 0.999, "{end:?}");
}

//! Estimators against known truth and against other programs.

use super::classical::{morris, sobol};
use super::discover::{Task, discover};
use super::given::{delta, first_order, partial_ranks, pawn, spearman};
use super::prim::{Data, Objective, Search, trajectory};
use super::{Pairs, Sheet, Walk, product};
use crate::math::{normal_quantile, pow, sin};
use crate::rng::{Seed, Sequence};

const PI: f64 = std::f64::consts::PI;

/// Ishigami and Homma (1990) at a point of the unit cube.
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    sin(x[0]) + 7.0 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4.0) * sin(x[0])
}

/// Runs of points: their value plus normal noise of a deviation, new at every point and run.
fn noisy(points: &[Vec<f64>], noise: f64, runs: usize, random: &mut Sequence) -> Vec<Vec<f64>> {
    let mut run = |value: f64| value + noise * normal_quantile(random.uniform());
    let mut all = Vec::new();
    for point in points {
        let value = ishigami(point);
        all.push((0..runs).map(|_| run(value)).collect());
    }
    all
}

fn table(name: &str) -> (Vec<Vec<f64>>, Vec<f64>) {
    let path = format!("{}/tests/sensitivity/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let column = |k: usize| rows.iter().map(|row| row[k]).collect();
    let width = rows[0].len();
    ((0..width - 1).map(column).collect(), column(width - 1))
}

fn close(found: f64, wanted: f64, within: f64, what: &str) {
    assert!((found - wanted).abs() <= within, "{what}: {found}, not {wanted}");
}

#[test]
fn luck_cancels_in_products() {
    // runs 1, 2, 6 and 2, 4, 3: (9 * 9 - (2 + 8 + 18)) / 6
    assert_eq!(product(&[1.0, 2.0, 6.0], &[2.0, 4.0, 3.0]), 53.0 / 6.0);
    assert!(product(&[1.0], &[1.0]).is_nan());
}

#[test]
fn walks_are_found_by_number_and_shares_add_up() {
    let factors = vec![vec![0, 2], vec![1]];
    let walk = Walk::draw(Seed(1), 7, 3, 2);
    assert_eq!(walk, Walk::draw(Seed(1), 7, 3, 2));
    let points = walk.points(&factors);
    assert_eq!((&points[0], &points[2]), (&walk.from, &walk.to));
    let orders: Vec<Vec<usize>> =
        (0..400).map(|row| Walk::draw(Seed(1), row, 3, 3).order).collect();
    let firsts = orders.iter().filter(|order| order[0] == 0).count();
    assert!((100..170).contains(&firsts), "{firsts}");
    let mut sheet = Sheet::new(2, false);
    for row in 0..4 {
        let walk = Walk::draw(Seed(1), row, 3, 2);
        let mut random = Sequence::new(Seed(row), Sequence::TRIALS);
        let values = noisy(&walk.points(&factors), 1.0, 3, &mut random);
        walk.tally(&factors, &values, &mut sheet);
    }
    let share: f64 = (0..2).map(|k| sheet.share(k)).sum();
    close(share, 1.0, 1e-12, "sum of Shapley effects");
}

/// S1 0.3139, 0.4424, 0; ST 0.5576, 0.4424, 0.2437; Shapley halves the interaction of the first
/// and the third.
#[test]
fn ishigami_under_luck() {
    let factors: Vec<Vec<usize>> = (0..3).map(|k| vec![k]).collect();
    let (mut walks, mut pairs) = (Sheet::new(3, false), Sheet::new(3, true));
    let mut random = Sequence::new(Seed(5), Sequence::TRIALS);
    let noise = (5.0 * 13.844_587_940_719_254_f64).sqrt();
    for row in 0..3000 {
        let walk = Walk::draw(Seed(3), row, 3, 3);
        let values = noisy(&walk.points(&factors), noise, 8, &mut random);
        walk.tally(&factors, &values, &mut walks);
        let pair = Pairs::draw(Seed(4), row, 3);
        let values = noisy(&pair.points(&factors), noise, 8, &mut random);
        pair.tally(&factors, &values, &mut pairs);
    }
    let (walks, pairs) = (walks.indices(Seed(1)), pairs.indices(Seed(1)));
    close(walks.luck.value, 5.0 / 6.0, 0.01, "luck");
    close(walks.variance.value, 13.8446, 0.8, "variance");
    let first = [0.313_905, 0.442_411, 0.0];
    let total = [0.557_589, 0.442_411, 0.243_684];
    for k in 0..3 {
        let shapley = (first[k] + total[k]) / 2.0;
        let found = walks.factors[k].shapley.unwrap();
        close(found.value, shapley, 0.05, "Shapley");
        assert!(found.lo < found.value && found.value < found.hi, "{found:?}");
        close(walks.factors[k].total.value, total[k], 0.06, "total of walks");
        close(pairs.factors[k].total.value, total[k], 0.06, "total of pairs");
        close(pairs.factors[k].first.unwrap().value, first[k], 0.06, "first order");
    }
}

#[test]
fn pure_luck_has_no_factors() {
    let factors: Vec<Vec<usize>> = (0..3).map(|k| vec![k]).collect();
    let mut sheet = Sheet::new(3, false);
    let mut random = Sequence::new(Seed(5), Sequence::TRIALS);
    for row in 0..200 {
        let walk = Walk::draw(Seed(3), row, 3, 3);
        let points: Vec<Vec<f64>> = vec![vec![0.5; 3]; 4];
        walk.tally(&factors, &noisy(&points, 1.0, 8, &mut random), &mut sheet);
    }
    let found = sheet.indices(Seed(1));
    assert!(found.factors.is_empty() && found.luck.value > 0.97, "{found:?}");
}

/// Of SALib 1.6 from the same sample.
#[test]
fn given_data_as_salib() {
    let (x, y) = table("ishigami_lhs_n3000");
    let wanted = [
        (0.164_666_666_666_666_66, 0.225_264_437_012_263_1, 0.251_166_666_666_666_65),
        (0.195, 0.350_590_969_899_665_54, 0.388_121_516_164_994_46),
        (0.073_666_666_666_666_67, 0.108_798_104_793_756_96, 0.0895),
    ];
    let spearmans =
        [0.429_885_807_320_645_2, -0.019_023_807_891_534_208, 0.009_947_541_105_282_344];
    let partial = [0.429_668_307_682_697_5, -0.007_243_433_596_180_083, 0.013_232_866_072_741_852];
    let partials = partial_ranks(&x, &y);
    for k in 0..3 {
        let found = pawn(&x[k], &y, 10);
        close(found.minimum, wanted[k].0, 1e-12, "PAWN minimum");
        close(found.mean, wanted[k].1, 1e-12, "PAWN mean");
        close(found.median, wanted[k].2, 1e-12, "PAWN median");
        close(spearman(&x[k], &y), spearmans[k], 1e-12, "Spearman");
        close(partials[k], partial[k], 1e-10, "partial ranks");
    }
    let first = first_order(&x[1], &y, 0.0);
    close(first.share, 0.4424, 0.03, "first order");
    assert!(first.p < 1e-12 && first_order(&x[2], &y, 0.0).p > 1e-4);
}

/// SALib's numbers carry luck of about 0.01.
#[test]
fn delta_as_salib() {
    let (x, y) = table("ishigami_lhs_n3000");
    let found = delta(&x[0], &y, 2, Seed(1));
    close(found.raw, 0.211_877_981_761_112_33, 0.02, "delta");
    assert!(found.corrected < found.raw, "{found:?}");
}

#[test]
fn elementary_effects_as_salib() {
    let (x, y) = table("ishigami_morris_r200_p4");
    let found = morris(&x, &y, 4).unwrap();
    let wanted = [
        (7.391_614_306_426_452, 7.391_614_306_426_452, 6.256_641_424_819_905),
        (0.157_5, 7.875, 7.893_182_526_839_847),
        (1.062_295_337_566_63, 5.436_452_609_899_813, 8.194_500_937_412_91),
    ];
    for (found, (mu, star, sigma)) in found.iter().zip(wanted) {
        close(found.mu, mu, 1e-9, "mu");
        close(found.mu_star, star, 1e-9, "mu*");
        close(found.sigma, sigma, 1e-9, "sigma");
    }
    assert!(morris(&x, &y[1..], 4).is_none());
}

/// y = x0 x1 over the corners of the square as Saltelli lays them out: A = (1, 1), AB0 = (0, 1),
/// AB1 = (1, 0), BA0 = (1, 0), BA1 = (0, 1), B = (0, 0), and the same turned round.
#[test]
fn sobol_by_hand() {
    let y = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let (factors, pairs) = sobol(&y, 2, true, Seed(1)).unwrap();
    // mean 1/6, variance 5/36; of A and B the variance is 1/4, so 9/5 once scaled. First order: of
    // the two rows B (AB - A) is (-1/6)(-1) and (5/6)(0): 1/12 over 1/4
    close(factors[0].first, 1.0 / 3.0, 1e-12, "first");
    // (A - AB)² / 2 is 1/2 and 0: 1/4 over 1/4
    close(factors[1].total, 1.0, 1e-12, "total");
    // BA AB - A B is (1/36 + 5/36) and (1/36 + 5/36), over 1/4, less two thirds
    close(pairs[0].index, 2.0 / 3.0 - 2.0 / 3.0, 1e-12, "second");
    assert!(sobol(&y[1..], 2, true, Seed(1)).is_none());
}

#[test]
fn boxes_as_the_ema_workbench() {
    let (x, y) = table("box3of6");
    let holds: Vec<bool> = y.iter().map(|y| *y > 0.5).collect();
    let data = Data { factors: &x, whole: &[false; 6], holds: &holds };
    let all: Vec<usize> = (0..y.len()).collect();
    let path = format!("{}/tests/sensitivity/box3of6.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let wanted: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (word, objective) in Objective::ALL {
        for alpha in [0.05, 0.1] {
            let search = Search { objective, alpha, mass_min: 0.05 };
            let found = trajectory(&data, &all, &all, search);
            let wanted = wanted[format!("{word} {alpha}")].as_array().unwrap();
            assert_eq!(found.len(), wanted.len(), "{word} {alpha}");
            for (found, wanted) in found.iter().zip(wanted) {
                let number = |at: usize| wanted[at].as_f64().unwrap();
                close(found.count.cases as f64 / 247.0, number(0), 1e-12, "coverage");
                close(found.count.density(), number(1), 1e-12, "density");
                for (name, limits) in wanted[2].as_object().unwrap() {
                    let factor: usize = name[1..].parse::<usize>().unwrap() - 1;
                    assert!(found.restricted[factor]);
                    close(found.limits[factor].0, limits[0].as_f64().unwrap(), 1e-12, "lower");
                    close(found.limits[factor].1, limits[1].as_f64().unwrap(), 1e-12, "upper");
                }
            }
        }
    }
}

fn uniform(factors: usize, points: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = Sequence::new(Seed(seed), Sequence::TRIALS);
    (0..factors).map(|_| (0..points).map(|_| random.uniform()).collect()).collect()
}

#[test]
fn a_planted_box_is_found_and_luck_is_not() {
    let task = Task { search: Search::default(), step: None, boxes: 2, seed: Seed(1) };
    let x = uniform(20, 2000, 1);
    let mut random = Sequence::new(Seed(2), Sequence::TRIALS);
    let planted: Vec<bool> =
        (0..2000).map(|k| (x[3][k] > 0.6 && x[11][k] < 0.5) != (random.uniform() < 0.05)).collect();
    let data = Data { factors: &x, whole: &[false; 20], holds: &planted };
    let found = discover(&data, task);
    let first = found.standing().next().unwrap();
    let named: Vec<usize> = first.limits.iter().map(|limit| limit.factor).collect();
    assert!(named.contains(&3) && named.contains(&11) && named.len() <= 3, "{named:?}");
    assert!(first.held.density() > 0.85 && first.lower > found.all.density(), "{first:?}");
    assert!(first.limits.iter().all(|limit| limit.quasi_p < 0.01), "{:?}", first.limits);
    let mut nothing = 0;
    for seed in 0..8 {
        let mut random = Sequence::new(Seed(seed), Sequence::TRIALS);
        let luck: Vec<bool> = (0..600).map(|_| random.uniform() < 0.3).collect();
        let x = uniform(6, 600, 100 + seed);
        let found = discover(&Data { factors: &x, whole: &[false; 6], holds: &luck }, task);
        nothing += usize::from(found.standing().next().is_none());
    }
    assert!(nothing >= 7, "{nothing} of 8");
}

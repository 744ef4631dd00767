//! What varies, what does not, and what wins.

use super::*;
use crate::design::Design;
use crate::model::ActorId;
use crate::rng::Seed;

const TEXT: &str = r#"
format = 1
[scenario]
name = "space"
rounds = 2
[actors]
A = "Alpha"
B = "Beta"
C = "Gamma"
[parameters]
gain  = { value = 1, range = [0.5, 1.5], unit = "utility" }
half  = { value = "gain / 2", range = [0, 1] }
known = { value = 3, range = [3, 3] }
works = { value = 1, range = [0, 1], unit = "switch" }
plain = 2
skew  = { value = 0.5, distribution = "beta(2, 4)" }
size  = { value = 1, distribution = "lognormal(0, 0.5)" }
tilt  = { value = 0.2, distribution = "triangular(0, 0.1, 1)" }
noise = { value = 0, distribution = "normal(0, 2)" }
w     = { of = "actor", value = { A = 0.2, B = "gain", C = 0.4 }, range = [0, 1] }
joint = { of = "actor", value = { default = 0.3 }, range = [0, 1], together = true }
[state.stock]
of = "actor"
initial = 1
range = [0, 9]
[payoffs.use]
default = "chose[self, act] * gain * half * known * works * plain * skew * size * tilt + noise"
[weights]
use = "w[self] + joint[self]"
[moves.act]
by = "actors"
effects = ["stock[self] += 1"]
[decision]
rule = "logit"
precision = 2
[variants.none]
set = { gain = 0 }
[outcomes]
acts = { total = "chose[A, act]" }
"#;

fn model() -> Model {
    let checked = scenario::load(TEXT.as_bytes());
    checked.value.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn names(space: &Space) -> Vec<String> {
    space.axes().iter().map(|axis| axis.name.clone()).collect()
}

fn vary(model: &Model, list: &[&str]) -> Result<Vec<String>, Vec<String>> {
    let list: Vec<String> = list.iter().map(|text| text.to_string()).collect();
    match Space::new(model, &list, false, &[]) {
        Ok(space) => Ok(names(&space)),
        Err(faults) => Err(faults.into_iter().map(|f| f.diagnostic.message).collect()),
    }
}

#[test]
fn what_is_uncertain_varies() {
    let model = model();
    let space = Space::new(&model, &[], true, &[]).unwrap();
    let all = ["gain", "skew", "size", "tilt", "noise", "w[A]", "w[C]", "joint"];
    assert_eq!(names(&space), all);
    assert_eq!(space.axes()[0].unit, "utility");
    // What is varied by name is not drawn too, and what is set does not vary.
    let fixed = scenario::settings(&model, &[("skew".into(), "0.1".into())]).unwrap();
    let space = Space::new(&model, &["works = 0, 1".into(), "w = 0:1:3".into()], true, &fixed);
    let left = ["works", "w", "gain", "size", "tilt", "noise", "joint"];
    assert_eq!(names(&space.unwrap()), left);
}

#[test]
fn variants_stand_above_what_is_uncertain_and_below_what_is_named() {
    let model = model();
    let cell = |arm: &Arm, label: &str| {
        let place = model.parameter_cells.iter().position(|c| c.label == label).unwrap();
        arm.parameters[place]
    };
    let uncertain = Space::new(&model, &[], true, &[]).unwrap();
    let values = uncertain.at(&[0.9; 8]);
    let base = uncertain.arm(&values, None).unwrap();
    assert_eq!((cell(&base, "gain"), cell(&base, "half")), (1.4, 0.7));
    assert_eq!((cell(&base, "joint[A]"), cell(&base, "joint[C]")), (0.9, 0.9));
    assert_eq!(cell(&base, "w[B]"), 1.4);
    let none = uncertain.arm(&values, Some("none")).unwrap();
    assert_eq!((cell(&none, "gain"), cell(&none, "skew")), (0.0, cell(&base, "skew")));
    let named = Space::new(&model, &["gain = 0.7:2".into()], false, &[]).unwrap();
    let arm = named.arm(&named.at(&[0.0]), Some("none")).unwrap();
    assert_eq!(cell(&arm, "gain"), 0.7);
}

#[test]
fn everything_that_can_be_set_can_vary() {
    let model = model();
    let list = [
        "decision.precision = 1:16 log",
        "decision.B.precision = 1, 2",
        "decision.reasoning = equilibrium, 1",
        "stock = 0:9 integer",
        "w[A] = 0.1, gain",
        "w = 0.6",
        "variant = base, none",
    ]
    .map(String::from);
    let space = Space::new(&model, &list, false, &[]).unwrap();
    assert!(space.varies_variant());
    let numbers: Vec<bool> = space.axes().iter().map(Axis::is_number).collect();
    assert_eq!(numbers, [true, true, false, true, false, true, false]);
    let values = space.at(&[0.5, 0.9, 0.1, 0.95, 0.1, 0.5, 0.9]);
    let arm = space.arm(&values, None).unwrap();
    assert_eq!(arm.name, "none");
    assert_eq!(arm.decisions[ActorId::new(0)].reasoning, crate::model::Reasoning::Equilibrium);
    assert!(matches!(arm.initial[CellId::new(1)].node, Node::Number(x) if x == 9.0));
    let w = model.parameter_cells.iter().position(|c| c.label == "w[A]").unwrap();
    // The key for one cell counts, whatever stands first.
    assert_eq!((arm.parameters[w], arm.parameters[w + 1]), (0.1, 0.6));
}

#[test]
fn what_cannot_vary_is_said() {
    let model = model();
    let refused = |text: &str| vary(&model, &[text]).unwrap_err().join("; ");
    assert_eq!(refused("gian = 0:1:3"), "there is no parameter or state `gian`");
    assert!(refused("stock = 0:20:3").contains("outside the range of `stock`"));
    assert!(refused("decision.reasoning = 0:3").contains("whole"));
    assert!(refused("decision.precision = -1:1").contains("at least 0"));
    assert_eq!(refused("variant = base, nun"), "there is no variant `nun`");
    assert_eq!(vary(&model, &["w = 0, 1", "w = 1, 2"]).unwrap_err(), ["`w` varies twice"]);
    let fixed = scenario::settings(&model, &[("w[A]".into(), "0.1".into())]).unwrap();
    let faults = Space::new(&model, &["w = 0:1:3".into()], false, &fixed).unwrap_err();
    assert_eq!(faults[0].diagnostic.message, "`w` is varied and also set to one value");
    assert_eq!(faults[0].diagnostic.span, Span::new(0, 2));
}

/// The greatest distance between the distribution of a sample and one given by its function
/// (Kolmogorov and Smirnov).
fn distance(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let at = |(k, x): (usize, &f64)| {
        let p = cdf(*x);
        (p - k as f64 / n).abs().max(((k + 1) as f64 / n - p).abs())
    };
    sample.iter().enumerate().map(at).fold(0.0, f64::max)
}

/// The standard normal distribution function, by Simpson's rule over its density.
fn normal_cdf(x: f64) -> f64 {
    let density = |t: f64| crate::math::exp(-t * t / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    let steps = 2000;
    let width = x / f64::from(steps);
    let inner = (1..steps).map(|k| {
        let weight = if k % 2 == 1 { 4.0 } else { 2.0 };
        weight * density(width * f64::from(k))
    });
    0.5 + (density(0.0) + inner.sum::<f64>() + density(x)) * width / 3.0
}

#[test]
fn sampled_parameters_are_distributed_as_declared() {
    // 2,000 independent points at a fixed seed; the level is 0.001 for each of six parameters:
    // the distance exceeds 1.949 / sqrt(n) with probability 0.001 if the distribution is right.
    const POINTS: u64 = 2000;
    let level = 1.949 / (POINTS as f64).sqrt();
    let model = model();
    let space = Space::new(&model, &[], true, &[]).unwrap();
    type Cdf = fn(f64) -> f64;
    let expected: [(usize, Cdf); 6] = [
        (0, |x| x - 0.5),
        (1, |x| crate::math::beta_cdf(x, 2.0, 4.0)),
        (2, |x| normal_cdf(crate::math::log(x) / 0.5)),
        (3, |x| if x < 0.1 { x * x / 0.1 } else { 1.0 - (1.0 - x) * (1.0 - x) / 0.9 }),
        (4, |x| normal_cdf(x / 2.0)),
        (5, |x| x),
    ];
    let designs = [
        Design::random(8, POINTS, Seed(11)),
        Design::latin(8, POINTS, Seed(11)),
        Design::sobol(8, POINTS, Some(Seed(11))),
    ];
    for design in designs.map(Result::unwrap) {
        let points: Vec<_> = (0..POINTS).map(|k| space.at(&design.point(k))).collect();
        for (axis, cdf) in expected {
            let number = |values: &Vec<Value>| match values[axis] {
                Value::Number(x) => x,
                Value::Text(_) => f64::NAN,
            };
            let found = distance(points.iter().map(number).collect(), cdf);
            let name = &space.axes()[axis].name;
            assert!(found < level, "{name}: {found} is not below {level}");
            // And a wrong distribution is noticed.
            let off =
                distance(points.iter().map(number).collect(), |x| crate::math::pow(cdf(x), 1.3));
            assert!(off > level, "{name}: {off}");
        }
    }
}

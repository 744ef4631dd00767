//! Search by an evolving normal distribution: CMA-ES (Hansen 2016, with the default constants of
//! its table 1 and without negative weights).

use super::linear::{Matrix, dot, eigen, identity, times};
use crate::math;
use crate::rng::Sequence;

/// A normal distribution over points that moves to where values are greater.
#[derive(Debug, Clone)]
pub struct Cmaes {
    /// Its mean.
    pub mean: Vec<f64>,
    /// Its size.
    pub sigma: f64,
    /// Its shape: the covariance over `sigma` squared.
    pub shape: Matrix,
    /// How many points a generation has.
    pub size: usize,
    weights: Vec<f64>,
    path: Vec<f64>,
    path_sigma: Vec<f64>,
    generation: i32,
}

/// The logarithm of a number.
fn ln(x: usize) -> f64 {
    math::log(x as f64)
}

impl Cmaes {
    /// How many points a generation has in so many dimensions.
    pub fn size(dimensions: usize) -> usize {
        4 + (3.0 * ln(dimensions)) as usize
    }

    /// Begins round about a point.
    pub fn new(mean: Vec<f64>, sigma: f64, shape: Matrix) -> Cmaes {
        let dimensions = mean.len();
        let size = Cmaes::size(dimensions);
        let half = math::log((size as f64 + 1.0) / 2.0);
        let raw: Vec<f64> = (1..=size / 2).map(|rank| half - ln(rank)).collect();
        let all: f64 = raw.iter().sum();
        Cmaes {
            path: vec![0.0; dimensions],
            path_sigma: vec![0.0; dimensions],
            mean,
            sigma,
            shape,
            size,
            weights: raw.iter().map(|w| w / all).collect(),
            generation: 0,
        }
    }

    /// A start without a known shape.
    pub fn round(mean: Vec<f64>, sigma: f64) -> Cmaes {
        let shape = identity(mean.len());
        Cmaes::new(mean, sigma, shape)
    }

    /// The covariance of the distribution.
    pub fn covariance(&self) -> Matrix {
        let scale = self.sigma * self.sigma;
        self.shape.iter().map(|row| row.iter().map(|x| x * scale).collect()).collect()
    }

    /// The greatest standard deviation of a coordinate.
    pub fn width(&self) -> f64 {
        let most = (0..self.mean.len()).map(|i| self.shape[i][i]).fold(0.0, f64::max);
        self.sigma * most.sqrt()
    }

    /// The points of a generation.
    pub fn ask(&self, draws: &mut Sequence) -> Vec<Vec<f64>> {
        let (values, vectors) = eigen(&self.shape);
        let point = |draws: &mut Sequence| {
            let mut point = self.mean.clone();
            for (value, vector) in values.iter().zip(&vectors) {
                let length = self.sigma * value.max(0.0).sqrt();
                let z = length * math::normal_quantile(draws.uniform());
                point.iter_mut().zip(vector).for_each(|(x, v)| *x += z * v);
            }
            point
        };
        (0..self.size).map(|_| point(draws)).collect()
    }

    /// Learns from the values of a generation's points.
    pub fn tell(&mut self, points: &[Vec<f64>], found: &[f64]) {
        let n = self.mean.len() as f64;
        self.generation += 1;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|a, b| found[*b].total_cmp(&found[*a]));
        let step = |at: usize| -> Vec<f64> {
            points[at].iter().zip(&self.mean).map(|(x, m)| (x - m) / self.sigma).collect()
        };
        let steps: Vec<Vec<f64>> =
            order.iter().take(self.weights.len()).map(|at| step(*at)).collect();
        let mut mean = vec![0.0; self.mean.len()];
        for (weight, step) in self.weights.iter().zip(&steps) {
            mean.iter_mut().zip(step).for_each(|(sum, y)| *sum += weight * y);
        }
        let mass = 1.0 / dot(&self.weights, &self.weights);
        let c_sigma = (mass + 2.0) / (n + mass + 5.0);
        let excess = ((mass - 1.0) / (n + 1.0)).sqrt() - 1.0;
        let damping = 1.0 + 2.0 * excess.max(0.0) + c_sigma;
        let c_c = (4.0 + mass / n) / (n + 4.0 + 2.0 * mass / n);
        let c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mass);
        let wide = 2.0 * (mass - 2.0 + 1.0 / mass) / ((n + 2.0) * (n + 2.0) + mass);
        let c_mu = wide.min(1.0 - c_1);
        let white = self.whitened(&mean);
        let pull = (c_sigma * (2.0 - c_sigma) * mass).sqrt();
        let sigma_path = self.path_sigma.iter_mut().zip(&white);
        sigma_path.for_each(|(p, y)| *p = (1.0 - c_sigma) * *p + pull * y);
        let expected = n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
        let length = dot(&self.path_sigma, &self.path_sigma).sqrt();
        let kept = 1.0 - math::pow(1.0 - c_sigma, 2.0 * f64::from(self.generation));
        let calm = length / kept.sqrt() < (1.4 + 2.0 / (n + 1.0)) * expected;
        let pull = if calm { (c_c * (2.0 - c_c) * mass).sqrt() } else { 0.0 };
        self.path.iter_mut().zip(&mean).for_each(|(p, y)| *p = (1.0 - c_c) * *p + pull * y);
        let lost = if calm { 0.0 } else { c_c * (2.0 - c_c) };
        for i in 0..self.mean.len() {
            for j in 0..self.mean.len() {
                let spread = self.weights.iter().zip(&steps).map(|(w, y)| w * y[i] * y[j]);
                let learned = c_1 * self.path[i] * self.path[j] + c_mu * spread.sum::<f64>();
                let old = (1.0 - c_1 - c_mu + c_1 * lost) * self.shape[i][j];
                self.shape[i][j] = old + learned;
            }
        }
        self.mean.iter_mut().zip(&mean).for_each(|(m, y)| *m += self.sigma * y);
        self.sigma *= math::exp((c_sigma / damping) * (length / expected - 1.0));
        self.sigma = self.sigma.min(10.0);
    }

    /// A vector without the shape: C^(−1/2) y.
    fn whitened(&self, y: &[f64]) -> Vec<f64> {
        let (values, vectors) = eigen(&self.shape);
        let along = times(&vectors, y);
        let mut white = vec![0.0; y.len()];
        for ((value, vector), length) in values.iter().zip(&vectors).zip(along) {
            let scaled = length / value.max(1e-20).sqrt();
            white.iter_mut().zip(vector).for_each(|(sum, v)| *sum += scaled * v);
        }
        white
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;

    #[test]
    fn the_maximum_of_a_tilted_ellipsoid_is_found_and_its_shape() {
        let mut draws = Sequence::new(Seed(1), Sequence::SEARCH);
        let mut search = Cmaes::round(vec![3.0, -2.0, 0.0], 1.0);
        // curvatures 100 and 1 along (1, 1) and (1, −1)
        let f = |p: &Vec<f64>| {
            let (a, b, c) = (p[0] + p[1] - 1.0, p[0] - p[1] - 2.0, p[2] + 4.0);
            -(25.0 * a * a + 0.25 * b * b + 0.5 * c * c)
        };
        for _ in 0..150 {
            let points = search.ask(&mut draws);
            let found: Vec<f64> = points.iter().map(f).collect();
            search.tell(&points, &found);
        }
        for (found, known) in search.mean.iter().zip([1.5, -0.5, -4.0]) {
            assert!((found - known).abs() < 1e-4, "{search:?}");
        }
        assert!(search.shape[0][1] < -0.5 * search.shape[0][0], "{search:?}");
    }
}

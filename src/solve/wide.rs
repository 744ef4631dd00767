//! Positive numbers far below the smallest floating-point number.

/// A number of at least 0: `mantissa * 2^exponent`, the mantissa in [1, 2), or 0.
///
/// Probabilities of rare events multiply in chains of them; with an exponent of its own a product
/// never becomes 0. Precision is that of `f64`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wide {
    mantissa: f64,
    exponent: i64,
}

const FRACTION: u64 = (1 << 52) - 1;
const ONE: u64 = 1023 << 52;

impl Wide {
    /// 0.
    pub const ZERO: Wide = Wide { mantissa: 0.0, exponent: 0 };

    /// A number from 0 on that is normal: not infinite, not below the smallest normal number.
    pub fn new(x: f64) -> Wide {
        Wide { mantissa: x, exponent: 0 }.normal()
    }

    /// `x 2^exponent`.
    pub fn scaled(x: f64, exponent: i64) -> Wide {
        let Wide { mantissa, exponent: own } = Wide::new(x);
        Wide { mantissa, exponent: own + exponent }
    }

    /// The number as a multiple of `unit`, which is above 0: as ordinary number, 0 where it is
    /// smaller than any.
    pub fn over(self, unit: Wide) -> f64 {
        let Wide { mantissa, exponent } = self.divided(unit);
        match exponent {
            _ if mantissa == 0.0 => 0.0,
            -1022..=1023 => mantissa * f64::from_bits(((1023 + exponent) as u64) << 52),
            ..-1022 => 0.0,
            _ => f64::INFINITY,
        }
    }

    /// The sum.
    pub fn plus(self, other: Wide) -> Wide {
        if other.mantissa == 0.0 {
            return self;
        }
        if self.mantissa == 0.0 {
            return other;
        }
        let (large, small) =
            if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let shift = large.exponent - small.exponent;
        if shift > 60 {
            return large;
        }
        let scale = f64::from_bits(((1023 - shift) as u64) << 52);
        let mantissa = large.mantissa + small.mantissa * scale;
        Wide { mantissa, exponent: large.exponent }.normal()
    }

    /// The product.
    pub fn times(self, other: Wide) -> Wide {
        let mantissa = self.mantissa * other.mantissa;
        Wide { mantissa, exponent: self.exponent + other.exponent }.normal()
    }

    /// The quotient; the divisor is not 0.
    pub fn divided(self, other: Wide) -> Wide {
        let mantissa = self.mantissa / other.mantissa;
        Wide { mantissa, exponent: self.exponent - other.exponent }.normal()
    }

    fn normal(self) -> Wide {
        if self.mantissa == 0.0 {
            return Wide::ZERO;
        }
        let bits = self.mantissa.to_bits();
        let exponent = (bits >> 52) as i64 - 1023;
        let mantissa = f64::from_bits(bits & FRACTION | ONE);
        Wide { mantissa, exponent: self.exponent + exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_agrees_with_floating_point_where_that_can_follow() {
        let one = Wide::new(1.0);
        for (a, b) in [(3.0, 0.1), (1e-200, 7e150), (0.3, 1e-30), (1.5, 0.0)] {
            let (x, y) = (Wide::new(a), Wide::new(b));
            assert_eq!(x.plus(y).over(one), a + b);
            assert_eq!(y.plus(x).over(one), a + b);
            assert_eq!(x.times(y).over(one), a * b);
            assert_eq!(y.divided(x).over(one), b / a);
        }
    }

    #[test]
    fn nothing_is_too_small() {
        let mut product = Wide::new(1.0);
        for _ in 0..1000 {
            product = product.times(Wide::new(1e-300));
        }
        assert_eq!(product.over(Wide::new(1.0)), 0.0);
        assert_eq!(product.times(Wide::new(3.0)).over(product), 3.0);
        assert_eq!(product.plus(product).over(product), 2.0);
        assert_eq!(Wide::scaled(1.0, -5000).over(Wide::scaled(1.0, -4990)), 1.0 / 1024.0);
    }
}

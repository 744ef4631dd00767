//! Numbers as text.

use std::io::Write;

/// Within these sizes a number is written without an exponent, as people write it.
const PLAIN: std::ops::Range<f64> = 1e-5..1e16;

/// The shortest decimal text that reads back to the same double.
///
/// Whole numbers have no decimal point (`3`), very small and very large ones an exponent
/// (`1e-300`), infinities are `INF` and `-INF` as Frictionless Table Schema spells them (pandas and
/// R read them too), and NaN, which means no value, is the empty text.
pub fn number(value: f64) -> String {
    let mut text = Vec::new();
    write_number(&mut text, value);
    // Only ASCII is ever written above, so nothing is lost here.
    String::from_utf8_lossy(&text).into_owned()
}

/// Append the text of `value` to `text`: [`number`] without a new allocation.
pub(super) fn write_number(text: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    // Writing to a vector cannot fail, hence the results carry no information.
    if value.is_nan() {
    } else if value.is_infinite() {
        text.extend_from_slice(if value > 0.0 { b"INF" } else { b"-INF" });
    } else if size == 0.0 || PLAIN.contains(&size) {
        let _ = write!(text, "{value}");
    } else {
        let _ = write!(text, "{value:e}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_people_write_them() {
        let cases = [
            (3.0, "3"),
            (-0.5, "-0.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-300, "1e-300"),
            (1e-5, "0.00001"),
            (9e-6, "9e-6"),
            (123456789012345.0, "123456789012345"),
            (1e16, "1e16"),
            (-2.5e20, "-2.5e20"),
            (0.0, "0"),
            (-0.0, "-0"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
            (f64::NAN, ""),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn numbers_read_back_to_the_same_double() {
        // Bit patterns from a fixed walk reach every exponent, subnormals included.
        let mut bits: u64 = 1;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let read: f64 = number(value).parse().unwrap();
                assert_eq!(read.to_bits(), value.to_bits(), "{value:e}");
            }
        }
        for value in [f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::MIN] {
            assert_eq!(number(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}

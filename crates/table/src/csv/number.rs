//! Numbers of a field: plain ones at full speed, all others as people write them.

use super::encoding;
use whitespot_model::numbers::{self, Parsed};

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// A field as a number, by the rules of [`numbers::parse`].
#[inline]
pub(crate) fn read(field: &[u8]) -> Parsed {
    match plain(field) {
        Some(value) => Parsed::Number(value),
        None => numbers::parse(&encoding::text(field)),
    }
}

/// `-12.5` and the like with at most 15 digits; the quotient of two exact doubles is the nearest to the
/// decimal (Clinger 1990), so the value is the one the standard library gives.
#[inline]
fn plain(field: &[u8]) -> Option<f64> {
    let (is_negative, digits) = match field {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, field),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut mantissa: u64 = 0;
    let mut point = None;
    for (i, &b) in digits.iter().enumerate() {
        let digit = b.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if b == b'.' && point.is_none() {
            point = Some(i);
        } else {
            return None;
        }
    }
    let n_digits = digits.len() - usize::from(point.is_some());
    if n_digits == 0 || n_digits > 15 {
        return None;
    }
    let n_decimals = point.map_or(0, |p| digits.len() - 1 - p);
    let value = mantissa as f64 / POWERS[n_decimals];
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_plain_is_read_as_people_write_it() {
        assert_eq!(read(b"1\xa0234,5"), Parsed::Number(1234.5)); // Windows-1252 no-break space
        assert_eq!(read("1\u{a0}234,5".as_bytes()), Parsed::Number(1234.5));
        assert_eq!(read(b" 7 "), Parsed::Number(7.0));
        assert_eq!(read(b"1e3"), Parsed::Number(1000.0));
        assert_eq!(read(b"."), Parsed::Missing);
        assert_eq!(read(b"-"), Parsed::Missing);
        assert_eq!(read(b""), Parsed::Missing);
        assert_eq!(read(b"1.2.3x"), Parsed::Invalid);
        assert_eq!(read(b"00012"), Parsed::Number(12.0));
    }

    proptest! {
        #[test]
        fn plain_numbers_are_those_of_the_standard_library(text in "-?[0-9]{0,14}\\.?[0-9]{0,14}") {
            if let Some(value) = plain(text.as_bytes()) {
                prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
            }
        }
    }
}

//! Decimal numbers of coordinates into the nearest `f64`, eight digits at a time.
//!
//! Coordinates are short decimals: few digits before the point, up to sixteen after it. Those are read here
//! without a loop over digits, and rounded correctly: exactly where mantissa and power of ten are exact
//! doubles (Clinger 1990), else by a product with a 128-bit reciprocal of the power of five (Lemire 2021,
//! "Number parsing at a gigabyte per second", which proves the product sufficient for 10⁻²⁷ … 10⁵⁵).
//! Everything else (exponents, more than 19 digits) goes to the standard library.

/// Reads the JSON number that starts at `at`; the value and the offset behind it. `None` when there is no
/// JSON number. May be infinite (`1e999`), never NaN.
#[inline(always)]
pub(crate) fn read_number(text: &[u8], at: usize) -> Option<(f64, usize)> {
    match read_short_decimal(text, at) {
        Some(read) => Some(read),
        None => read_any_number(text, at),
    }
}

/// The offset behind the JSON number that starts at `at`; `None` when there is none.
pub(crate) fn number_end(text: &[u8], at: usize) -> Option<usize> {
    let mut i = at + usize::from(text.get(at) == Some(&b'-'));
    let integer_end = digits_end(text, i);
    let has_leading_zero = text.get(i) == Some(&b'0') && integer_end > i + 1;
    if integer_end == i || has_leading_zero {
        return None;
    }
    i = integer_end;
    if text.get(i) == Some(&b'.') {
        let fraction_end = digits_end(text, i + 1);
        if fraction_end == i + 1 {
            return None;
        }
        i = fraction_end;
    }
    if matches!(text.get(i), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(i + 1), Some(b'+' | b'-')));
        let exponent_end = digits_end(text, i + 1 + sign);
        if exponent_end == i + 1 + sign {
            return None;
        }
        i = exponent_end;
    }
    Some(i)
}

fn digits_end(text: &[u8], at: usize) -> usize {
    at + text.iter().skip(at).take_while(|b| b.is_ascii_digit()).count()
}

#[cold]
#[inline(never)]
fn read_any_number(text: &[u8], at: usize) -> Option<(f64, usize)> {
    let end = number_end(text, at)?;
    let number = std::str::from_utf8(&text[at..end]).ok()?;
    Some((number.parse().ok()?, end))
}

/// At most 8 digits, or at most 8 before and 16 after the point and 19 together.
#[inline(always)]
fn read_short_decimal(text: &[u8], at: usize) -> Option<(f64, usize)> {
    let is_negative = *text.get(at)? == b'-';
    let start = at + usize::from(is_negative);
    let integer = eight(text, start)?;
    let n_integer = n_leading_digits(integer);
    if n_integer == 0 || (n_integer > 1 && integer as u8 == b'0') {
        return None;
    }
    let mut mantissa = value_of_digits(integer, n_integer);
    let mut i = start + n_integer;
    let mut n_fraction = 0;
    if *text.get(i)? == b'.' {
        i += 1;
        let first = eight(text, i)?;
        n_fraction = n_leading_digits(first);
        if n_fraction == 0 {
            return None;
        }
        mantissa = mantissa * POWERS_U64[n_fraction] + value_of_digits(first, n_fraction);
        i += n_fraction;
        if n_fraction == 8 {
            let second = eight(text, i)?;
            let n = n_leading_digits(second);
            if n > 0 {
                if n_integer + 8 + n > 19 {
                    return None;
                }
                mantissa = mantissa * POWERS_U64[n] + value_of_digits(second, n);
                n_fraction += n;
                i += n;
            }
        }
    }
    if matches!(text.get(i)?, b'0'..=b'9' | b'e' | b'E' | b'.') {
        return None;
    }
    let value = scale_down(mantissa, n_fraction);
    Some((if is_negative { -value } else { value }, i))
}

#[inline(always)]
fn eight(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// How many of the eight bytes, from the first, are digits.
#[inline(always)]
fn n_leading_digits(eight: u64) -> usize {
    // A byte above 9 reaches the top bit by adding 0x76; carries only disturb later bytes.
    let x = eight ^ ZEROS;
    let not_digit = (x.wrapping_add(0x7676_7676_7676_7676) | x) & 0x8080_8080_8080_8080;
    (not_digit.trailing_zeros() / 8) as usize
}

/// Value of the first `n` digits, 1 ≤ n ≤ 8.
#[inline(always)]
fn value_of_digits(eight: u64, n: usize) -> u64 {
    // Moved to the end, with zeros before, then summed in pairs, fours and eights.
    let x = (eight ^ ZEROS) << (64 - 8 * n);
    let pairs = x.wrapping_mul(10).wrapping_add(x >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// `mantissa` / 10^`n_fraction`, correctly rounded; `n_fraction` ≤ 16.
#[inline(always)]
fn scale_down(mantissa: u64, n_fraction: usize) -> f64 {
    if mantissa <= 1 << 53 {
        // Both are exact, so one division rounds once.
        mantissa as f64 / POWERS_F64[n_fraction]
    } else {
        scale_down_by_reciprocal(mantissa, n_fraction)
    }
}

/// Lemire's product for a mantissa that is not 0; the result is a normal number.
#[inline(always)]
fn scale_down_by_reciprocal(mantissa: u64, n_fraction: usize) -> f64 {
    let n_leading_zeros = mantissa.leading_zeros();
    let m = mantissa << n_leading_zeros;
    let (reciprocal_high, reciprocal_low) = RECIPROCALS_OF_FIVE[n_fraction];
    let product = u128::from(m) * u128::from(reciprocal_high);
    let (mut high, mut low) = ((product >> 64) as u64, product as u64);
    // The 55 bits needed are certain unless those below are all ones.
    if high & 0x1ff == 0x1ff {
        let carry = ((u128::from(m) * u128::from(reciprocal_low)) >> 64) as u64;
        let (sum, overflows) = low.overflowing_add(carry);
        low = sum;
        high += u64::from(overflows);
    }
    let upper_bit = (high >> 63) as u32;
    let shift = upper_bit + 64 - 52 - 3;
    let mut bits = high >> shift;
    let q = -(n_fraction as i64);
    let floor_log2 = ((q * (152_170 + 65_536)) >> 16) + 63;
    let mut exponent = floor_log2 + i64::from(upper_bit) - i64::from(n_leading_zeros) + 1023;
    let is_exact_half = low <= 1 && n_fraction <= 4 && bits & 3 == 1 && (bits << shift) == high;
    if is_exact_half {
        bits &= !1; // ties go to the even neighbour
    }
    bits = (bits + (bits & 1)) >> 1;
    if bits >= 2 << 52 {
        bits = 1 << 52;
        exponent += 1;
    }
    f64::from_bits((bits & !(1 << 52)) | ((exponent as u64) << 52))
}

const MAX_FRACTION: usize = 16;

const POWERS_U64: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

const POWERS_F64: [f64; MAX_FRACTION + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16];

/// 128 leading bits of 1 / 5^k, rounded up, as (high, low), for k = 0 … 16.
const RECIPROCALS_OF_FIVE: [(u64, u64); MAX_FRACTION + 1] = reciprocals_of_five();

const fn reciprocals_of_five() -> [(u64, u64); MAX_FRACTION + 1] {
    let mut table = [(1 << 63, 0); MAX_FRACTION + 1];
    let mut k = 1;
    let mut power: u64 = 1;
    while k <= MAX_FRACTION {
        power *= 5;
        // Long division of a power of two by 5^k, bit by bit, until 128 bits are there.
        let mut remainder: u64 = 1;
        let mut quotient: u128 = 0;
        while quotient >> 127 == 0 {
            remainder *= 2;
            quotient <<= 1;
            if remainder >= power {
                remainder -= power;
                quotient |= 1;
            }
        }
        quotient += 1;
        table[k] = ((quotient >> 64) as u64, quotient as u64);
        k += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<f64> {
        // Both ends of a buffer: with room for eight-byte steps, and without.
        let padded = format!("{text},        ");
        let (value, end) = read_number(padded.as_bytes(), 0)?;
        assert_eq!(end, text.len(), "{text}");
        assert_eq!(read_number(text.as_bytes(), 0).map(|r| r.0.to_bits()), Some(value.to_bits()), "{text}");
        Some(value)
    }

    #[test]
    fn hard_cases_round_as_the_standard_library_does() {
        for text in [
            "0",
            "-0",
            "0.0",
            "-0.0",
            "7",
            "-7.5",
            "12345678",
            "123456789",
            "20037508.342789244",
            "9007199254740993",
            "900719925474099.3",
            "9007199254740.9935",
            "20.263456789012345",
            "64.75000000000001",
            "0.1",
            "0.30000000000000004",
            "0.0000000000000001",
            "99999999.99999999999",
            "0.00000000000000000000000000000000000001",
            "1e999",
            "1e-999",
            "1.5E+3",
            "179.99999999999997",
            "4503599627370497.5",
            "4503599627370496.5",
            "8.0000000000000005",
            "9223372036854775.808",
        ] {
            let std: f64 = text.parse().unwrap();
            assert_eq!(read(text).map(f64::to_bits), Some(std.to_bits()), "{text}");
        }
    }

    #[test]
    fn what_json_does_not_call_a_number_is_refused() {
        for text in ["", "-", ".5", "5.", "01", "-01", "1.e3", "1e", "+1", "NaN", "Infinity", "1.2.3", "0x10"]
        {
            let padded = format!("{text},        ");
            let end = read_number(padded.as_bytes(), 0).map(|r| r.1);
            assert_ne!(end, Some(text.len()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn every_decimal_is_the_nearest_double(
            int in 0_u64..100_000_000, n_int in 1_u32..=8, frac in any::<u64>(), n in 0_usize..20, neg: bool,
        ) {
            let int = int % 10_u64.pow(n_int);
            let digits: String = format!("{frac:020}").chars().rev().take(n).collect();
            let sign = if neg { "-" } else { "" };
            let text = if n == 0 { format!("{sign}{int}") } else { format!("{sign}{int}.{digits}") };
            let std: f64 = text.parse().unwrap();
            prop_assert_eq!(read(&text).map(f64::to_bits), Some(std.to_bits()), "{}", text);
        }

        #[test]
        fn every_double_survives_its_shortest_form(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            for v in [value, (value % 180.0), (value % 7e6)] {
                prop_assert_eq!(read(&format!("{v}")).map(f64::to_bits), Some(v.to_bits()), "{}", v);
            }
        }
    }
}

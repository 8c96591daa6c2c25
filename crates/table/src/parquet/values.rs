//! Values of arrow arrays as the columns of a batch.

use polars_arrow::{
    array::{Array, BinaryViewArray, BooleanArray, PrimitiveArray, Utf8ViewArray},
    datatypes::{ArrowDataType, TimeUnit},
    types::NativeType,
};
use std::{borrow::Cow, fmt::Write};
use whitespot_model::{
    features::{Defect, DefectKind, TextColumn},
    numbers::{self, Parsed},
};

/// Longest evidence of a defect, in characters.
const MAX_EVIDENCE: usize = 80;

/// Appends an array as numbers; missing is NaN. Numbers are converted without a look at single values; text
/// is read by [`numbers::parse`], and what is no number there is a defect of `column`. A truth value is 1 or 0.
pub(crate) fn push_numbers(array: &dyn Array, column: usize, out: &mut Vec<f64>, defects: &mut Vec<Defect>) {
    use ArrowDataType as T;
    match array.dtype() {
        T::Int8 => push_primitives(array, out, |v: i8| f64::from(v)),
        T::Int16 => push_primitives(array, out, |v: i16| f64::from(v)),
        T::Int32 => push_primitives(array, out, |v: i32| f64::from(v)),
        T::Int64 => push_primitives(array, out, |v: i64| v as f64),
        T::UInt8 => push_primitives(array, out, |v: u8| f64::from(v)),
        T::UInt16 => push_primitives(array, out, |v: u16| f64::from(v)),
        T::UInt32 => push_primitives(array, out, |v: u32| f64::from(v)),
        T::UInt64 => push_primitives(array, out, |v: u64| v as f64),
        T::Float32 => push_primitives(array, out, |v: f32| f64::from(v)),
        T::Float64 => push_primitives(array, out, |v: f64| v),
        T::Decimal(_, scale) if *scale <= 22 => {
            // Both are exact below 2^53, so the quotient is the nearest double.
            let divisor = 10_f64.powi(*scale as i32);
            push_primitives(array, out, |v: i128| v as f64 / divisor);
        }
        T::Boolean => match array.as_any().downcast_ref::<BooleanArray>() {
            Some(a) => out.extend(a.iter().map(|v| v.map_or(f64::NAN, |v| f64::from(u8::from(v))))),
            None => push_missing(array, out),
        },
        T::Null => push_missing(array, out),
        _ => {
            let mut row = out.len();
            for_each_text(array, |text| {
                out.push(match text.map(numbers::parse) {
                    Some(Parsed::Number(value)) => value,
                    Some(Parsed::Missing) | None => f64::NAN,
                    Some(Parsed::Invalid) => {
                        let evidence = text.unwrap_or_default().chars().take(MAX_EVIDENCE).collect();
                        defects.push(Defect { row, kind: DefectKind::NotANumber { column }, evidence });
                        f64::NAN
                    }
                });
                row += 1;
            });
        }
    }
}

/// Appends an array as text: codes without a fraction, dates as ISO 8601, truth values as `true` and `false`.
pub(crate) fn push_texts(array: &dyn Array, out: &mut TextColumn) {
    for_each_text(array, |text| out.push(text));
}

/// The values of a binary column, `None` where missing; `None` altogether for another type.
pub(crate) fn bytes_of(array: &dyn Array) -> Option<impl Iterator<Item = Option<&[u8]>>> {
    array.as_any().downcast_ref::<BinaryViewArray>().map(BinaryViewArray::iter)
}

/// How many rows from the first hold no more text together than `bytes_left`, which they use up. The first
/// row that is too long uses up all.
pub(crate) fn n_rows_within(array: &dyn Array, bytes_left: &mut usize) -> usize {
    let views = if let Some(a) = array.as_any().downcast_ref::<Utf8ViewArray>() {
        a.views()
    } else if let Some(a) = array.as_any().downcast_ref::<BinaryViewArray>() {
        a.views()
    } else {
        return array.len();
    };
    let fit = views.iter().take_while(|view| {
        let fits = bytes_left.checked_sub(view.length as usize);
        *bytes_left = fits.unwrap_or(0);
        fits.is_some()
    });
    fit.count()
}

fn push_primitives<T: NativeType>(array: &dyn Array, out: &mut Vec<f64>, to_f64: impl Fn(T) -> f64) {
    let Some(a) = array.as_any().downcast_ref::<PrimitiveArray<T>>() else {
        return push_missing(array, out);
    };
    let values = a.values().iter();
    match a.validity() {
        None => out.extend(values.map(|v| to_f64(*v))),
        Some(is_there) => {
            out.extend(
                values.zip(is_there.iter()).map(|(v, there)| if there { to_f64(*v) } else { f64::NAN }),
            );
        }
    }
}

fn push_missing(array: &dyn Array, out: &mut Vec<f64>) {
    out.resize(out.len() + array.len(), f64::NAN);
}

fn for_each_text(array: &dyn Array, mut take: impl FnMut(Option<&str>)) {
    use ArrowDataType as T;
    match array.dtype() {
        T::Int8 => for_each_integer(array, take, |v: i8| i128::from(v)),
        T::Int16 => for_each_integer(array, take, |v: i16| i128::from(v)),
        T::Int32 => for_each_integer(array, take, |v: i32| i128::from(v)),
        T::Int64 => for_each_integer(array, take, |v: i64| i128::from(v)),
        T::UInt8 => for_each_integer(array, take, |v: u8| i128::from(v)),
        T::UInt16 => for_each_integer(array, take, |v: u16| i128::from(v)),
        T::UInt32 => for_each_integer(array, take, |v: u32| i128::from(v)),
        T::UInt64 => for_each_integer(array, take, |v: u64| i128::from(v)),
        // NaN is a missing number; it writes nothing.
        T::Float32 => for_each_primitive(array, take, |v: f32, out| write_number(f64::from(v), v, out)),
        T::Float64 => for_each_primitive(array, take, |v: f64, out| write_number(v, v, out)),
        T::Decimal(_, scale) => {
            let scale = *scale;
            for_each_primitive(array, take, |v: i128, out| write_decimal(v, scale, out));
        }
        T::Date32 => for_each_primitive(array, take, |days: i32, out| write_date(i64::from(days), out)),
        T::Timestamp(unit, _) => {
            let per_second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            for_each_primitive(array, take, |t: i64, out| write_time(t.div_euclid(per_second), out));
        }
        T::Boolean => {
            if let Some(a) = array.as_any().downcast_ref::<BooleanArray>() {
                a.iter().for_each(|v| take(v.map(|v| if v { "true" } else { "false" })));
            }
        }
        T::Utf8View => {
            if let Some(a) = array.as_any().downcast_ref::<Utf8ViewArray>() {
                a.iter().for_each(take);
            }
        }
        T::BinaryView => {
            // Old writers do not mark their text as such.
            if let Some(a) = array.as_any().downcast_ref::<BinaryViewArray>() {
                a.iter().for_each(|v| take(v.map(String::from_utf8_lossy).as_ref().map(Cow::as_ref)));
            }
        }
        _ => (0..array.len()).for_each(|_| take(None)),
    }
}

/// Whole numbers as text, without the detour over the formatter: ids are often numbers.
fn for_each_integer<T: NativeType>(
    array: &dyn Array,
    mut take: impl FnMut(Option<&str>),
    widen: impl Fn(T) -> i128,
) {
    let Some(a) = array.as_any().downcast_ref::<PrimitiveArray<T>>() else {
        return (0..array.len()).for_each(|_| take(None));
    };
    let mut digits = [0; 20];
    for value in a.iter() {
        match value.map(|v| widen(*v)) {
            None => take(None),
            Some(v) => {
                // Every 64-bit number fits, its sign included.
                let mut rest = v.unsigned_abs() as u64;
                let mut at = digits.len();
                loop {
                    at -= 1;
                    digits[at] = b'0' + (rest % 10) as u8;
                    rest /= 10;
                    if rest == 0 {
                        break;
                    }
                }
                if v < 0 {
                    at -= 1;
                    digits[at] = b'-';
                }
                take(std::str::from_utf8(&digits[at..]).ok());
            }
        }
    }
}

fn for_each_primitive<T: NativeType>(
    array: &dyn Array,
    mut take: impl FnMut(Option<&str>),
    write: impl Fn(T, &mut String) -> std::fmt::Result,
) {
    let Some(a) = array.as_any().downcast_ref::<PrimitiveArray<T>>() else {
        return (0..array.len()).for_each(|_| take(None));
    };
    let mut text = String::new();
    for value in a.iter() {
        text.clear();
        let is_written = value.is_some_and(|v| write(*v, &mut text).is_ok()) && !text.is_empty();
        take(is_written.then_some(text.as_str()));
    }
}

/// `{}` of a float writes the shortest digits of its own width, without exponent or fraction where it has none.
fn write_number(wide: f64, value: impl std::fmt::Display, out: &mut String) -> std::fmt::Result {
    if wide.is_nan() { Ok(()) } else { write!(out, "{value}") }
}

fn write_decimal(value: i128, scale: usize, out: &mut String) -> std::fmt::Result {
    let digits = format!("{:0width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if value < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    write!(out, "{sign}{whole}{point}{fraction}")
}

fn write_date(days_since_1970: i64, out: &mut String) -> std::fmt::Result {
    // Gregorian calendar by eras of 400 years that begin on 1 March (Hinnant, "chrono-compatible low-level
    // date algorithms").
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + 400 * era + i64::from(month <= 2);
    write!(out, "{year:04}-{month:02}-{day:02}")
}

fn write_time(seconds_since_1970: i64, out: &mut String) -> std::fmt::Result {
    let (days, seconds) = (seconds_since_1970.div_euclid(86_400), seconds_since_1970.rem_euclid(86_400));
    write_date(days, out)?;
    if seconds == 0 {
        return Ok(());
    }
    write!(out, "T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(array: &dyn Array) -> Vec<Option<String>> {
        let mut out = TextColumn::default();
        push_texts(array, &mut out);
        out.iter().map(|v| v.map(str::to_string)).collect()
    }

    fn numbers(array: &dyn Array) -> Vec<f64> {
        let mut out = Vec::new();
        push_numbers(array, 0, &mut out, &mut Vec::new());
        out
    }

    fn text(v: &str) -> Option<String> {
        Some(v.to_string())
    }

    #[test]
    fn codes_have_no_fraction_and_missing_is_missing() {
        let ints = PrimitiveArray::<i64>::from([Some(2401), None, Some(-7)]);
        assert_eq!(texts(&ints), [text("2401"), None, text("-7")]);
        let floats = PrimitiveArray::<f64>::from([Some(2401.0), Some(0.5), Some(f64::NAN), None]);
        assert_eq!(texts(&floats), [text("2401"), text("0.5"), None, None]);
        let singles = PrimitiveArray::<f32>::from([Some(0.1_f32)]);
        assert_eq!(texts(&singles), [text("0.1")]);
        assert!(numbers(&ints)[1].is_nan());
        assert_eq!(numbers(&ints)[2], -7.0);
    }

    #[test]
    fn the_largest_whole_numbers_are_written_whole() {
        let signed = PrimitiveArray::<i64>::from_slice([i64::MIN, i64::MAX, 0]);
        assert_eq!(texts(&signed), ["-9223372036854775808", "9223372036854775807", "0"].map(text));
        let unsigned = PrimitiveArray::<u64>::from_slice([u64::MAX, 10]);
        assert_eq!(texts(&unsigned), ["18446744073709551615", "10"].map(text));
    }

    #[test]
    fn decimals_are_exact() {
        let a = PrimitiveArray::<i128>::from([Some(240_100), Some(-5), Some(12_345), None]);
        let a = a.to(ArrowDataType::Decimal(10, 2));
        assert_eq!(texts(&a), [text("2401"), text("-0.05"), text("123.45"), None]);
        assert_eq!(numbers(&a)[..3], [2401.0, -0.05, 123.45]);
    }

    #[test]
    fn dates_are_iso_8601() {
        let days = PrimitiveArray::<i32>::from([Some(0), Some(-1), Some(19_782), Some(11_016)]);
        let days = days.to(ArrowDataType::Date32);
        assert_eq!(texts(&days), ["1970-01-01", "1969-12-31", "2024-02-29", "2000-02-29"].map(text));
        let times = PrimitiveArray::<i64>::from([Some(-1), Some(86_400_000)]);
        let times = times.to(ArrowDataType::Timestamp(TimeUnit::Millisecond, None));
        assert_eq!(texts(&times), ["1969-12-31T23:59:59", "1970-01-02"].map(text));
    }

    #[test]
    fn text_is_read_as_numbers_and_what_is_none_is_a_defect() {
        let a = Utf8ViewArray::from_slice([Some("1 234,5"), Some(".."), None, Some("many")]);
        let (mut out, mut defects) = (vec![0.0], Vec::new());
        push_numbers(&a, 3, &mut out, &mut defects);
        assert_eq!(out[1], 1234.5);
        assert!(out[2..].iter().all(|v| v.is_nan()));
        let expected = Defect { row: 4, kind: DefectKind::NotANumber { column: 3 }, evidence: "many".into() };
        assert_eq!(defects, [expected]);
    }

    #[test]
    fn truth_values_are_one_and_zero_or_words() {
        let a = BooleanArray::from([Some(true), Some(false), None]);
        assert_eq!(numbers(&a)[..2], [1.0, 0.0]);
        assert_eq!(texts(&a), [text("true"), text("false"), None]);
    }

    #[test]
    fn rows_are_counted_by_the_text_they_hold() {
        let a = Utf8ViewArray::from_slice([Some("aaaa"), Some("bbbb"), None, Some("cccc")]);
        for (bytes, n_rows) in [(8, 3), (1, 0), (100, 4)] {
            let mut bytes_left = bytes;
            assert_eq!(n_rows_within(&a, &mut bytes_left), n_rows);
        }
    }
}

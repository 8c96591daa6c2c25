//! Numbers as people write them in tables.

/// Reads a number as planners' files hold it: `12`, `-3.5`, `3,5`, `1 234`, `1 234,5` (also with no-break
/// spaces), `1e6`. Empty text, `NULL`, `NA`, `-` and `..` (Statistics Sweden's "not available") are missing.
///
/// A comma is a decimal mark unless a dot stands beside it, in which case the last of the two is the decimal
/// mark (`1.234,5` and `1,234.5`). `1,234` alone therefore reads as 1.234: declare the file's habit where it
/// is otherwise.
///
/// ```
/// use whitespot_model::numbers::{parse, Parsed};
/// assert_eq!(parse("1 234,5"), Parsed::Number(1234.5));
/// assert_eq!(parse(".."), Parsed::Missing);
/// assert_eq!(parse("many"), Parsed::Invalid);
/// ```
pub fn parse(text: &str) -> Parsed {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if let Ok(v) = text.parse::<f64>() {
        // Rust reads "inf", "nan" and their kin as numbers; a table means a missing value by NaN only.
        return if v.is_nan() { Parsed::Missing } else { Parsed::Number(v) };
    }
    if matches!(text, "" | "-" | "–" | "." | ".." | "..." | "NULL" | "null" | "NA" | "N/A" | "n/a" | "None")
    {
        return Parsed::Missing;
    }
    let decimal = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(dot)) => Some(comma.max(dot)),
        (Some(comma), None) => Some(comma),
        (None, dot) => dot,
    };
    let mut plain = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        match c {
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' => {}
            '\u{2212}' => plain.push('-'),
            ',' | '.' if Some(i) == decimal => plain.push('.'),
            ',' | '.' => {}
            c => plain.push(c),
        }
    }
    match plain.parse::<f64>() {
        Ok(v) if !v.is_nan() => Parsed::Number(v),
        _ => Parsed::Invalid,
    }
}

/// What a text is as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Parsed {
    /// A number; may be infinite, never NaN.
    Number(f64),
    /// No value.
    Missing,
    /// Not a number.
    Invalid,
}

/// Writes a number that stands for a code: without a fraction where it has none.
pub fn code(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_decimal_marks_and_grouping_are_read() {
        for (text, value) in [
            ("7", 7.0),
            ("-2.5", -2.5),
            ("3,25", 3.25),
            ("1 234", 1234.0),
            ("1\u{a0}234,5", 1234.5),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("\u{2212}4", -4.0),
        ] {
            assert_eq!(parse(text), Parsed::Number(value), "{text}");
        }
    }

    #[test]
    fn missing_and_invalid_are_told_apart() {
        for text in ["", "  ", "..", "NULL", "nan"] {
            assert_eq!(parse(text), Parsed::Missing, "{text}");
        }
        for text in ["x", "12 b", "1-2"] {
            assert_eq!(parse(text), Parsed::Invalid, "{text}");
        }
    }

    #[test]
    fn codes_have_no_fraction() {
        assert_eq!(code(2401.0), "2401");
    }
}

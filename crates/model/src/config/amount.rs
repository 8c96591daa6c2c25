//! Amounts of money and shares, as people write them.
//!
//! Amounts are whole numbers of the smallest unit used (kronor in Sweden). They are written as integers or as
//! text: `120_000_000`, `"120M"`, `"1.5M"`, `"120 Mkr"`, `"90 000 000"`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// An amount of money in whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sek(pub i64);

/// A share, 0–1; written as a number or as `"98 %"`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(pub f64);

/// An amount, or a share of the budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SekOrShare {
    /// An amount: `36_000_000`, `"36M"`.
    Sek(i64),
    /// A share of the whole budget, 0–1: `0.3`, `"30 %"`.
    Share(f64),
}

impl SekOrShare {
    /// The amount out of a budget; shares are rounded down.
    pub fn of(self, budget_sek: i64) -> i64 {
        match self {
            SekOrShare::Sek(sek) => sek,
            // A share of an amount below 2^53 is exact enough to round down to the unit.
            SekOrShare::Share(share) => (budget_sek as f64 * share + 1e-6).floor() as i64,
        }
    }
}

/// A text that is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount; write 120000000, \"120M\", \"1.5M\" or \"90 000 000\"")]
pub struct AmountError {
    /// The text.
    pub text: String,
}

/// Reads an amount as people write it: `90M`, `1.5M`, `1,5 M`, `120 Mkr`, `750k`, `2 mdkr`, `90_000_000`,
/// `90 000 000 kr`, `-5`. The result must be a whole number that fits; anything else is an error.
///
/// ```
/// use whitespot_model::config::funding::parse_amount;
/// assert_eq!(parse_amount("1.5M"), Ok(1_500_000));
/// assert_eq!(parse_amount("120 Mkr"), Ok(120_000_000));
/// assert!(parse_amount("lots").is_err());
/// ```
pub fn parse_amount(text: &str) -> Result<i64, AmountError> {
    let wrong = || AmountError { text: text.to_string() };
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let plain = plain.replace('\u{2212}', "-").replace(',', ".");
    let end = plain.find(|c: char| c.is_alphabetic()).unwrap_or(plain.len());
    let (number, unit) = plain.split_at(end);
    let mut unit = unit.to_lowercase();
    for currency in ["kr", "sek", "nok", "dkk", "eur", "usd", "gbp"] {
        if let Some(rest) = unit.strip_suffix(currency) {
            unit = rest.to_string();
            break;
        }
    }
    let zeros: i32 = match unit.trim_end_matches('.') {
        "" => 0,
        "k" | "t" | "tusen" | "thousand" => 3,
        "m" | "mn" | "milj" | "miljon" | "miljoner" | "million" => 6,
        "md" | "mrd" | "bn" | "b" | "miljard" | "miljarder" | "billion" => 9,
        _ => return Err(wrong()),
    };
    let (sign, digits) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return Err(wrong());
    }
    let missing_zeros = zeros - fraction.len() as i32;
    if missing_zeros < 0 || whole.len() > 19 {
        return Err(wrong());
    }
    let joined = format!("{whole}{fraction}{}", "0".repeat(missing_zeros as usize));
    let value: i64 = joined.parse().map_err(|_| wrong())?;
    Ok(sign * value)
}

/// Reads `0.98`, `98 %` as a share; `None` for what is no number.
fn parse_share(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().replace(',', ".").parse::<f64>().ok().map(|p| p / 100.0),
        None => text.replace(',', ".").parse().ok(),
    }
    .filter(|share| share.is_finite())
}

struct SekVisitor;

impl de::Visitor<'_> for SekVisitor {
    type Value = Sek;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount such as 120000000, \"120M\" or \"1.5M\"")
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Sek, E> {
        Ok(Sek(v))
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Sek, E> {
        i64::try_from(v).map(Sek).map_err(|_| E::custom("the amount is too large"))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Sek, E> {
        if v.fract() == 0.0 && v.abs() < 9e15 {
            Ok(Sek(v as i64))
        } else {
            Err(E::custom("an amount is a whole number of kronor (or of the smallest unit used)"))
        }
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Sek, E> {
        parse_amount(v).map(Sek).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Sek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SekVisitor)
    }
}

impl Serialize for Sek {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl JsonSchema for Sek {
    fn schema_name() -> Cow<'static, str> {
        "Sek".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount: 120000000, \"120M\", \"1.5M\", \"120 Mkr\".",
            "type": ["integer", "string"]
        })
    }
}

struct ShareVisitor;

impl de::Visitor<'_> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share from 0 to 1, such as 0.98 or \"98 %\"")
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Share, E> {
        if (0.0..=1.0).contains(&v) {
            Ok(Share(v))
        } else {
            Err(E::custom(format!("{v} is no share from 0 to 1 (write 98 % as 0.98 or \"98 %\")")))
        }
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Share, E> {
        self.visit_f64(v as f64)
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Share, E> {
        self.visit_f64(v as f64)
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Share, E> {
        match parse_share(v) {
            Some(share) => self.visit_f64(share),
            None => Err(E::custom(format!("`{v}` is no share (write 0.98 or \"98 %\")"))),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShareVisitor)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A share from 0 to 1: 0.98 or \"98 %\".",
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "string" }]
        })
    }
}

struct SekOrShareVisitor;

impl de::Visitor<'_> for SekOrShareVisitor {
    type Value = SekOrShare;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount such as 36000000 or \"36M\", or a share such as 0.3 or \"30 %\"")
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<SekOrShare, E> {
        Ok(SekOrShare::Sek(v))
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<SekOrShare, E> {
        SekVisitor.visit_u64(v).map(|sek| SekOrShare::Sek(sek.0))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<SekOrShare, E> {
        if (0.0..=1.0).contains(&v) {
            Ok(SekOrShare::Share(v))
        } else {
            SekVisitor.visit_f64(v).map(|sek| SekOrShare::Sek(sek.0))
        }
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<SekOrShare, E> {
        if v.trim_end().ends_with('%') {
            ShareVisitor.visit_str(v).map(|share| SekOrShare::Share(share.0))
        } else {
            SekVisitor.visit_str(v).map(|sek| SekOrShare::Sek(sek.0))
        }
    }
}

impl<'de> Deserialize<'de> for SekOrShare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SekOrShareVisitor)
    }
}

impl Serialize for SekOrShare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SekOrShare::Sek(sek) => serializer.serialize_i64(*sek),
            SekOrShare::Share(share) => serializer.serialize_f64(*share),
        }
    }
}

impl JsonSchema for SekOrShare {
    fn schema_name() -> Cow<'static, str> {
        "SekOrShare".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount (36000000, \"36M\") or a share of the budget (0.3, \"30 %\").",
            "type": ["integer", "number", "string"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, sek) in [
            ("90M", 90_000_000),
            ("1.5M", 1_500_000),
            ("1,5 M", 1_500_000),
            ("120 Mkr", 120_000_000),
            ("120 mkr", 120_000_000),
            ("2 mdkr", 2_000_000_000),
            ("750k", 750_000),
            ("90_000_000", 90_000_000),
            ("90 000 000 kr", 90_000_000),
            ("-5", -5),
            ("0", 0),
            ("1.50M", 1_500_000),
        ] {
            assert_eq!(parse_amount(text), Ok(sek), "{text}");
        }
        for text in ["", "M", "lots", "1.5", "1.2345678M", "1e6", "99999999999999999999", "12 apples", "1-2"]
        {
            assert!(parse_amount(text).is_err(), "{text}");
        }
    }
}

//! Parameters of a query: known ones only, each once (Core, requirements `query-param-unknown` and `-invalid`).

use super::{links::percent_encoded, problem::Problem};

/// What stands behind the question mark.
#[derive(Clone, Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// # Errors
    /// Where a parameter stands twice, or `f` asks for a format there is not.
    pub(super) fn new(pairs: Vec<(String, String)>) -> Result<Parameters, Problem> {
        for (i, (key, value)) in pairs.iter().enumerate() {
            if pairs[..i].iter().any(|(other, _)| other == key) {
                return Err(Problem::parameter(format!("parameter `{key}` stands twice")));
            }
            if key == "f" && value != "json" {
                return Err(Problem::parameter(format!("format `{value}` is not served, only `json` is")));
            }
        }
        Ok(Parameters(pairs))
    }

    /// # Errors
    /// Where there is a parameter beside the known ones.
    pub(super) fn allow(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => {
                Err(Problem::parameter(format!("unknown parameter `{key}`; known are {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// A whole number from 0.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn whole_number(&self, key: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.get(key) else { return Ok(None) };
        let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = is_plain.then(|| text.parse().ok()).flatten();
        number
            .map(Some)
            .ok_or_else(|| Problem::parameter(format!("`{key}={text}` is not a whole number from 0")))
    }

    /// The query again, with some values in place of what they were.
    pub(super) fn with(&self, changed: &[(&str, String)]) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .0
            .iter()
            .filter(|(key, _)| changed.iter().all(|(other, _)| other != key))
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        pairs.extend(changed.iter().map(|(key, value)| (*key, value.as_str())));
        let texts: Vec<String> =
            pairs.iter().map(|(k, v)| format!("{}={}", percent_encoded(k), percent_encoded(v))).collect();
        if texts.is_empty() { String::new() } else { format!("?{}", texts.join("&")) }
    }
}

/// Checks `datetime` by its form (RFC 3339 instants, intervals with open ends). No feature has a time, and such
/// features match every one (requirement `fc-time-response`, C).
///
/// # Errors
/// Where it is neither an instant nor an interval.
pub(super) fn check_datetime(text: &str) -> Result<(), Problem> {
    let is_open = |part: &str| part.is_empty() || part == "..";
    let is_fine = match text.split_once('/') {
        None => is_instant(text),
        Some((from, to)) => {
            !(is_open(from) && is_open(to))
                && (is_open(from) || is_instant(from))
                && (is_open(to) || is_instant(to))
        }
    };
    if is_fine {
        return Ok(());
    }
    Err(Problem::parameter(format!(
        "`datetime={text}` is neither a time such as 2026-01-31T00:00:00Z nor an interval of two"
    )))
}

/// A date, or a date with a time of day and its offset.
fn is_instant(text: &str) -> bool {
    let digits = |part: &str, shape: &str| {
        part.len() == shape.len()
            && part
                .bytes()
                .zip(shape.bytes())
                .all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let within =
        |part: &str, least: u32, most: u32| part.parse::<u32>().is_ok_and(|n| (least..=most).contains(&n));
    let is_date =
        |date: &str| digits(date, "0000-00-00") && within(&date[5..7], 1, 12) && within(&date[8..10], 1, 31);
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else { return is_date(text) };
    let Some(clock) = time.get(..8) else { return false };
    let is_clock = digits(clock, "00:00:00")
        && within(&clock[..2], 0, 23)
        && within(&clock[3..5], 0, 59)
        && within(&clock[6..], 0, 60);
    let rest = &time[8..];
    let after_dot =
        rest.strip_prefix('.').map_or(rest, |r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    let has_fraction_digits = !rest.starts_with('.') || after_dot.len() < rest.len() - 1;
    let is_zone =
        matches!(after_dot, "Z" | "z") || digits(after_dot, "+00:00") || digits(after_dot, "-00:00");
    is_date(date) && is_clock && has_fraction_digits && is_zone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_intervals_are_told_from_other_text() {
        for fine in [
            "2026-01-31",
            "2026-01-31T23:59:59Z",
            "2026-01-31T00:00:00.25+01:00",
            "2026-01-31T00:00:00Z/2026-02-01T00:00:00Z",
            "../2026-02-01T00:00:00Z",
            "2026-01-31T00:00:00Z/",
        ] {
            assert!(check_datetime(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "..",
            "../..",
            "yesterday",
            "2026-13-01",
            "2026-01-31T25:00:00Z",
            "2026-01-31T00:00:00",
            "2026-01-31T00:00:00.Z",
            "2026-01-31T0å:00:00Z",
        ] {
            assert!(check_datetime(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_query_of_the_next_page_keeps_what_was_asked() {
        let pairs =
            [("area_name", "Åsele & co"), ("offset", "0")].map(|(k, v)| (k.to_string(), v.to_string()));
        let parameters = Parameters::new(pairs.to_vec()).unwrap();
        let next = parameters.with(&[("offset", "10".to_string())]);
        assert_eq!(next, "?area_name=%C3%85sele%20%26%20co&offset=10");
    }
}

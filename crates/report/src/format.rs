//! Numbers as readers of a language expect them: `12 431`, `3,4 %`, `120 Mkr` and `12,431`, `3.4%`,
//! `SEK 120 million`.

use std::cmp::Ordering;
use whitespot_model::config::Lang;

const NO_BREAK_SPACE: char = '\u{a0}';
const MINUS: char = '\u{2212}';

/// Writes a whole number with its thousands grouped.
pub(crate) fn count(value: i64, lang: Lang) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if value < 0 {
        text.push(MINUS);
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(if lang == Lang::Sv { NO_BREAK_SPACE } else { ',' });
        }
        text.push(digit);
    }
    text
}

/// Writes a real number with so many decimals, its thousands grouped.
pub(crate) fn real(value: f64, decimals: usize, lang: Lang) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_zero = plain.bytes().all(|b| matches!(b, b'0' | b'.'));
    let mut text = String::new();
    if value < 0.0 && !is_zero {
        text.push(MINUS);
    }
    match whole.parse::<i64>() {
        Ok(n) => text.push_str(&count(n, lang)),
        Err(_) => text.push_str(whole),
    }
    if !fraction.is_empty() {
        text.push(decimal_mark(lang));
        text.push_str(fraction);
    }
    text
}

/// Writes a number with about three significant digits, without trailing zeros.
pub(crate) fn number(value: f64, lang: Lang) -> String {
    let decimals = match value.abs() {
        v if v == 0.0 || v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 0.1 => 2,
        v if v >= 0.01 => 3,
        _ => 4,
    };
    let text = real(value, decimals, lang);
    match decimals {
        0 => text,
        _ => text.trim_end_matches('0').trim_end_matches(decimal_mark(lang)).to_string(),
    }
}

/// Writes a share of 0–1 as percent with one decimal; never `0 %` or `100 %` for what only comes near it.
pub(crate) fn share(value: f64, lang: Lang) -> String {
    let percent = value * 100.0;
    if percent > 0.0 && percent < 0.05 {
        return format!("<{}{}", real(0.1, 1, lang), percent_sign(lang));
    }
    if (99.95..100.0).contains(&percent) {
        return format!(">{}{}", real(99.9, 1, lang), percent_sign(lang));
    }
    format!("{}{}", real(percent, 1, lang), percent_sign(lang))
}

/// Writes a range of whole percents: `10–25 %`.
pub(crate) fn share_range(from: f64, to: f64, lang: Lang) -> String {
    format!("{}–{}{}", real(from * 100.0, 0, lang), real(to * 100.0, 0, lang), percent_sign(lang))
}

/// Writes money: millions from one million on, whole units below.
pub(crate) fn money(value: i64, lang: Lang) -> String {
    if value.unsigned_abs() < 1_000_000 {
        return match lang {
            Lang::Sv => format!("{}{NO_BREAK_SPACE}kr", count(value, lang)),
            Lang::En => format!("SEK{NO_BREAK_SPACE}{}", count(value, lang)),
        };
    }
    let millions = value as f64 / 1e6;
    let decimals = if value % 1_000_000 == 0 {
        0
    } else if millions.abs() < 10.0 {
        2
    } else {
        1
    };
    let text = real(millions, decimals, lang);
    match lang {
        Lang::Sv => format!("{text}{NO_BREAK_SPACE}Mkr"),
        Lang::En => format!("SEK{NO_BREAK_SPACE}{text}{NO_BREAK_SPACE}million"),
    }
}

/// Writes a size in bytes as kB or MB (thousands and millions).
pub(crate) fn bytes(value: u64, lang: Lang) -> String {
    let (value, unit) = match value {
        0..1_000 => (value as f64, "B"),
        1_000..1_000_000 => (value as f64 / 1e3, "kB"),
        _ => (value as f64 / 1e6, "MB"),
    };
    format!("{}{NO_BREAK_SPACE}{unit}", number(value, lang))
}

fn decimal_mark(lang: Lang) -> char {
    if lang == Lang::Sv { ',' } else { '.' }
}

fn percent_sign(lang: Lang) -> &'static str {
    if lang == Lang::Sv { "\u{a0}%" } else { "%" }
}

/// Orders names as the language's dictionaries do: in Swedish å, ä, ö last; upper and lower case alike;
/// digits by value (`Område 2` before `Område 10`).
pub(crate) fn compare_names(a: &str, b: &str, lang: Lang) -> Ordering {
    let key = |text: &str| {
        let mut key: Vec<(u32, u64)> = Vec::new();
        let mut digits: Option<u64> = None;
        for c in text.chars().flat_map(char::to_lowercase) {
            if let Some(d) = c.to_digit(10) {
                digits = Some(digits.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(d)));
                continue;
            }
            key.extend(digits.take().map(|n| (u32::from('0'), n)));
            key.push((letter(c, lang), 0));
        }
        key.extend(digits.map(|n| (u32::from('0'), n)));
        key
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

fn letter(c: char, lang: Lang) -> u32 {
    let after_z = |n: u32| u32::from('z') + n;
    match (c, lang) {
        ('å', Lang::Sv) => after_z(1),
        ('ä' | 'æ', Lang::Sv) => after_z(2),
        ('ö' | 'ø', Lang::Sv) => after_z(3),
        ('å' | 'ä' | 'á' | 'à' | 'â' | 'æ', _) => u32::from('a'),
        ('ö' | 'ø' | 'ó' | 'ò' | 'ô', _) => u32::from('o'),
        ('é' | 'è' | 'ê' | 'ë', _) => u32::from('e'),
        ('ü', _) => u32::from('u'),
        (c, _) if c.is_ascii() => u32::from(c),
        (c, _) => u32::from(c) + 0x1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_grouped_by_three() {
        assert_eq!(count(12_431, Lang::Sv), "12\u{a0}431");
        assert_eq!(count(12_431, Lang::En), "12,431");
        assert_eq!(count(999, Lang::En), "999");
        assert_eq!(count(-1_000_000, Lang::En), "\u{2212}1,000,000");
        assert_eq!(count(0, Lang::Sv), "0");
    }

    #[test]
    fn shares_have_one_decimal_and_never_pretend_none_or_all() {
        assert_eq!(share(0.034, Lang::Sv), "3,4\u{a0}%");
        assert_eq!(share(0.034, Lang::En), "3.4%");
        assert_eq!(share(0.0, Lang::En), "0.0%");
        assert_eq!(share(1.0, Lang::En), "100.0%");
        assert_eq!(share(0.0001, Lang::En), "<0.1%");
        assert_eq!(share(0.9999, Lang::Sv), ">99,9\u{a0}%");
    }

    #[test]
    fn money_is_written_in_millions_from_one_million_on() {
        assert_eq!(money(120_000_000, Lang::Sv), "120\u{a0}Mkr");
        assert_eq!(money(120_000_000, Lang::En), "SEK\u{a0}120\u{a0}million");
        assert_eq!(money(1_250_000, Lang::Sv), "1,25\u{a0}Mkr");
        assert_eq!(money(77_000, Lang::Sv), "77\u{a0}000\u{a0}kr");
    }

    #[test]
    fn numbers_keep_about_three_digits() {
        for (value, text) in [(0.0, "0"), (0.5, "0.5"), (0.123_4, "0.12"), (12.34, "12.3"), (1234.5, "1,234")]
        {
            assert_eq!(number(value, Lang::En), text);
        }
        assert_eq!(number(-0.004, Lang::En), "\u{2212}0.004");
        assert_eq!(real(-0.000_1, 2, Lang::En), "0.00");
    }

    #[test]
    fn swedish_names_sort_with_their_own_letters_last() {
        let mut names = ["Örebro", "Åsele", "Zinkgruvan", "Ängelholm", "ale", "Område 10", "Område 2"];
        names.sort_by(|a, b| compare_names(a, b, Lang::Sv));
        assert_eq!(names, ["ale", "Område 2", "Område 10", "Zinkgruvan", "Åsele", "Ängelholm", "Örebro"]);
        names.sort_by(|a, b| compare_names(a, b, Lang::En));
        assert_eq!(names, ["ale", "Ängelholm", "Åsele", "Område 2", "Område 10", "Örebro", "Zinkgruvan"]);
    }
}

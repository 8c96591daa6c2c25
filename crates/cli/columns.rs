//! Plain text for a terminal: aligned columns, amounts and differences as people write them.

use crate::messages::thousands;
use whitespot_model::config::Lang;

/// The text in a language.
pub(crate) fn say<'a>(lang: Lang, sv: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Sv => sv,
        Lang::En => en,
    }
}

/// Rows as lines: the first column to the left, the others to the right; each as wide as its widest cell.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let n = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|r| r.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[i].saturating_sub(cell.chars().count()));
            if i == 0 {
                line.push_str(&format!("{cell}{pad}"));
            } else {
                line.push_str(&format!("  {pad}{cell}"));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// `-1 234 567`.
pub(crate) fn signed(n: i64) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{}", thousands(n.unsigned_abs()))
}

/// `+12`, `−3`, `0`: a difference with its sign.
pub(crate) fn difference(n: i64) -> String {
    if n > 0 { format!("+{}", signed(n)) } else { signed(n) }
}

/// `84.9 %` in English, `84,9 %` in Swedish; empty where there is none.
pub(crate) fn percent(share: Option<f64>, lang: Lang) -> String {
    share.map_or_else(String::new, |s| point(&format!("{:.1} %", s * 100.0), lang))
}

/// A number with so many decimals; empty where there is none.
pub(crate) fn real(value: Option<f64>, decimals: usize, lang: Lang) -> String {
    value.map_or_else(String::new, |v| point(&format!("{v:.decimals$}"), lang))
}

fn point(text: &str, lang: Lang) -> String {
    let text = text.replace('-', "−");
    if lang == Lang::Sv { text.replace('.', ",") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["å".to_string(), "1".to_string()], vec!["bb".to_string(), "22".to_string()]];
        assert_eq!(aligned(&rows), "å    1\nbb  22\n");
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!(
            (difference(1_234).as_str(), difference(-5).as_str(), difference(0).as_str()),
            ("+1 234", "−5", "0")
        );
        assert_eq!(percent(Some(0.8494), Lang::Sv), "84,9 %");
    }
}

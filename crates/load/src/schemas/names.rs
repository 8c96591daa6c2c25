//! Names of columns as sources drift: in any case, with spaces more or less, and with `*`.

/// The first of `wanted` that one of `fields` fits, as the file writes it.
pub(super) fn first<'a>(wanted: &[String], fields: &'a [String]) -> Option<&'a str> {
    // The exact name wins over one that differs in case.
    let exact = wanted.iter().find_map(|w| fields.iter().find(|f| *f == w));
    let found = exact.or_else(|| wanted.iter().find_map(|w| fields.iter().find(|f| fits(w, f))));
    found.map(String::as_str)
}

/// Whether a name fits a pattern: equal but for case and runs of spaces, `*` standing for any text.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (fold(pattern), fold(name));
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or("")) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn fold(text: &str) -> String {
    text.trim_matches('\u{feff}').split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What stands in the holes of a pattern: `down_{technology}_{download_mbps}` on `down_hfc_100` gives `hfc`, `100`.
pub(super) fn holes<'n>(pattern: &str, name: &'n str) -> Option<Vec<(String, &'n str)>> {
    let mut found = Vec::new();
    let (head, mut pattern) = pattern.split_once('{')?;
    let mut rest = name.strip_prefix(head)?;
    loop {
        let (hole, after) = pattern.split_once('}')?;
        let (literal, next) = after.split_once('{').map_or((after, None), |(l, n)| (l, Some(n)));
        let end = match (literal, next) {
            ("", None) => rest.len(),
            ("", Some(_)) => return None,
            // The last literal stands at the end; the holes before it hold no `_`-bounded text twice.
            (literal, None) => rest.strip_suffix(literal)?.len(),
            (literal, Some(_)) => rest.find(literal)?,
        };
        found.push((hole.to_string(), &rest[..end]));
        rest = &rest[end + literal.len()..];
        match next {
            Some(next) => pattern = next,
            None => return rest.is_empty().then_some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drifting_headers_fit_their_pattern() {
        assert!(fits("SFBB availability*", "SFBB  Availability (% premises)"));
        assert!(fits("\u{feff}laua", "\u{feff}LAUA"));
        assert!(fits("oa*code", "oa11_code") && !fits("oa*code", "oa11_name"));
        assert!(!fits("laua", "laua_name") && fits("*", "anything"));
    }

    #[test]
    fn the_first_name_there_is_counts_and_an_exact_one_wins() {
        let fields: Vec<String> = ["GRD_ID", "tot_p", "TOT_P"].map(String::from).to_vec();
        let wanted: Vec<String> = ["OBS_VALUE_T", "TOT_P"].map(String::from).to_vec();
        assert_eq!(first(&wanted, &fields), Some("TOT_P"));
        assert_eq!(first(&["x".to_string()], &fields), None);
    }

    #[test]
    fn holes_hold_what_the_name_tells() {
        let found = holes("down_fn_hh_{technology}_{download_mbps}", "down_fn_hh_ftthb_1000").unwrap();
        assert_eq!(found, [("technology".to_string(), "ftthb"), ("download_mbps".to_string(), "1000")]);
        assert_eq!(holes("down_fn_hh_{technology}_{download_mbps}", "down_fn_gew_alle_10"), None);
        assert_eq!(holes("plain", "plain"), None);
    }
}

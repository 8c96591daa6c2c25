//! "Did you mean": the nearest of the names there are.

/// The name among `present` that looks most like `wanted`; `None` if none comes near.
///
/// Equal but for case and accents wins; then the least edits, at most a third of the letters.
pub fn nearest<'a>(wanted: &str, present: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(wanted);
    present
        .into_iter()
        .filter_map(|name| {
            let candidate = fold(name);
            let distance = strsim::damerau_levenshtein(&folded, &candidate);
            let longest = folded.chars().count().max(candidate.chars().count());
            let contains = !folded.is_empty()
                && candidate.len() >= 3
                && (candidate.starts_with(&folded) || folded.starts_with(&candidate));
            (distance * 3 <= longest || contains).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A hint that names the nearest of the names, or lists them.
pub fn hint(wanted: &str, present: &[String]) -> String {
    let listed = || {
        let mut names: Vec<String> = present.iter().take(20).map(|n| format!("`{n}`")).collect();
        if present.len() > 20 {
            names.push(format!("… {} in all", present.len()));
        }
        names.join(", ")
    };
    match nearest(wanted, present.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`? There are: {}", listed()),
        None if present.is_empty() => "there are none".to_string(),
        None => format!("there are: {}", listed()),
    }
}

fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'å' | 'ä' => 'a',
            'ö' => 'o',
            '-' | ' ' => '_',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_recognised_and_a_strange_one_is_not() {
        let names = ["antal_boende", "antal_hushall", "E"];
        assert_eq!(nearest("antal_bonde", names), Some("antal_boende"));
        assert_eq!(nearest("Antal Hushåll", names), Some("antal_hushall"));
        assert_eq!(nearest("kommun", names), None);
    }
}

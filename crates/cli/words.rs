//! Words of the results in a language.

use whitespot_model::config::Lang;

/// What an input is for, for people: `coverage fibre` is `täckning fibre` in Swedish.
pub(crate) fn role(role: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return role.to_string();
    }
    let (kind, of) = role.split_once(' ').unwrap_or((role, ""));
    let kind = match kind {
        "settlements" => "bebyggelsepunkter",
        "areas" => "områden",
        "parents" => "överordnade områden",
        "coverage" => "täckning",
        "statistics" => "statistik",
        other => other,
    };
    if of.is_empty() { kind.to_string() } else { format!("{kind} {of}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_keep_their_names_and_unknown_ones_stay() {
        assert_eq!(role("coverage fibre", Lang::Sv), "täckning fibre");
        assert_eq!(role("settlements", Lang::Sv), "bebyggelsepunkter");
        assert_eq!(role("network", Lang::Sv), "network");
        assert_eq!(role("coverage fibre", Lang::En), "coverage fibre");
    }
}

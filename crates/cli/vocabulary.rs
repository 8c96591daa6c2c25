//! Single words of the command line in the language of messages.

use std::{collections::BTreeMap, sync::OnceLock};
use whitespot_model::config::Lang;

const SWEDISH: &str = include_str!("i18n/sv.toml");

/// A word in a language; the English one where there is no other.
pub(crate) fn word(english: &str, lang: Lang) -> &str {
    static WORDS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    match lang {
        Lang::En => english,
        Lang::Sv => {
            let words = WORDS.get_or_init(|| toml::from_str(SWEDISH).unwrap_or_default());
            words.get(english).map_or(english, String::as_str)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_there_in_swedish_and_others_stay() {
        assert_eq!(word("warning", Lang::Sv), "varning");
        assert_eq!(word("warning", Lang::En), "warning");
        assert_eq!(word("whatever", Lang::Sv), "whatever");
    }
}

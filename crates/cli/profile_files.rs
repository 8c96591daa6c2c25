//! Rule profiles: those that ship, and a user's own by path.

use sha2::{Digest as _, Sha256};
use std::path::Path;
use whitespot_funding::profiles::{Profile, parse};
use whitespot_model::{
    finding::Finding,
    provenance::{Provenance, RowBalance},
};

/// Name and text of every profile that ships, by name.
const SHIPPED: [(&str, &str); 9] = [
    ("de-scoring-2015", include_str!("../../data/profiles/de-scoring-2015.toml")),
    ("dk-pulje-equal", include_str!("../../data/profiles/dk-pulje-equal.toml")),
    ("dk-pulje-price", include_str!("../../data/profiles/dk-pulje-price.toml")),
    ("eu-2023-fixed", include_str!("../../data/profiles/eu-2023-fixed.toml")),
    ("no-nkom-2019", include_str!("../../data/profiles/no-nkom-2019.toml")),
    ("no-nkom-2022", include_str!("../../data/profiles/no-nkom-2022.toml")),
    ("se-pts-2022", include_str!("../../data/profiles/se-pts-2022.toml")),
    ("us-bead-2021", include_str!("../../data/profiles/us-bead-2021.toml")),
    ("us-bead-2025", include_str!("../../data/profiles/us-bead-2025.toml")),
];

/// A profile with its text.
pub(crate) struct ProfileFile {
    /// What it says.
    pub(crate) profile: Profile,
    /// The text it was read from.
    pub(crate) text: String,
    /// Where a user's own was read; `None` for one that ships.
    pub(crate) provenance: Option<Provenance>,
}

/// Every profile that ships, by name.
///
/// # Errors
/// A finding where one cannot be read, which tests forbid.
pub(crate) fn shipped() -> Result<Vec<ProfileFile>, Finding> {
    SHIPPED.iter().map(|(name, text)| read(name, (*text).to_string(), None)).collect()
}

/// The profile of that name, or that file: a name with a slash or ending in `.toml` is a path, relative to `base`.
///
/// # Errors
/// A finding: no such name or file, or a file that is no profile.
pub(crate) fn find(name: &str, base: &Path) -> Result<ProfileFile, Finding> {
    if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return read(name, (*text).to_string(), None);
    }
    let is_path = name.contains(['/', '\\']) || name.ends_with(".toml");
    if !is_path {
        let names: Vec<String> = SHIPPED.iter().map(|(n, _)| (*n).to_string()).collect();
        return Err(Finding::error("unknown_profile", "", format!("there is no rule profile `{name}`"))
            .with_hint(format!(
                "{}; one of your own is named by its path, such as `./rules.toml`",
                whitespot_load::suggest::hint(name, &names)
            )));
    }
    let text = std::fs::read_to_string(base.join(name)).map_err(|e| {
        Finding::error("missing_file", name, format!("cannot read the rule profile `{name}`: {e}"))
            .with_hint("paths are relative to the analysis file; `whitespot profiles` lists those that ship")
    })?;
    let hash = Sha256::digest(text.as_bytes());
    let provenance = Provenance {
        role: format!("profile {name}"),
        file: name.to_string(),
        layer: None,
        format: "TOML".to_string(),
        sha256: hash.iter().map(|b| format!("{b:02x}")).collect(),
        bytes: text.len() as u64,
        crs: String::new(),
        rows: RowBalance::default(),
        owner: None,
        date: None,
        licence: None,
        synthetic: false,
    };
    read(name, text, Some(provenance))
}

fn read(name: &str, text: String, provenance: Option<Provenance>) -> Result<ProfileFile, Finding> {
    match parse(&text) {
        Ok(profile) => Ok(ProfileFile { profile, text, provenance }),
        Err(e) => Err(Finding::error("bad_profile", name, e.to_string())
            .with_hint("`whitespot profiles se-pts-2022 --toml` prints one to start from")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_reads_and_carries_its_file_name() {
        let names: Vec<String> = shipped().unwrap().into_iter().map(|p| p.profile.name).collect();
        assert_eq!(names, SHIPPED.map(|(name, _)| name.to_string()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/profiles");
        let n_files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(n_files, SHIPPED.len(), "every file of data/profiles ships");
    }

    #[test]
    fn a_mistyped_name_suggests_the_nearest_and_a_path_is_read() {
        let error = find("se-pts-2023", Path::new(".")).err().unwrap();
        assert!(error.hint.unwrap().starts_with("did you mean `se-pts-2022`?"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("own.toml"), SHIPPED[8].1.replace("us-bead-2025", "ours")).unwrap();
        let own = find("./own.toml", folder.path()).unwrap();
        assert_eq!((own.profile.name.as_str(), own.provenance.is_some()), ("ours", true));
        std::fs::write(folder.path().join("own.toml"), "schema = 1").unwrap();
        assert_eq!(find("own.toml", folder.path()).err().unwrap().code, "bad_profile");
        assert_eq!(find("none.toml", folder.path()).err().unwrap().code, "missing_file");
    }
}

//! Shapefiles inside a zip archive, with limits against archives that swell.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use zip::ZipArchive;

/// Largest member that is unpacked; a shapefile itself ends at 2 GiB.
const MAX_BYTES: u64 = 2 << 30;

/// Members of less than this are unpacked whatever their ratio.
const HARMLESS_BYTES: u64 = 64 << 20;

/// How many times larger than its packed form a member may be; shapes of surveyors reach about ten.
const MAX_RATIO: u64 = 200;

/// The files of an archive.
pub(super) struct Archive {
    zip: ZipArchive<File>,
    /// Lower-case `stem.extension` of files that may belong to a shapefile → index, by stem as it stands.
    members: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Archive {
    pub(super) fn open(file: File) -> Result<Archive, String> {
        let mut zip = ZipArchive::new(file).map_err(|e| format!("the archive is broken: {e}"))?;
        let mut members: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for i in 0..zip.len() {
            let Ok(member) = zip.by_index_raw(i) else { continue };
            let Ok(name) = member.name().map(std::borrow::Cow::into_owned) else { continue };
            let is_furniture = name.starts_with("__MACOSX") || member.is_dir();
            if let Some((stem, extension)) = name.rsplit_once('.').filter(|_| !is_furniture) {
                members.entry(stem.to_string()).or_default().insert(extension.to_ascii_lowercase(), i);
            }
        }
        Ok(Archive { zip, members })
    }

    /// Paths of the shapefiles inside, without `.shp`.
    pub(super) fn stems(&self) -> Vec<String> {
        self.members
            .iter()
            .filter(|(_, parts)| parts.contains_key("shp"))
            .map(|(stem, _)| stem.clone())
            .collect()
    }

    /// The bytes of a part of a shapefile; `None` when it has no such part.
    pub(super) fn read(&mut self, stem: &str, extension: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(&i) = self.members.get(stem).and_then(|parts| parts.get(extension)) else { return Ok(None) };
        let broken =
            |e: &dyn std::fmt::Display| format!("`{stem}.{extension}` in the archive is broken: {e}");
        let member = self.zip.by_index(i).map_err(|e| broken(&e))?;
        let n_packed = member.compressed_size();
        // The size the archive states may be a lie, so bytes are counted as they come.
        let limit = MAX_BYTES.min(HARMLESS_BYTES.max(n_packed.saturating_mul(MAX_RATIO)));
        let mut bytes = Vec::new();
        member.take(limit + 1).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
        if bytes.len() as u64 > limit {
            return Err(format!(
                "`{stem}.{extension}` in the archive unpacks to more than {} MiB from {} KiB",
                limit >> 20,
                n_packed >> 10
            ));
        }
        Ok(Some(bytes))
    }
}

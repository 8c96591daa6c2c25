//! Which format a file is in, by its first bytes and its name.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use whitespot_model::features::Format;

/// The format of a file: by content where the content tells, else by extension; `None` where neither does.
///
/// Content wins over a wrong extension. A file that is not there is told by its extension, so that opening it
/// can say that it is missing. Formats that other crates read are recognised too.
pub fn detect(path: &Path) -> Option<Format> {
    if crate::postgis::is_database(path) {
        return Some(Format::PostGis);
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let mut head = Vec::new();
    if let Ok(file) = File::open(path) {
        // A file that cannot be read has an empty head, and its extension speaks.
        let _ = file.take(4096).read_to_end(&mut head);
    }
    by_content(&head, &extension).or_else(|| by_extension(&extension))
}

fn by_content(head: &[u8], extension: &str) -> Option<Format> {
    let is_sequence_name = by_extension(extension) == Some(Format::GeoJsonSeq);
    match head {
        [b'P', b'K', 3, 4, ..] => {
            let is_workbook = extension.starts_with("xls")
                || memchr::memmem::find(head, b"[Content_Types].xml").is_some()
                || memchr::memmem::find(head, b"xl/").is_some();
            Some(if is_workbook { Format::Xlsx } else { Format::ZippedShapefile })
        }
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        [b'f', b'g', b'b', _, b'f', b'g', b'b', ..] => Some(Format::FlatGeobuf),
        [0, 0, 0x27, 0x0a, ..] => Some(Format::Shapefile),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Format::GeoTiff),
        _ if head.starts_with(b"SQLite format 3\0") => Some(Format::GeoPackage),
        _ => {
            let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
            let first = text.iter().find(|b| !b.is_ascii_whitespace());
            match first {
                Some(0x1e) => Some(Format::GeoJsonSeq),
                Some(b'{') if is_sequence_name => Some(Format::GeoJsonSeq),
                Some(b'{') => Some(Format::GeoJson),
                _ => None,
            }
        }
    }
}

fn by_extension(extension: &str) -> Option<Format> {
    Some(match extension {
        "geojson" | "json" => Format::GeoJson,
        "geojsonl" | "geojsons" | "geojsonseq" | "ndgeojson" | "ndjson" | "jsonl" => Format::GeoJsonSeq,
        "gpkg" | "sqlite" => Format::GeoPackage,
        "shp" => Format::Shapefile,
        "zip" | "shz" => Format::ZippedShapefile,
        "fgb" => Format::FlatGeobuf,
        "csv" | "tsv" | "tab" | "txt" => Format::Csv,
        "parquet" | "geoparquet" | "pq" => Format::Parquet,
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => Format::Xlsx,
        "tif" | "tiff" | "gtiff" => Format::GeoTiff,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, head: &[u8]) -> Option<Format> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, head).unwrap();
        detect(&path)
    }

    #[test]
    fn content_tells_before_the_name() {
        assert_eq!(told("a.csv", b"\xef\xbb\xbf \n{\"type\""), Some(Format::GeoJson));
        assert_eq!(told("a.bin", b"SQLite format 3\0...."), Some(Format::GeoPackage));
        assert_eq!(told("a.shp", b"PK\x03\x04...."), Some(Format::ZippedShapefile));
        assert_eq!(told("a.zip", b"PK\x03\x04....[Content_Types].xml"), Some(Format::Xlsx));
        assert_eq!(told("a", b"PAR1"), Some(Format::Parquet));
        assert_eq!(told("a.jsonl", b"{}"), Some(Format::GeoJsonSeq));
        assert_eq!(told("a", b"\x1e{}"), Some(Format::GeoJsonSeq));
        assert_eq!(told("a", b"II*\0"), Some(Format::GeoTiff));
    }

    #[test]
    fn the_name_tells_where_content_does_not() {
        assert_eq!(told("a.csv", b"id;x;y"), Some(Format::Csv));
        assert_eq!(told("A.GPKG", b""), Some(Format::GeoPackage));
        assert_eq!(told("a.geojson", b"[1]"), Some(Format::GeoJson));
        assert_eq!(told("a.bin", b"\x01\x02"), None);
        assert_eq!(detect(Path::new("/nowhere/a.parquet")), Some(Format::Parquet));
    }
}

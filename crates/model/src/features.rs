//! What a file reader hands over: rows as columns, with their shapes, before anyone gives them a meaning.

use crate::{crs::CrsDeclaration, shapes::Shapes};
use std::path::PathBuf;

/// File formats, told by content and extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One JSON document: a feature collection, a feature or a geometry.
    GeoJson,
    /// Newline-delimited GeoJSON, one feature a line, also with record separators (RFC 8142).
    GeoJsonSeq,
    /// GeoPackage (SQLite).
    GeoPackage,
    /// Shapefile: a `.shp` with its companions.
    Shapefile,
    /// A zip archive with a shapefile inside.
    ZippedShapefile,
    /// FlatGeobuf.
    FlatGeobuf,
    /// Delimited text.
    Csv,
    /// Parquet, with or without geometry (GeoParquet).
    Parquet,
    /// Excel workbook.
    Xlsx,
    /// GeoTIFF raster.
    GeoTiff,
    /// A table or query of a PostgreSQL database with PostGIS.
    PostGis,
}

impl Format {
    /// The name for people, as in [`SourceSchema::format`].
    pub fn name(self) -> &'static str {
        match self {
            Format::GeoJson => "GeoJSON",
            Format::GeoJsonSeq => "newline-delimited GeoJSON",
            Format::GeoPackage => "GeoPackage",
            Format::Shapefile => "Shapefile",
            Format::ZippedShapefile => "zipped Shapefile",
            Format::FlatGeobuf => "FlatGeobuf",
            Format::Csv => "CSV",
            Format::Parquet => "Parquet",
            Format::Xlsx => "XLSX",
            Format::GeoTiff => "GeoTIFF",
            Format::PostGis => "PostGIS",
        }
    }
}

/// A file as it describes itself, before its rows are read.
#[derive(Clone, Debug, Default)]
pub struct SourceSchema {
    /// Name of the format for people: `GeoJSON`, `GeoPackage`, `CSV`, …
    pub format: &'static str,
    /// The layer that will be read, where the format has layers.
    pub layer: Option<String>,
    /// All columns by name, in file order, without the geometry. For GeoJSON: those of the first features.
    pub fields: Vec<String>,
    /// The CRS the file declares.
    pub crs: Option<CrsDeclaration>,
    /// Whether rows come with shapes.
    pub has_geometry: bool,
    /// Number of rows, where the file tells without being read.
    pub n_rows: Option<u64>,
}

/// How a column is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// Numbers; text that is a number (`"1 234"`, `3,5`) counts as one.
    Number,
    /// Text as it stands; numbers are written without a fraction where they have none (`2401`, never `2401.0`).
    Text,
}

/// What to read of a file.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The layer; `None` takes the only one, and is an error where there are several.
    pub layer: Option<String>,
    /// The columns, by their exact name in the file.
    pub columns: Vec<(String, As)>,
    /// Whether shapes are wanted (ignored by formats without any).
    pub geometry: bool,
    /// Text encoding for formats that do not tell: an encoding label such as `windows-1252`.
    pub encoding: Option<String>,
    /// Smallest x and y, largest x and y in the CRS of the file. Formats that tell where blocks of rows lie may pass
    /// over blocks of polygons that do not touch it; see [`FeatureSource::n_skipped`].
    pub within: Option<[f64; 4]>,
}

/// A stream of rows.
pub trait FeatureSource: Send {
    /// The file's own description.
    fn schema(&self) -> &SourceSchema;

    /// Rows that have been passed over so far, since they lie outside of [`Request::within`].
    fn n_skipped(&self) -> u64 {
        0
    }

    /// The next rows, at most about `max_rows` (formats that decode in blocks may give fewer or a few more);
    /// `None` at the end. Columns come in the order of [`Request::columns`]. Row order is file order.
    ///
    /// # Errors
    /// When the file cannot be read on; rows already given stay valid.
    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError>;
}

/// One batch of rows.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Number of rows of this batch.
    pub n_rows: usize,
    /// Place of the first row for messages: the line of a CSV (header = 1), the 1-based feature number
    /// elsewhere.
    pub first_place: u64,
    /// Place of each row where they are not consecutive (fids, lines with quoted newlines).
    pub places: Option<Vec<u64>>,
    /// One shape a row, where the request wanted geometry.
    pub shapes: Option<Shapes>,
    /// The columns in the order asked for.
    pub columns: Vec<Column>,
    /// Rows or shapes that could not be read as such; the row is still there, with a missing value or an
    /// empty geometry.
    pub defects: Vec<Defect>,
}

impl Features {
    /// Place of row `i` for messages: line or feature number.
    pub fn place(&self, i: usize) -> u64 {
        self.places.as_ref().map_or(self.first_place + i as u64, |p| p[i])
    }

    /// Appends the rows of `later`, which a reader of the same request gave directly after these.
    ///
    /// # Panics
    /// When the two differ in columns or in whether they have shapes or places.
    pub fn append(&mut self, later: Features) {
        assert_eq!(self.columns.len(), later.columns.len(), "batches of one request have the same columns");
        let n_before = self.n_rows;
        self.n_rows += later.n_rows;
        match (&mut self.places, later.places) {
            (None, None) => {}
            (Some(places), Some(more)) => places.extend(more),
            _ => panic!("either all batches tell places or none"),
        }
        match (&mut self.shapes, later.shapes) {
            (None, None) => {}
            (Some(shapes), Some(more)) => shapes.append(&more),
            _ => panic!("either all batches have shapes or none"),
        }
        for (column, more) in self.columns.iter_mut().zip(later.columns) {
            match (column, more) {
                (Column::Number(numbers), Column::Number(more)) => numbers.extend(more),
                (Column::Text(texts), Column::Text(more)) => texts.append(&more),
                _ => panic!("a column keeps its type over all batches"),
            }
        }
        self.defects.extend(later.defects.into_iter().map(|d| Defect { row: d.row + n_before, ..d }));
    }
}

/// Something unreadable in one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Defect {
    /// Row in the batch.
    pub row: usize,
    /// What is wrong.
    pub kind: DefectKind,
    /// The offending text or a short reason, at most 80 characters.
    pub evidence: String,
}

/// Kinds of [`Defect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefectKind {
    /// A number was wanted and this is none. `row` has a missing value in that column.
    NotANumber {
        /// Column in the order of the request.
        column: usize,
    },
    /// The geometry is broken (a position with one number, an unclosed WKB, …).
    BadGeometry,
    /// The geometry type is not one we read (curves, TIN, …).
    UnsupportedGeometry,
    /// A polygon's ring did not end where it began; it is closed in the shapes, so the row is usable.
    UnclosedRing,
    /// The row has another number of fields than the header.
    FieldCount,
}

/// One column of a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; missing is NaN.
    Number(Vec<f64>),
    /// Text.
    Text(TextColumn),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Number(v) => v.len(),
            Column::Text(t) => t.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, if the column holds numbers.
    pub fn as_numbers(&self) -> Option<&[f64]> {
        match self {
            Column::Number(v) => Some(v),
            Column::Text(_) => None,
        }
    }

    /// The texts, if the column holds text.
    pub fn as_text(&self) -> Option<&TextColumn> {
        match self {
            Column::Text(t) => Some(t),
            Column::Number(_) => None,
        }
    }
}

/// Text values one after the other in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    buffer: String,
    ends: Vec<u32>,
    /// Rows without a value (an empty text is a value).
    missing: Vec<bool>,
}

impl TextColumn {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When one batch holds more than 4 GiB of text in one column.
    pub fn push(&mut self, value: Option<&str>) {
        if let Some(v) = value {
            self.buffer.push_str(v);
        }
        self.ends.push(u32::try_from(self.buffer.len()).expect("a batch holds less than 4 GiB of text"));
        self.missing.push(value.is_none());
    }

    /// The value of row `i`, `None` where missing.
    pub fn get(&self, i: usize) -> Option<&str> {
        if self.missing[i] {
            return None;
        }
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        Some(&self.buffer[start..self.ends[i] as usize])
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Appends all rows of `other`.
    ///
    /// # Panics
    /// As [`Self::push`].
    pub fn append(&mut self, other: &TextColumn) {
        let offset = self.buffer.len();
        self.buffer.push_str(&other.buffer);
        u32::try_from(self.buffer.len()).expect("a batch holds less than 4 GiB of text");
        self.ends.extend(other.ends.iter().map(|end| end + offset as u32));
        self.missing.extend_from_slice(&other.missing);
    }
}

impl<'a> FromIterator<Option<&'a str>> for TextColumn {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(iter: I) -> Self {
        let mut column = TextColumn::default();
        for v in iter {
            column.push(v);
        }
        column
    }
}

/// Why a file cannot be read, or not further. Paths are as given in the analysis file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is not there.
    #[error("`{}` does not exist", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The operating system refuses.
    #[error("cannot read `{}`: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
    /// A layer was named that is not there, or none was named where there are several.
    #[error("`{}` has no layer `{wanted}`", file.display())]
    NoSuchLayer {
        /// The file.
        file: PathBuf,
        /// The layer asked for; empty when none was named.
        wanted: String,
        /// The layers there are.
        present: Vec<String>,
    },
    /// A column was named that is not there.
    #[error("`{}` has no column `{wanted}`", file.display())]
    NoSuchColumn {
        /// The file.
        file: PathBuf,
        /// The column asked for.
        wanted: String,
        /// The columns there are.
        present: Vec<String>,
    },
    /// The content is not what the format demands; `place` is a line, feature or byte as `what` says.
    #[error("`{}` is not readable as {format}: {what}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The format's name.
        format: &'static str,
        /// What is wrong and where, in words.
        what: String,
        /// A way out, if one is known.
        hint: Option<String>,
    },
}

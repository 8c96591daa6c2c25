//! GeoJSON in: RFC 7946 documents, files with the older `crs` member, and newline-delimited sequences.
//!
//! The way of the bytes: [`window`] finds whole features by braces and quotes, [`feature`] reads them in
//! parallel, [`positions`] and [`number`] put coordinates straight into columns. There is no tree of values
//! and no second copy of the coordinates; the file passes through in windows. The next window is looked for
//! while the present one is read. Results do not depend on the number of threads.

mod crs;
mod feature;
mod geometry;
mod json;
mod number;
mod positions;
mod window;
mod write;

pub use write::{FeatureText, write_geojson};

use encoding_rs::Encoding;
use feature::{RowReader, Wanted, collect_fields};
use indexmap::IndexSet;
use rayon::prelude::*;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{FeatureSource, Features, Format, ReadError, Request, SourceSchema};
use window::{Window, WindowError, Windows};

/// So many features tell the columns of a file; a column they lack is looked for in the whole file.
const N_SAMPLED: usize = 1000;

/// Features of about so many bytes are one task for one thread.
const TASK_BYTES: usize = 256 * 1024;

/// What the file says about itself: columns of its first features, CRS (WGS 84 lon/lat unless an old `crs`
/// member says otherwise).
///
/// # Errors
/// When the file cannot be read, or its beginning is not GeoJSON.
pub(crate) fn inspect(path: &Path, encoding: Option<&str>) -> Result<SourceSchema, ReadError> {
    let encoding = encoding_named(path, encoding)?;
    let mut windows = open_windows(path)?;
    let mut fields = IndexSet::new();
    let mut n_sampled = 0;
    if let Some(window) = windows.next_window(N_SAMPLED).map_err(|e| to_read_error(path, e))? {
        add_fields(path, &window, encoding, &mut fields)?;
        n_sampled = window.items.len();
    }
    if windows.crs.is_none() && mentions_crs_at_its_end(path)? {
        while windows.next_window(usize::MAX).map_err(|e| to_read_error(path, e))?.is_some() {}
    }
    let is_document = windows.is_collection() || n_sampled < 2;
    let format = if is_document { Format::GeoJson } else { Format::GeoJsonSeq };
    Ok(SourceSchema {
        format: format.name(),
        layer: None,
        fields: fields.into_iter().collect(),
        crs: Some(windows.crs.unwrap_or_else(|| CrsDeclaration::Code("OGC:CRS84".to_string()))),
        has_geometry: true,
        n_rows: None,
    })
}

/// Opens the file for reading.
///
/// # Errors
/// As [`inspect`]; and [`ReadError::NoSuchColumn`] when no feature of the file has a wanted column.
pub(crate) fn open(path: &Path, request: &Request) -> Result<GeoJsonSource, ReadError> {
    let mut schema = inspect(path, request.encoding.as_deref())?;
    let encoding = encoding_named(path, request.encoding.as_deref())?;
    if request.columns.iter().any(|(name, _)| !schema.fields.contains(name)) {
        schema.fields = all_fields(path, encoding)?;
        crate::require_columns(path, request, &schema.fields)?;
    }
    Ok(GeoJsonSource {
        path: path.to_path_buf(),
        schema,
        wanted: Wanted { columns: request.columns.clone(), geometry: request.geometry, encoding },
        windows: open_windows(path)?,
        ready: None,
        n_given: 0,
    })
}

/// A GeoJSON file being read.
pub(crate) struct GeoJsonSource {
    path: PathBuf,
    schema: SourceSchema,
    wanted: Wanted,
    windows: Windows,
    /// A window found while the one before was read.
    ready: Option<Window>,
    n_given: u64,
}

impl FeatureSource for GeoJsonSource {
    fn schema(&self) -> &SourceSchema {
        &self.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let mut rows: Option<Features> = None;
        // Read last, to be appended while more is read.
        let mut last: Vec<Features> = Vec::new();
        let mut n_rows = 0;
        loop {
            let present = match self.ready.take() {
                // A window found for an earlier, larger batch is given on as it is.
                Some(window) if n_rows == 0 || window.items.len() <= max_rows - n_rows => Some(window),
                Some(window) => {
                    self.ready = Some(window);
                    None
                }
                None if n_rows < max_rows => self.next_window(max_rows - n_rows)?,
                None => None,
            };
            let Some(present) = present else { break };
            let n_after = n_rows + present.items.len();
            let n_next = if n_after < max_rows { max_rows - n_after } else { max_rows };
            let (wanted, windows) = (&self.wanted, &mut self.windows);
            let first_place = self.n_given + 1;
            let (read, (found, ())) = rayon::join(
                || read_window(&present, wanted, first_place),
                || {
                    rayon::join(
                        || windows.next_window(n_next),
                        || last.drain(..).for_each(|piece| append(&mut rows, piece)),
                    )
                },
            );
            last = read.map_err(|e| to_read_error(&self.path, e))?;
            self.ready = found.map_err(|e| to_read_error(&self.path, e))?;
            self.n_given += present.items.len() as u64;
            n_rows = n_after;
            self.windows.take_back(present);
            if self.ready.is_none() || n_after >= max_rows {
                break;
            }
        }
        if n_rows == 0 {
            self.check_crs_at_end()?;
            return Ok(None);
        }
        last.into_iter().for_each(|piece| append(&mut rows, piece));
        Ok(rows)
    }
}

impl GeoJsonSource {
    fn next_window(&mut self, max_items: usize) -> Result<Option<Window>, ReadError> {
        self.windows.next_window(max_items).map_err(|e| to_read_error(&self.path, e))
    }

    /// A `crs` member so far behind the features that [`inspect`] did not see it must not be ignored.
    fn check_crs_at_end(&self) -> Result<(), ReadError> {
        match &self.windows.crs {
            Some(crs) if Some(crs) != self.schema.crs.as_ref() => Err(ReadError::Malformed {
                file: self.path.clone(),
                format: Format::GeoJson.name(),
                what: format!("a `crs` member ({crs}) stands far behind the features"),
                hint: Some("move it to the beginning of the file".to_string()),
            }),
            _ => Ok(()),
        }
    }
}

fn append(rows: &mut Option<Features>, piece: Features) {
    match rows {
        None => *rows = Some(piece),
        Some(rows) => rows.append(piece),
    }
}

/// Reads the features of a window in parallel, in pieces that follow one another.
fn read_window(window: &Window, wanted: &Wanted, first_place: u64) -> Result<Vec<Features>, WindowError> {
    let tasks = tasks_of(&window.items);
    let read: Vec<Result<Features, WindowError>> = tasks
        .par_iter()
        .map(|task| {
            let mut reader = RowReader::new(wanted);
            for item in &window.items[task.clone()] {
                let text = &window.text[..item.end];
                reader.read_item(text, item.start).map_err(|fault| WindowError::Fault {
                    offset: window.offset + fault.at as u64,
                    what: fault.what.to_string(),
                })?;
            }
            Ok(reader.into_rows(first_place + task.start as u64))
        })
        .collect();
    // The first fault of the file, whichever task met one first.
    read.into_iter().collect()
}

/// Consecutive items in tasks of at least [`TASK_BYTES`]; the borders depend on the text alone.
fn tasks_of(items: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut tasks = Vec::new();
    let mut first = 0;
    for (i, item) in items.iter().enumerate() {
        if item.end - items[first].start >= TASK_BYTES || i + 1 == items.len() {
            tasks.push(first..i + 1);
            first = i + 1;
        }
    }
    tasks
}

fn open_windows(path: &Path) -> Result<Windows, ReadError> {
    Ok(Windows::new(Box::new(crate::open_file(path)?)))
}

fn encoding_named(path: &Path, label: Option<&str>) -> Result<Option<&'static Encoding>, ReadError> {
    let encoding = crate::encoding_named(path, Format::GeoJson, label)?;
    Ok(encoding.filter(|e| *e != encoding_rs::UTF_8))
}

fn add_fields(
    path: &Path,
    window: &Window,
    encoding: Option<&'static Encoding>,
    fields: &mut IndexSet<String>,
) -> Result<(), ReadError> {
    for item in &window.items {
        collect_fields(&window.text[..item.end], item.start, encoding, fields).map_err(|fault| {
            let offset = window.offset + fault.at as u64;
            to_read_error(path, WindowError::Fault { offset, what: fault.what.to_string() })
        })?;
    }
    Ok(())
}

fn all_fields(path: &Path, encoding: Option<&'static Encoding>) -> Result<Vec<String>, ReadError> {
    let mut windows = open_windows(path)?;
    let mut fields = IndexSet::new();
    while let Some(window) = windows.next_window(usize::MAX).map_err(|e| to_read_error(path, e))? {
        add_fields(path, &window, encoding, &mut fields)?;
    }
    Ok(fields.into_iter().collect())
}

/// Whether the last 64 KiB hold the word `"crs"`: only then is a member after the features worth looking for.
fn mentions_crs_at_its_end(path: &Path) -> Result<bool, ReadError> {
    let read = |mut file: File| -> std::io::Result<Vec<u8>> {
        let n_bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(n_bytes.saturating_sub(64 * 1024)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    let end =
        read(crate::open_file(path)?).map_err(|source| ReadError::Io { file: path.to_path_buf(), source })?;
    Ok(memchr::memmem::find(&end, b"\"crs\"").is_some())
}

fn to_read_error(path: &Path, error: WindowError) -> ReadError {
    match error {
        WindowError::Io(source) => ReadError::Io { file: path.to_path_buf(), source },
        WindowError::Fault { offset, what } => {
            let place = match line_of(path, offset) {
                Ok(line) => format!("line {line}, byte {offset}"),
                Err(_) => format!("byte {offset}"),
            };
            let hint = (what.contains("NaN") || what.contains("Infinity"))
                .then(|| "JSON has no NaN; write null where a value is missing".to_string())
                .or_else(|| what.contains("encoding").then(|| "`encoding = \"windows-1252\"`".to_string()));
            ReadError::Malformed {
                file: path.to_path_buf(),
                format: Format::GeoJson.name(),
                what: format!("{what} ({place})"),
                hint,
            }
        }
    }
}

/// The 1-based line of a byte, by reading the file up to it.
fn line_of(path: &Path, offset: u64) -> std::io::Result<u64> {
    let mut file = File::open(path)?.take(offset);
    let mut buffer = vec![0; 1024 * 1024];
    let mut line = 1;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(line);
        }
        line += memchr::memchr_iter(b'\n', &buffer[..n]).count() as u64;
    }
}

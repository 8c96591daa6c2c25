//! Opening a file: format, columns, CRS, row filter, checksum.

use crate::{
    Failure,
    rows_hash::{HashedRows, RowHash},
    suggest,
};
use sha2::{Digest, Sha256};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};
use whitespot_model::{
    config::{CoverageConfig, OneOrMany, Scalar, SettlementsConfig, SourceInfo, Where},
    crs::CrsDeclaration,
    features::{As, Column, FeatureSource, Features, Format, ReadError, Request, SourceSchema},
    finding::Finding,
    provenance::{Provenance, RowBalance},
};
use whitespot_spatial::crs::Crs;

/// What the analysis file says of a source, whatever it is for.
#[derive(Clone, Copy, Debug)]
pub struct SourceRef<'a> {
    /// What it is for, as in [`Provenance::role`].
    pub role: &'a str,
    /// The key of the analysis file that describes it, for hints: `settlements`, `coverage fibre`.
    pub section: &'a str,
    /// The file as named there.
    pub file: &'a Path,
    /// Folder of the analysis file.
    pub base: &'a Path,
    /// The layer.
    pub layer: Option<&'a str>,
    /// The declared CRS.
    pub crs: Option<&'a str>,
    /// The declared encoding.
    pub encoding: Option<&'a str>,
    /// Rows to read.
    pub filter: &'a Where,
    /// Owner, date, licence.
    pub info: Option<&'a SourceInfo>,
}

impl<'a> SourceRef<'a> {
    /// The settlements' source.
    pub fn of_settlements(config: &'a SettlementsConfig, base: &'a Path) -> SourceRef<'a> {
        SourceRef {
            role: "settlements",
            section: "settlements",
            file: &config.file,
            base,
            layer: config.layer.as_deref(),
            crs: config.crs.as_deref(),
            encoding: config.encoding.as_deref(),
            filter: &config.filter,
            info: config.source.as_ref(),
        }
    }

    /// A coverage layer's source.
    pub fn of_coverage(config: &'a CoverageConfig, role: &'a str, base: &'a Path) -> SourceRef<'a> {
        SourceRef {
            role,
            section: role,
            file: &config.file,
            base,
            layer: config.layer.as_deref(),
            crs: config.crs.as_deref(),
            encoding: config.encoding.as_deref(),
            filter: &config.filter,
            info: config.source.as_ref(),
        }
    }

    /// The file's name for messages: as in the analysis file, a database's without its password.
    pub fn name(&self) -> String {
        whitespot_io::without_password(&self.file.display().to_string())
    }

    /// Where the file is; a database's address as it stands.
    pub fn path(&self) -> PathBuf {
        if whitespot_io::is_database(self.file) { self.file.to_path_buf() } else { self.base.join(self.file) }
    }

    /// Tells the format, and reads the file's own description.
    ///
    /// # Errors
    /// One finding: the file is missing, unreadable, of no known format, or has no such layer.
    pub fn inspect(&self) -> Result<(Format, SourceSchema), Failure> {
        let path = self.path();
        if !whitespot_io::is_database(&path) && !path.exists() {
            return Err(vec![self.missing(&path)]);
        }
        let Some(format) = whitespot_io::detect(&path) else {
            return Err(vec![
                Finding::error(
                    "unknown_format",
                    self.name(),
                    format!("`{}` is of no format whitespot reads", self.name()),
                )
                .with_hint(
                    "it reads GeoJSON, GeoPackage, Shapefile, FlatGeobuf, GeoTIFF, CSV, Parquet, GeoParquet and XLSX; \
                     convert others with `ogr2ogr out.gpkg in`",
                ),
            ]);
        };
        let schema = match format {
            Format::Csv | Format::Parquet | Format::Xlsx => {
                whitespot_table::inspect(&path, self.layer, self.encoding)
            }
            _ => whitespot_io::inspect(&path, self.layer, self.encoding),
        };
        schema.map(|s| (format, s)).map_err(|e| vec![self.finding_of(&e)])
    }

    /// Starts reading the wanted columns.
    ///
    /// # Errors
    /// One finding that says why the file cannot be opened.
    pub fn open(&self, format: Format, columns: &Columns, geometry: bool) -> Result<OpenSource, Failure> {
        self.open_within(format, columns, geometry, None)
    }

    /// As [`Self::open`]; rows whose polygons do not touch `within` may be passed over ([`Request::within`]).
    ///
    /// # Errors
    /// As there.
    pub fn open_within(
        &self,
        format: Format,
        columns: &Columns,
        geometry: bool,
        within: Option<[f64; 4]>,
    ) -> Result<OpenSource, Failure> {
        let path = self.path();
        let request = Request {
            layer: self.layer.map(str::to_string),
            columns: columns.wanted.clone(),
            geometry,
            encoding: self.encoding.map(str::to_string),
            within,
        };
        let reader = match format {
            Format::Csv | Format::Parquet | Format::Xlsx => whitespot_table::open(&path, &request),
            _ => whitespot_io::open(&path, &request),
        }
        .map_err(|e| vec![self.finding_of(&e)])?;
        if whitespot_io::is_database(&path) {
            let (reader, checksum) = HashedRows::over(reader);
            return Ok(OpenSource { reader, checksum });
        }
        Ok(OpenSource { reader, checksum: Checksum::start(path) })
    }

    /// The CRS of the coordinates: what the analysis file says, else what the file declares.
    ///
    /// # Errors
    /// One finding where neither says, or where the CRS is not one we can transform.
    pub fn crs(&self, declared: Option<&CrsDeclaration>) -> Result<(Crs, CrsDeclaration), Failure> {
        let declaration = match (self.crs, declared) {
            (Some(code), _) => CrsDeclaration::Code(code.to_string()),
            (None, Some(CrsDeclaration::Undefined) | None) => {
                return Err(vec![self.undeclared_crs(declared)]);
            }
            (None, Some(d)) => d.clone(),
        };
        match Crs::resolve(&declaration) {
            Ok(crs) => Ok((crs, declaration)),
            Err(e) => Err(vec![
                Finding::error(
                    "unsupported_crs",
                    self.name(),
                    format!("the CRS of `{}` cannot be used: {e}", self.name()),
                )
                .with_hint(e.hint()),
            ]),
        }
    }

    fn undeclared_crs(&self, declared: Option<&CrsDeclaration>) -> Finding {
        let says = match declared {
            Some(_) => "the file says that its CRS is undefined",
            None => "neither the file nor the analysis file names one",
        };
        Finding::error("undeclared_crs", self.name(), format!("`{}` has no declared CRS", self.name()))
            .with_evidence(says)
            .with_hint(format!(
                "in section `{}` set `crs = \"EPSG:4326\"` for longitude and latitude, or the code of the \
                 coordinates (SWEREF 99 TM is EPSG:3006)",
                self.section
            ))
    }

    fn missing(&self, path: &Path) -> Finding {
        let folder = path.parent().unwrap_or(Path::new("."));
        let hint = if folder.is_dir() {
            let wanted = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let mut present: Vec<String> = std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|e| e.file_name().to_string_lossy().into_owned())
                .collect();
            present.sort();
            match suggest::nearest(&wanted, present.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`? Paths are relative to the analysis file"),
                None => {
                    format!("no such name in `{}`; paths are relative to the analysis file", folder.display())
                }
            }
        } else {
            format!(
                "the folder `{}` is not there either; paths are relative to the analysis file",
                folder.display()
            )
        };
        Finding::error("missing_file", self.name(), format!("`{}` does not exist", self.name()))
            .with_hint(hint)
    }

    /// A reader's error as a finding.
    pub fn finding_of(&self, error: &ReadError) -> Finding {
        let name = self.name();
        match error {
            ReadError::Missing { .. } => self.missing(&self.path()),
            ReadError::Io { source, .. } => {
                Finding::error("unreadable_file", &name, format!("cannot read `{name}`: {source}"))
                    .with_hint("check that the file is complete and that you may read it")
            }
            ReadError::NoSuchLayer { wanted, present, .. } => {
                let message = if wanted.is_empty() {
                    format!("`{name}` has {} layers and none is named", present.len())
                } else {
                    format!("`{name}` has no layer `{wanted}`")
                };
                let hint = format!(
                    "in section `{}` set `layer = \"…\"`; {}",
                    self.section,
                    suggest::hint(wanted, present)
                );
                Finding::error("wrong_layer", &name, message).with_hint(hint)
            }
            ReadError::NoSuchColumn { wanted, present, .. } => self.no_column("columns", wanted, present),
            ReadError::Malformed { format, what, hint, .. } => {
                let finding = Finding::error(
                    "malformed_file",
                    &name,
                    format!("`{name}` is not readable as {format}: {what}"),
                );
                match hint {
                    Some(hint) => finding.with_hint(hint.clone()),
                    None => {
                        finding.with_hint("check that the file is complete, or convert it with `ogr2ogr`")
                    }
                }
            }
        }
    }

    /// A column that is not there.
    pub fn no_column(&self, role: &str, wanted: &str, present: &[String]) -> Finding {
        Finding::error(
            "wrong_column",
            self.name(),
            format!(
                "`{}` has no column `{wanted}`, named for `{role}` in section `{}`",
                self.name(),
                self.section
            ),
        )
        .with_hint(suggest::hint(wanted, present))
    }

    /// The provenance of a source that has been read.
    pub fn provenance(
        &self,
        schema: &SourceSchema,
        crs: &str,
        checksum: Checksum,
        rows: RowBalance,
    ) -> Result<Provenance, Failure> {
        let (sha256, bytes) = checksum
            .finish()
            .map_err(|source| vec![self.finding_of(&ReadError::Io { file: self.path(), source })])?;
        Ok(Provenance {
            role: self.role.to_string(),
            file: self.name(),
            layer: schema.layer.clone(),
            format: schema.format.to_string(),
            sha256,
            bytes,
            crs: crs.to_string(),
            rows,
            owner: self.info.and_then(|i| i.name.clone()),
            date: self.info.and_then(|i| i.date.as_ref().map(|d| d.0.clone())),
            licence: self.info.and_then(|i| i.licence.clone()),
            synthetic: self.info.is_some_and(|i| i.synthetic),
        })
    }
}

/// A file being read.
pub struct OpenSource {
    /// Its rows.
    pub reader: Box<dyn FeatureSource>,
    /// Its checksum, computed beside the reading.
    pub checksum: Checksum,
}

/// SHA-256 and size of a source.
pub enum Checksum {
    /// Of a file, computed in a thread of its own.
    File(JoinHandle<std::io::Result<(String, u64)>>),
    /// Of the rows of a database, as they pass.
    Rows(Arc<Mutex<RowHash>>),
}

impl Checksum {
    /// Starts hashing the file; of a shapefile, all its companions in the order of their names.
    pub fn start(path: PathBuf) -> Checksum {
        Checksum::File(std::thread::spawn(move || hash_file(&path)))
    }

    /// Lower-case hex digest and number of bytes.
    fn finish(self) -> std::io::Result<(String, u64)> {
        match self {
            Checksum::File(thread) => {
                thread.join().unwrap_or_else(|_| Err(std::io::Error::other("the checksum was not computed")))
            }
            Checksum::Rows(rows) => Ok(rows.lock().unwrap_or_else(PoisonError::into_inner).finish()),
        }
    }
}

fn hash_file(path: &Path) -> std::io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0u8; 1 << 18];
    for part in companions(path) {
        let mut file = std::fs::File::open(part)?;
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            bytes += n as u64;
        }
    }
    Ok((hash.finalize().iter().map(|b| format!("{b:02x}")).collect(), bytes))
}

/// The files that make up a source: a shapefile's companions, or the file alone.
fn companions(path: &Path) -> Vec<PathBuf> {
    let is_shapefile = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("shp"));
    if !is_shapefile {
        return vec![path.to_path_buf()];
    }
    let mut parts: Vec<PathBuf> = path
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| {
            p.file_stem() == path.file_stem()
                && p.extension().is_some_and(|e| {
                    ["shp", "dbf", "shx", "prj", "cpg"].iter().any(|k| e.eq_ignore_ascii_case(k))
                })
        })
        .collect();
    parts.sort();
    parts
}

/// The columns wanted of a source, each once.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    wanted: Vec<(String, As)>,
}

impl Columns {
    /// Asks for a column; gives its index in [`Features::columns`].
    pub fn want(&mut self, name: &str, kind: As) -> usize {
        match self.wanted.iter().position(|(n, k)| n == name && *k == kind) {
            Some(i) => i,
            None => {
                self.wanted.push((name.to_string(), kind));
                self.wanted.len() - 1
            }
        }
    }

    /// Whether no column is wanted.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Name of the column at an index.
    pub fn name(&self, i: usize) -> &str {
        &self.wanted[i].0
    }
}

/// The rows that `where` keeps.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    conditions: Vec<(usize, Vec<Scalar>)>,
}

impl RowFilter {
    /// Resolves `where` against the columns there are.
    ///
    /// # Errors
    /// One finding a column that is not there.
    pub fn resolve(
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
    ) -> Result<Self, Failure> {
        let mut filter = RowFilter::default();
        let mut failure = Vec::new();
        for (name, values) in source.filter {
            if schema.fields.contains(name) {
                let column = columns.want(name, As::Text);
                filter.conditions.push((column, OneOrMany::as_slice(values).to_vec()));
            } else {
                failure.push(source.no_column("where", name, &schema.fields));
            }
        }
        if failure.is_empty() { Ok(filter) } else { Err(failure) }
    }

    /// Whether there are no conditions.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Whether row `i` fulfils every condition.
    pub fn keeps(&self, rows: &Features, i: usize) -> bool {
        self.conditions.iter().all(|(column, values)| {
            let Column::Text(texts) = &rows.columns[*column] else { return false };
            let Some(text) = texts.get(i) else { return false };
            values.iter().any(|v| {
                v.to_text() == text
                    || matches!(v, Scalar::Int(_) | Scalar::Real(_))
                        && v.to_number() == Scalar::Text(text.to_string()).to_number()
            })
        })
    }
}

/// The text of row `i`, trimmed; `None` where missing or empty.
pub fn text_at(column: &Column, i: usize) -> Option<&str> {
    column.as_text().and_then(|t| t.get(i)).map(str::trim).filter(|t| !t.is_empty())
}

/// The number of row `i`; `None` where missing.
pub fn number_at(column: &Column, i: usize) -> Option<f64> {
    column.as_numbers().map(|n| n[i]).filter(|v| !v.is_nan())
}

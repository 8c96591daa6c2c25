//! Coverage layers: shapes with the offers their attributes make.

use crate::{
    Failure,
    positions::{Expected, PositionWatch},
    source::{Columns, RowFilter, SourceRef, text_at},
    validity::skip_invalid,
};
use std::{collections::HashMap, path::Path};
use whitespot_model::{
    config::{
        Attribute, CoverageConfig, Invalid, Scalar,
        analysis::Ready,
        source::{Date, FieldAttribute},
    },
    coverage::{Basis, CoverageLayer, Kind, NO_OFFER, Offer, Status, Technology},
    features::{As, DefectKind, Features, SourceSchema},
    finding::Finding,
    provenance::{Loaded, RowBalance},
    shapes::Shapes,
};
use whitespot_spatial::{antimeridian, crs::Crs};

/// A loaded layer with the CRS of its shapes.
pub struct LoadedLayer {
    /// The layer.
    pub layer: CoverageLayer,
    /// The CRS its coordinates are in.
    pub crs: Crs,
}

/// Reads a coverage layer.
///
/// A feature whose download speed is 0 offers nothing; one without a speed offers no speed. Features without
/// a shape are rejected.
///
/// # Errors
/// Findings: file, columns, CRS, attribute values that mean nothing here.
pub fn read_layer(
    config: &CoverageConfig,
    base: &Path,
    areas: Option<Expected<'_>>,
) -> Result<Loaded<LoadedLayer>, Failure> {
    let role = format!("coverage {}", config.id);
    let source = SourceRef::of_coverage(config, &role, base);
    let (format, schema) = source.inspect()?;
    let mut failure = Failure::new();
    let mut columns = Columns::default();
    let attributes = Attributes::resolve(config, &source, &schema, &mut columns, &mut failure);
    let filter = RowFilter::resolve(&source, &schema, &mut columns).map_err(|f| failure.extend(f)).ok();
    if !schema.has_geometry && config.key.is_none() {
        failure.push(
            Finding::error(
                "table_as_layer",
                source.name(),
                format!("`{}` is a table without shapes", source.name()),
            )
            .with_hint(format!(
                "name the column that holds settlement ids: in section `{role}` set `key = \"…\"`"
            )),
        );
    }
    let key = config.key.as_ref().map(|k| {
        if !schema.fields.contains(k) {
            failure.push(source.no_column("key", k, &schema.fields));
        }
        columns.want(k, As::Text)
    });
    let crs = match (key, failure.is_empty()) {
        (None, true) => source.crs(schema.crs.as_ref()).map_err(|f| failure.extend(f)).ok(),
        _ => None,
    };
    let (Some(filter), true) = (filter, failure.is_empty()) else { return Err(failure) };

    let mut open = source.open(format, &columns, key.is_none())?;
    let mut reading = Reading {
        attributes: &attributes,
        config,
        offers: Vec::new(),
        offer_of: HashMap::new(),
        unknown: Vec::new(),
        rows: RowBalance::default(),
        layer: CoverageLayer {
            id: config.id.clone(),
            crs: crs.as_ref().map_or(whitespot_model::crs::CrsDeclaration::Undefined, |(_, d)| d.clone()),
            shapes: Shapes::default(),
            feature_offers: Vec::new(),
            offers: Vec::new(),
            reach_m: config.reach_m,
            keyed: Vec::new(),
            places: Vec::new(),
        },
        n_empty: 0,
        n_not_offered: 0,
        unreadable: Vec::new(),
        unclosed: Vec::new(),
    };
    loop {
        match open.reader.next_batch(usize::MAX) {
            Ok(Some(rows)) => reading.take(rows, &filter, key),
            Ok(None) => break,
            Err(e) => return Err(vec![source.finding_of(&e)]),
        }
    }
    let mut findings = reading.findings(&source);
    let Reading { mut layer, offers, mut rows, .. } = reading;
    layer.offers = offers;
    let crs = match crs {
        Some((crs, _)) => crs,
        None => Crs::from_code("EPSG:4326")
            .map_err(|e| vec![Finding::error("unsupported_crs", source.name(), e.to_string())])?,
    };
    if crs.is_geographic() {
        antimeridian::unwrap(&mut layer.shapes);
    }
    let n_skipped = if config.invalid == Invalid::Skip { skip_invalid(&mut layer) } else { 0 };
    if n_skipped > 0 {
        rows.accepted -= n_skipped.min(rows.accepted);
        rows.rejected += n_skipped;
        findings.push(
            Finding::warning(
                "skipped_invalid",
                source.name(),
                format!("{n_skipped} features of `{}` are invalid and left out", source.name()),
            )
            .with_count(n_skipped)
            .with_hint(format!(
                "in section `{role}` `invalid = \"repair\"` takes the area their outline encloses"
            )),
        );
    }
    if key.is_none() {
        let mut watch = PositionWatch::new(&crs, areas);
        watch.see(&layer.shapes.coords);
        findings.extend(watch.findings(&source, None));
        findings.extend(
            crs.accuracy_note()
                .map(|note| Finding::note("crs_accuracy", source.name(), format!("{}: {note}", crs.code()))),
        );
    }
    let code = if key.is_none() { crs.code().to_string() } else { String::new() };
    let mut provenance = source.provenance(&schema, &code, open.checksum, rows)?;
    if let Some(Date(day)) = &config.reported {
        provenance.date = Some(day.clone());
    }
    Ok(Loaded { value: LoadedLayer { layer, crs }, findings, provenance })
}

/// Where each attribute comes from.
struct Attributes {
    technology: Source,
    operator: Source,
    download_mbps: Source,
    upload_mbps: Source,
    status: Source,
    ready: Source,
    basis: Source,
    level: Source,
}

/// A constant, a column with a translation, or nothing.
enum Source {
    Absent,
    Constant(String),
    Column { column: usize, map: HashMap<String, String> },
}

impl Source {
    fn resolve(
        key: &str,
        attribute: Option<&Attribute>,
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
        failure: &mut Failure,
    ) -> Source {
        match attribute {
            None => Source::Absent,
            Some(Attribute::Constant(value)) => Source::Constant(value.to_text()),
            Some(Attribute::Field(FieldAttribute { field, map })) => {
                if !schema.fields.contains(field) {
                    failure.push(source.no_column(key, field, &schema.fields));
                }
                Source::Column {
                    column: columns.want(field, As::Text),
                    map: map.iter().map(|(from, to)| (from.clone(), Scalar::to_text(to))).collect(),
                }
            }
        }
    }

    fn value<'a>(&'a self, rows: &'a Features, i: usize) -> Option<&'a str> {
        match self {
            Source::Absent => None,
            Source::Constant(text) => Some(text),
            Source::Column { column, map } => {
                let text = text_at(&rows.columns[*column], i)?;
                Some(map.get(text).map_or(text, String::as_str))
            }
        }
    }
}

impl Attributes {
    fn resolve(
        config: &CoverageConfig,
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
        failure: &mut Failure,
    ) -> Attributes {
        let ready = config.ready.as_ref().map(|r| match r {
            Ready::Date(Date(day)) => Attribute::Constant(Scalar::Text(day.clone())),
            Ready::Field(field) => Attribute::Field(field.clone()),
        });
        let mut of = |key: &str, attribute: Option<&Attribute>| {
            Source::resolve(key, attribute, source, schema, columns, failure)
        };
        Attributes {
            technology: of("technology", config.technology.as_ref()),
            operator: of("operator", config.operator.as_ref()),
            download_mbps: of("download_mbps", config.download_mbps.as_ref()),
            upload_mbps: of("upload_mbps", config.upload_mbps.as_ref()),
            status: of("status", config.status.as_ref()),
            ready: of("ready", ready.as_ref()),
            basis: of("basis", config.basis.as_ref()),
            level: of("level", config.level.as_ref()),
        }
    }

    /// The texts that make up the offer of row `i`, in a fixed order.
    fn texts<'a>(&'a self, rows: &'a Features, i: usize) -> [Option<&'a str>; 8] {
        [
            &self.technology,
            &self.operator,
            &self.download_mbps,
            &self.upload_mbps,
            &self.status,
            &self.ready,
            &self.basis,
            &self.level,
        ]
        .map(|s| s.value(rows, i))
    }
}

/// A value that means nothing here.
struct Unknown {
    key: &'static str,
    value: String,
    count: u64,
    first: u64,
}

struct Reading<'a> {
    attributes: &'a Attributes,
    config: &'a CoverageConfig,
    offers: Vec<Offer>,
    /// Offer by its texts: most features repeat one that came before.
    offer_of: HashMap<String, u32>,
    unknown: Vec<Unknown>,
    rows: RowBalance,
    layer: CoverageLayer,
    n_empty: u64,
    n_not_offered: u64,
    unreadable: Vec<String>,
    unclosed: Vec<u64>,
}

impl Reading<'_> {
    fn take(&mut self, mut rows: Features, filter: &RowFilter, key: Option<usize>) {
        let mut is_broken = vec![false; rows.n_rows];
        let mut is_unclosed = vec![false; rows.n_rows];
        for defect in &rows.defects {
            match defect.kind {
                DefectKind::BadGeometry | DefectKind::UnsupportedGeometry => {
                    is_broken[defect.row] = true;
                    if self.unreadable.len() < 5 {
                        self.unreadable.push(format!(
                            "feature {}: {}",
                            rows.place(defect.row),
                            defect.evidence
                        ));
                    }
                }
                DefectKind::UnclosedRing => is_unclosed[defect.row] = true,
                _ => {}
            }
        }
        let shapes = rows.shapes.take();
        let mut kept = Vec::with_capacity(rows.n_rows);
        let mut text = String::new();
        for i in 0..rows.n_rows {
            if !filter.is_empty() && !filter.keeps(&rows, i) {
                self.rows.left_out += 1;
                continue;
            }
            self.rows.read += 1;
            let is_empty = shapes.as_ref().is_some_and(|s| s.parts_of(i).is_empty());
            if is_broken[i] || is_empty {
                self.n_empty += u64::from(!is_broken[i]);
                self.rows.rejected += 1;
                continue;
            }
            let offer = self.offer(&rows, i, &mut text);
            if is_unclosed[i] {
                self.unclosed.push(rows.place(i));
                self.rows.repaired += 1;
            } else {
                self.rows.accepted += 1;
            }
            match key {
                Some(k) => {
                    if let (Some(id), true) = (text_at(&rows.columns[k], i), offer != NO_OFFER) {
                        self.layer.keyed.push((id.to_string(), offer));
                    }
                }
                None => {
                    kept.push(i);
                    self.layer.feature_offers.push(offer);
                    self.layer.places.push(rows.place(i));
                }
            }
        }
        if let Some(shapes) = shapes {
            self.layer.shapes = match (self.layer.shapes.n_features(), kept.len() == rows.n_rows) {
                (0, true) => shapes,
                _ => {
                    let mut all = std::mem::take(&mut self.layer.shapes);
                    for i in kept {
                        all.push_feature_of(&shapes, i);
                    }
                    all
                }
            };
        }
    }

    fn offer(&mut self, rows: &Features, i: usize, text: &mut String) -> u32 {
        let texts = self.attributes.texts(rows, i);
        text.clear();
        for t in texts {
            text.push_str(t.unwrap_or("\u{1}"));
            text.push('\u{0}');
        }
        if let Some(offer) = self.offer_of.get(text.as_str()) {
            self.n_not_offered += u64::from(*offer == NO_OFFER);
            return *offer;
        }
        let offer = match self.make_offer(texts, rows.place(i)) {
            Some(o) => match self.offers.iter().position(|known| *known == o) {
                Some(k) => k as u32,
                None => {
                    self.offers.push(o);
                    (self.offers.len() - 1) as u32
                }
            },
            None => {
                self.n_not_offered += 1;
                NO_OFFER
            }
        };
        self.offer_of.insert(text.clone(), offer);
        offer
    }

    /// The offer these texts make; `None` where the speed is 0.
    fn make_offer(&mut self, texts: [Option<&str>; 8], place: u64) -> Option<Offer> {
        let [technology, operator, download, upload, status, ready, basis, level] = texts;
        let mut note = |key, value: &str| note_unknown(&mut self.unknown, key, value, place);
        let technology = match technology {
            None => Technology::Other,
            Some(t) => Technology::parse(t).unwrap_or_else(|| {
                note("technology", t);
                Technology::Other
            }),
        };
        let mut number = |key, text: Option<&str>| {
            text.and_then(|t| match whitespot_model::numbers::parse(t) {
                whitespot_model::numbers::Parsed::Number(v) => Some(v),
                whitespot_model::numbers::Parsed::Missing => None,
                whitespot_model::numbers::Parsed::Invalid => {
                    note(key, t);
                    None
                }
            })
        };
        let download_mbps = number("download_mbps", download);
        let upload_mbps = number("upload_mbps", upload);
        let level = number("level", level);
        let status = match status {
            None => Status::Existing,
            // A status nobody knows must not count as built.
            Some(s) => Status::parse(s).unwrap_or_else(|| {
                note("status", s);
                Status::Planned
            }),
        };
        let basis = basis.and_then(|b| {
            let known = Basis::parse(b);
            if known.is_none() {
                note("basis", b);
            }
            known
        });
        if download_mbps.is_some_and(|v| v <= 0.0) {
            return None;
        }
        let told_by_technology =
            if technology == Technology::Other { Kind::Fixed } else { technology.kind() };
        Some(Offer {
            layer: self.config.id.clone(),
            kind: self.config.kind.unwrap_or(told_by_technology),
            technology,
            operator: operator.unwrap_or("").to_string(),
            download_mbps,
            upload_mbps,
            basis,
            status,
            ready: ready.map(str::to_string),
            level,
        })
    }

    fn findings(&self, source: &SourceRef<'_>) -> Vec<Finding> {
        let name = source.name();
        let mut findings = Vec::new();
        for u in &self.unknown {
            let (known, hint_value): (Vec<&str>, &str) = match u.key {
                "technology" => (Technology::ALL.map(Technology::name).to_vec(), "fibre"),
                "basis" => (Basis::ALL.map(Basis::name).to_vec(), "passed"),
                "status" => (vec!["existing", "planned"], "existing"),
                _ => (vec!["a number"], "100"),
            };
            findings.push(
                Finding::error(
                    "unknown_value",
                    &name,
                    format!(
                        "`{}` is no {} whitespot knows, in `{name}` first at feature {}",
                        u.value, u.key, u.first
                    ),
                )
                .with_count(u.count)
                .with_evidence(format!("it knows {}", known.join(", ")))
                .with_hint(format!(
                    "in section `{}` set `{} = {{ field = \"…\", map = {{ \"{}\" = \"{hint_value}\" }} }}`",
                    source.section, u.key, u.value
                )),
            );
        }
        let n_broken = self.rows.rejected - self.n_empty;
        if n_broken > 0 {
            findings.push(
                Finding::warning(
                    "unreadable_geometry",
                    &name,
                    format!("{n_broken} features of `{name}` have a geometry that cannot be read and are rejected"),
                )
                .with_count(n_broken)
                .with_examples(self.unreadable.iter().cloned())
                .with_hint("check them with Check Validity in QGIS; curves become lines with `ogr2ogr -nlt CONVERT_TO_LINEAR`"),
            );
        }
        if self.n_empty > 0 {
            findings.push(
                Finding::warning(
                    "empty_geometry",
                    &name,
                    format!("{} features of `{name}` have no geometry and are rejected", self.n_empty),
                )
                .with_count(self.n_empty),
            );
        }
        if !self.unclosed.is_empty() {
            let n = self.unclosed.len() as u64;
            findings.push(
                Finding::warning(
                    "unclosed_ring",
                    &name,
                    format!("{n} features of `{name}` have rings that do not close; closed"),
                )
                .with_count(n)
                .with_examples(self.unclosed.iter().take(5).map(|p| format!("feature {p}"))),
            );
        }
        if self.n_not_offered > 0 {
            findings.push(
                Finding::note(
                    "not_offered",
                    &name,
                    format!(
                        "{} features of `{name}` have a speed of 0 and offer nothing",
                        self.n_not_offered
                    ),
                )
                .with_count(self.n_not_offered),
            );
        }
        if self.rows.read == 0 {
            findings.push(
                Finding::warning(
                    "no_rows",
                    &name,
                    format!("`{name}` gives no features, so it reaches nobody"),
                )
                .with_evidence(format!("{} were left out by `where`", self.rows.left_out))
                .with_hint("check `where` and `layer`"),
            );
        }
        findings
    }
}

fn note_unknown(unknown: &mut Vec<Unknown>, key: &'static str, value: &str, place: u64) {
    match unknown.iter_mut().find(|u| u.key == key && u.value == value) {
        Some(u) => u.count += 1,
        None => unknown.push(Unknown { key, value: value.to_string(), count: 1, first: place }),
    }
}

//! Coverage layers: shapes with the offers their attributes make.

mod attributes;
mod raster;
mod wide;

use crate::{
    Failure,
    placed::Placed,
    positions::{Expected, PositionWatch},
    source::{Columns, RowFilter, SourceRef, text_at},
    validity::{beyond_domain_finding, short_line_finding, skip_invalid, winding_finding},
};
use attributes::{Attributes, Texts};
use std::{collections::HashMap, path::Path};
use whitespot_model::{
    config::{CoverageConfig, Invalid, source::Date},
    coverage::{Basis, CoverageLayer, Kind, NO_OFFER, Offer, Status, Technology},
    features::{As, DefectKind, Features, Format, SourceSchema},
    finding::Finding,
    provenance::{Loaded, RowBalance},
    shapes::Shapes,
};
use whitespot_spatial::{antimeridian, crs::Crs};
use wide::Wide;

/// A loaded layer with the CRS of its shapes.
pub struct LoadedLayer {
    /// The layer.
    pub layer: CoverageLayer,
    /// The CRS its coordinates are in.
    pub crs: Crs,
    /// What is known of areas by code, without shapes: (area code, offer).
    pub area_keyed: Vec<(String, u32)>,
}

/// Whom the rows of a table without shapes are about: a column with settlement ids or area codes.
#[derive(Clone, Copy)]
enum Key {
    Settlement(usize),
    Area(usize),
}

/// Reads a coverage layer and looks whether it lies where it should.
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
    let mut loaded = read_unplaced(config, base)?;
    watch_positions(config, base, areas, &mut loaded);
    Ok(loaded)
}

/// What speaks against the positions of a layer, with the areas they are expected in.
pub fn watch_positions(
    config: &CoverageConfig,
    base: &Path,
    areas: Option<Expected<'_>>,
    loaded: &mut Loaded<LoadedLayer>,
) {
    let role = format!("coverage {}", config.id);
    let source = SourceRef::of_coverage(config, &role, base);
    let LoadedLayer { layer, crs, .. } = &loaded.value;
    let mut watch = PositionWatch::new(crs, areas);
    watch.see(&layer.shapes.coords);
    loaded.findings.extend(watch.findings(&source, None));
}

/// As [`read_layer`], before anything is known of the areas: so that all files can be read at once.
///
/// # Errors
/// As there.
pub fn read_unplaced(config: &CoverageConfig, base: &Path) -> Result<Loaded<LoadedLayer>, Failure> {
    let role = format!("coverage {}", config.id);
    let source = SourceRef::of_coverage(config, &role, base);
    let (format, mut schema) = source.inspect()?;
    if format == Format::GeoTiff {
        return raster::read(config, &source, &schema);
    }
    let mut failure = Failure::new();
    let mut columns = Columns::default();
    let placed = placed(config, &source, format, &schema, &mut failure);
    if let Some(placed) = &placed {
        schema.has_geometry = true;
        schema.crs = placed.crs();
    }
    let attributes = Attributes::resolve(config, &source, &schema, &mut columns, &mut failure);
    let wide = Wide::resolve(config, &source, &schema, &mut columns, &mut failure);
    let filter = RowFilter::resolve(&source, &schema, &mut columns).map_err(|f| failure.extend(f)).ok();
    let key = key_of(config, &source, &schema, &mut columns, &mut failure);
    if !schema.has_geometry && key.is_none() && failure.is_empty() {
        failure.push(table_as_layer(&source));
    }
    let crs = match (key, failure.is_empty()) {
        (None, true) => source.crs(schema.crs.as_ref()).map_err(|f| failure.extend(f)).ok(),
        _ => None,
    };
    let (Some(filter), true) = (filter, failure.is_empty()) else { return Err(failure) };

    let mut open = match &placed {
        Some(placed) => placed.open(&source, format, &columns)?,
        None => source.open(format, &columns, key.is_none())?,
    };
    let mut reading = Reading {
        attributes: &attributes,
        wide: &wide,
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
        area_keyed: Vec::new(),
        n_empty: 0,
        n_not_offered: 0,
        n_below: 0,
        increasing: Vec::new(),
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
    let Reading { mut layer, offers, mut rows, area_keyed, .. } = reading;
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
        let (shapes, places) = (&layer.shapes, &layer.places);
        if matches!(format, Format::GeoJson | Format::GeoJsonSeq) {
            findings.extend(winding_finding(shapes, places, &source.name()));
        }
        findings.extend(beyond_domain_finding(shapes, places, &crs, &source.name()));
        findings.extend(short_line_finding(shapes, places, &source.name()));
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
    Ok(Loaded { value: LoadedLayer { layer, crs, area_keyed }, findings, provenance })
}

/// What stands for the shapes of a table: cells or coordinates that `columns` names.
fn placed(
    config: &CoverageConfig,
    source: &SourceRef<'_>,
    format: Format,
    schema: &SourceSchema,
    failure: &mut Failure,
) -> Option<Placed> {
    let columns = &config.columns;
    if let Some(cell) = &columns.cell {
        let placed = Placed::by_cells(source, format, schema, cell, config.cell_m);
        return placed.map_err(|f| failure.extend(f)).ok();
    }
    let (x, y) = (columns.x.as_ref()?, columns.y.as_ref()?);
    for (role, name) in [("x", x), ("y", y)] {
        if !schema.fields.contains(name) {
            failure.push(source.no_column(role, name, &schema.fields));
        }
    }
    Some(Placed::Points { x: x.clone(), y: y.clone() })
}

fn key_of(
    config: &CoverageConfig,
    source: &SourceRef<'_>,
    schema: &SourceSchema,
    columns: &mut Columns,
    failure: &mut Failure,
) -> Option<Key> {
    let (id, code) = (config.key.as_ref().or(config.columns.id.as_ref()), config.columns.code.as_ref());
    let (role, name) = match (id, code) {
        (Some(id), _) => ("columns.id", id),
        (None, Some(code)) => ("columns.code", code),
        (None, None) => return None,
    };
    if !schema.fields.contains(name) {
        failure.push(source.no_column(role, name, &schema.fields));
    }
    let column = columns.want(name, As::Text);
    Some(if id.is_some() { Key::Settlement(column) } else { Key::Area(column) })
}

fn table_as_layer(source: &SourceRef<'_>) -> Finding {
    Finding::error("table_as_layer", source.name(), format!("`{}` is a table without shapes", source.name()))
        .with_hint(format!(
            "name the column that holds settlement ids: in section `{}` set `columns = {{ id = \"…\" }}`; \
             `code` for area codes, `cell` for grid cells, `x` and `y` for points",
            source.section
        ))
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
    wide: &'a Wide,
    config: &'a CoverageConfig,
    offers: Vec<Offer>,
    /// Offer by its texts: most features repeat one that came before.
    offer_of: HashMap<String, u32>,
    unknown: Vec<Unknown>,
    rows: RowBalance,
    layer: CoverageLayer,
    area_keyed: Vec<(String, u32)>,
    n_empty: u64,
    n_not_offered: u64,
    /// Rows whose value stays below `min_value`.
    n_below: u64,
    /// Places of rows whose share rises with the speed.
    increasing: Vec<u64>,
    unreadable: Vec<String>,
    unclosed: Vec<u64>,
}

impl Reading<'_> {
    fn take(&mut self, mut rows: Features, filter: &RowFilter, key: Option<Key>) {
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
        let mut found = Vec::new();
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
            found.clear();
            self.offers_of_row(&rows, i, &mut text, &mut found);
            if is_unclosed[i] {
                self.unclosed.push(rows.place(i));
                self.rows.repaired += 1;
            } else {
                self.rows.accepted += 1;
            }
            for &offer in &found {
                match key {
                    Some(key) => self.push_keyed(&rows, i, key, offer),
                    None => {
                        kept.push(i);
                        self.layer.feature_offers.push(offer);
                        self.layer.places.push(rows.place(i));
                    }
                }
            }
        }
        if let Some(shapes) = shapes {
            // A wide row may stand for several features, or for none.
            let is_whole = kept.len() == rows.n_rows && kept.iter().enumerate().all(|(k, i)| k == *i);
            self.layer.shapes = match (self.layer.shapes.n_features(), is_whole) {
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

    /// The offers that row `i` makes: one, or of a wide table one for each technology that reaches `min_value`.
    fn offers_of_row(&mut self, rows: &Features, i: usize, text: &mut String, found: &mut Vec<u32>) {
        let texts = self.attributes.texts(rows, i);
        let wide = self.wide;
        if wide.is_below(rows, i) {
            self.n_below += 1;
            found.push(NO_OFFER);
            return;
        }
        if wide.is_plain() {
            found.push(self.offer(&texts, rows.place(i), text));
            return;
        }
        if wide.rises_with_speed(rows, i) {
            self.increasing.push(rows.place(i));
        }
        for entry in wide.reached(rows, i) {
            found.push(self.offer(&entry.over(&texts), rows.place(i), text));
        }
        if found.is_empty() {
            self.n_below += 1;
            found.push(NO_OFFER);
        }
    }

    fn push_keyed(&mut self, rows: &Features, i: usize, key: Key, offer: u32) {
        let (Key::Settlement(column) | Key::Area(column)) = key;
        let Some(id) = text_at(&rows.columns[column], i).filter(|_| offer != NO_OFFER) else { return };
        match key {
            Key::Area(_) => self.area_keyed.push((id.to_string(), offer)),
            Key::Settlement(_) => {
                self.layer.keyed.push((id.to_string(), offer));
                // Settlements may write the id with or without what stands before it.
                let prefix = self.config.key_prefix.as_deref();
                if let Some(bare) = prefix.and_then(|p| id.strip_prefix(p)).filter(|b| !b.is_empty()) {
                    self.layer.keyed.push((bare.to_string(), offer));
                }
            }
        }
    }

    fn offer(&mut self, texts: &Texts<'_>, place: u64, text: &mut String) -> u32 {
        text.clear();
        for t in texts {
            text.push_str(t.as_deref().unwrap_or("\u{1}"));
            text.push('\u{0}');
        }
        if let Some(offer) = self.offer_of.get(text.as_str()) {
            self.n_not_offered += u64::from(*offer == NO_OFFER);
            return *offer;
        }
        let offer = match self.make_offer(texts, place) {
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
    fn make_offer(&mut self, texts: &Texts<'_>, place: u64) -> Option<Offer> {
        let [technology, operator, download, upload, status, ready, basis, level] =
            texts.each_ref().map(Option::as_deref);
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
        if self.n_below > 0 {
            let least = self.wide.min_value;
            findings.push(
                Finding::note(
                    "below_min_value",
                    &name,
                    format!(
                        "{} rows of `{name}` stay below `min_value` = {least} and reach nobody",
                        self.n_below
                    ),
                )
                .with_count(self.n_below),
            );
        }
        if !self.increasing.is_empty() {
            let n = self.increasing.len() as u64;
            findings.push(
                Finding::warning(
                    "rises_with_speed",
                    &name,
                    format!("in {n} rows of `{name}` more is reached at a higher speed than at a lower one"),
                )
                .with_count(n)
                .with_examples(self.increasing.iter().take(5).map(|p| format!("row {p}")))
                .with_evidence("a share of households with at least a speed can only fall as the speed rises")
                .with_hint("ask the publisher; the highest speed that reaches `min_value` is taken"),
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

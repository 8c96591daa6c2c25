//! Coverage layers: shapes with the offers their attributes make.

mod attributes;
mod noticed;
mod raster;
mod reading;
mod wide;

use crate::{
    Failure,
    nearby::Nearby,
    placed::Placed,
    positions::{Expected, PositionWatch},
    source::{Columns, RowFilter, SourceRef},
    validity::{beyond_domain_finding, short_line_finding, skip_invalid, winding_finding},
};
use attributes::Attributes;
use reading::Reading;
use std::path::Path;
use whitespot_model::{
    config::{CoverageConfig, Invalid, source::Date},
    coverage::CoverageLayer,
    crs::CrsDeclaration,
    features::{As, Format, SourceSchema},
    finding::Finding,
    provenance::Loaded,
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
    /// Rows that lie too far from every settlement to be read.
    pub n_unread: u64,
    /// Invalid features that `invalid = "skip"` left out, to count whom they would have reached.
    pub skipped: Shapes,
}

/// Code of the finding about features that `invalid = "skip"` left out.
pub const SKIPPED: &str = "skipped_invalid";

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
    read_near(config, base, None)
}

/// As [`read_unplaced`]; of files that tell where their polygons lie, only what can reach the settlements.
///
/// # Errors
/// As [`read_layer`].
pub fn read_near(
    config: &CoverageConfig,
    base: &Path,
    near: Option<&Nearby>,
) -> Result<Loaded<LoadedLayer>, Failure> {
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
        None => {
            let within =
                near.zip(crs.as_ref()).and_then(|(near, (crs, _))| near.bounds_in(crs, config.reach_m));
            source.open_within(format, &columns, key.is_none(), within)?
        }
    };
    let declared = crs.as_ref().map_or(CrsDeclaration::Undefined, |(_, d)| d.clone());
    let mut reading = Reading::new(config, declared, &attributes, &wide);
    loop {
        match open.reader.next_batch(usize::MAX) {
            Ok(Some(rows)) => reading.take(rows, &filter, key),
            Ok(None) => break,
            Err(e) => return Err(vec![source.finding_of(&e)]),
        }
    }
    let mut findings = reading.findings(&source);
    let n_unread = open.reader.n_skipped();
    if n_unread > 0 {
        let message =
            format!("{n_unread} rows of `{}` lie far from every settlement and are not read", source.name());
        findings.push(
            Finding::note("far_rows", source.name(), message)
                .with_count(n_unread)
                .with_evidence("the bounds of their row groups and of the settlements tell"),
        );
    }
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
    let skipped = if config.invalid == Invalid::Skip { skip_invalid(&mut layer) } else { Shapes::default() };
    let n_skipped = skipped.n_features() as u64;
    if n_skipped > 0 {
        rows.accepted -= n_skipped.min(rows.accepted);
        rows.rejected += n_skipped;
        findings.push(skipped_finding(n_skipped, &source.name(), &role));
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
    Ok(Loaded { value: LoadedLayer { layer, crs, area_keyed, n_unread, skipped }, findings, provenance })
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
    if let Some(wkt) = &columns.wkt {
        if !schema.fields.contains(wkt) {
            failure.push(source.no_column("wkt", wkt, &schema.fields));
        }
        return Some(Placed::Wkt { name: wkt.clone() });
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

fn skipped_finding(n: u64, file: &str, section: &str) -> Finding {
    Finding::warning(SKIPPED, file, format!("{n} features of `{file}` are invalid and left out"))
        .with_count(n)
        .with_hint(format!(
            "in section `{section}` `invalid = \"repair\"` takes the area their outline encloses"
        ))
}

fn table_as_layer(source: &SourceRef<'_>) -> Finding {
    Finding::error("table_as_layer", source.name(), format!("`{}` is a table without shapes", source.name()))
        .with_hint(format!(
            "name the column that holds settlement ids: in section `{}` set `columns = {{ id = \"…\" }}`; \
             `code` for area codes, `cell` for grid cells, `wkt` for shapes as text, `x` and `y` for points",
            source.section
        ))
}

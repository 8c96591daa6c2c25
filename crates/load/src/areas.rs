//! Areas from polygons: codes, names, parents, land area.

use crate::{
    Failure,
    source::{Columns, RowFilter, SourceRef, number_at, text_at},
    validity::overlap_findings,
};
use geo::{Contains as _, InteriorPoint as _, Intersects as _};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use std::{collections::BTreeMap, path::Path};
use whitespot_model::{
    area::{Areas, Parent},
    config::{AreaColumns, AreasConfig, Parents, source::Where},
    crs::CrsDeclaration,
    features::{As, DefectKind, SourceSchema},
    finding::Finding,
    provenance::{Loaded, Provenance, RowBalance},
    shapes::{Part, Shapes},
};
use whitespot_spatial::{
    antimeridian,
    crs::{Crs, Transform},
    geodesic,
};

/// Loaded areas with the CRS of their shapes.
pub struct LoadedAreas {
    /// The areas, ordered by code.
    pub areas: Areas,
    /// The CRS their coordinates are in.
    pub crs: Crs,
    /// Provenance of the parents' file, where parents come by location.
    pub parents: Option<Provenance>,
}

/// Reads areas from a file of polygons, and their parents.
///
/// Rows that share a code are one area of several parts, which a note says. Areas are ordered by code. Overlaps
/// are measured in the CRS `analysis`.
///
/// # Errors
/// Findings: file, columns, CRS, areas without a code, no area at all.
pub fn read_areas(
    config: &AreasConfig,
    file: &Path,
    base: &Path,
    analysis: &Crs,
) -> Result<Loaded<LoadedAreas>, Failure> {
    let source = SourceRef {
        role: "areas",
        section: "areas",
        file,
        base,
        layer: config.layer.as_deref(),
        crs: config.crs.as_deref(),
        encoding: config.encoding.as_deref(),
        filter: &config.filter,
        info: config.source.as_ref(),
    };
    let read = read_coded(&source, &config.columns)?;
    let Coded { crs, declaration, rows, mut findings, provenance } = read;
    let mut areas = Areas {
        codes: Vec::new(),
        names: Vec::new(),
        parent_of: Vec::new(),
        parents: Vec::new(),
        shapes: Shapes::default(),
        crs: declaration,
        km2: Vec::new(),
    };
    let mut parent_codes = Vec::new();
    for (code, row) in rows {
        areas.shapes.append(&row.shape);
        areas.km2.push(row.land_km2);
        areas.names.push(row.name.unwrap_or_else(|| code.clone()));
        areas.codes.push(code);
        parent_codes.push(row.parent);
    }
    areas.km2 = land_areas(&areas, &crs);
    let mut parents_provenance = None;
    let parents: Vec<Option<Parent>> = match &config.parent {
        None => parent_codes.into_iter().map(|p| p.map(|code| Parent { name: code.clone(), code })).collect(),
        Some(by_location) => {
            let found = locate_parents(by_location, base, &areas, &crs)?;
            findings.extend(found.findings);
            parents_provenance = Some(found.provenance);
            found.value
        }
    };
    let mut distinct: Vec<Parent> = parents.iter().flatten().cloned().collect();
    distinct.sort_by(|a, b| a.code.cmp(&b.code));
    distinct.dedup_by(|a, b| a.code == b.code);
    areas.parent_of = parents
        .iter()
        .map(|p| p.as_ref().and_then(|p| distinct.iter().position(|d| d.code == p.code).map(|i| i as u32)))
        .collect();
    areas.parents = distinct;
    findings.extend(namesakes(&areas, &source.name()));
    findings.extend(overlap_findings(&areas, &crs, analysis, &source.name()));
    let value = LoadedAreas { areas, crs, parents: parents_provenance };
    Ok(Loaded { value, findings, provenance })
}

/// Land areas as the source tells them, else those of the shapes on the ellipsoid.
fn land_areas(areas: &Areas, crs: &Crs) -> Vec<Option<f64>> {
    let to_wgs84 = Crs::from_code("EPSG:4326").ok().map(|wgs84| Transform::new(crs, &wgs84));
    let geodesic =
        |f: usize| to_wgs84.as_ref().map(|t| to_square_metres(geodesic::area_km2(&areas.shapes, f, t)));
    // Some 0.4 µs a vertex: worth all cores.
    let told = areas.km2.par_iter().enumerate();
    told.map(|(f, told)| told.or_else(|| geodesic(f)).filter(|a| a.is_finite())).collect()
}

/// An area to the square metre, so that the order of vertices and a detour over another CRS do not show in its last
/// digits; one of less than 1,000 m² as it is.
fn to_square_metres(km2: f64) -> f64 {
    if km2 < 1e-3 { km2 } else { (km2 * 1e6).round() / 1e6 }
}

/// Names that stand for several areas: statistics joined by name would go astray.
fn namesakes(areas: &Areas, file: &str) -> Option<Finding> {
    let mut codes_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, code) in areas.names.iter().zip(&areas.codes) {
        codes_of.entry(name).or_default().push(code);
    }
    let shared: Vec<(&str, Vec<&str>)> = codes_of.into_iter().filter(|(_, codes)| codes.len() > 1).collect();
    (!shared.is_empty()).then(|| {
        let n = shared.len();
        Finding::note(
            "namesakes",
            file,
            format!("{n} names of `{file}` stand for several areas; codes tell them apart"),
        )
        .with_count(n as u64)
        .with_examples(shared.iter().take(5).map(|(name, codes)| format!("{name}: {}", codes.join(", "))))
    })
}

/// One area as read.
#[derive(Default)]
pub(crate) struct CodedRow {
    pub(crate) name: Option<String>,
    pub(crate) parent: Option<String>,
    land_km2: Option<f64>,
    pub(crate) shape: Shapes,
    n_rows: u32,
}

pub(crate) struct Coded {
    pub(crate) crs: Crs,
    pub(crate) declaration: CrsDeclaration,
    pub(crate) rows: BTreeMap<String, CodedRow>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) provenance: Provenance,
}

/// Reads polygons with a code.
pub(crate) fn read_coded(source: &SourceRef<'_>, names: &AreaColumns) -> Result<Coded, Failure> {
    let (format, schema) = source.inspect()?;
    let mut failure = Failure::new();
    let mut columns = Columns::default();
    let code = find("code", names.code.as_deref(), As::Text, source, &schema, &mut columns, &mut failure);
    if code.is_none() && names.code.is_none() {
        failure.push(
            source.no_column("code", "code", &schema.fields).with_evidence("every area needs a unique code"),
        );
    }
    let name = find("name", names.name.as_deref(), As::Text, source, &schema, &mut columns, &mut failure);
    let parent = names
        .parent
        .as_deref()
        .and_then(|p| find("parent", Some(p), As::Text, source, &schema, &mut columns, &mut failure));
    let land = names
        .land_km2
        .as_deref()
        .and_then(|p| find("land_km2", Some(p), As::Number, source, &schema, &mut columns, &mut failure));
    let filter = RowFilter::resolve(source, &schema, &mut columns).map_err(|f| failure.extend(f)).ok();
    if !schema.has_geometry {
        failure.push(
            Finding::error(
                "table_as_layer",
                source.name(),
                format!("`{}` is a table without shapes", source.name()),
            )
            .with_hint(
                "areas need polygons; `areas = { column = \"…\" }` takes the code from the settlements",
            ),
        );
    }
    let crs = if schema.has_geometry {
        source.crs(schema.crs.as_ref()).map_err(|f| failure.extend(f)).ok()
    } else {
        None
    };
    let (Some(code), Some(filter), Some((crs, declaration)), true) = (code, filter, crs, failure.is_empty())
    else {
        return Err(failure);
    };

    let mut open = source.open(format, &columns, true)?;
    let mut balance = RowBalance::default();
    let mut rows: BTreeMap<String, CodedRow> = BTreeMap::new();
    let mut rejected = Vec::new();
    let mut watch = crate::positions::PositionWatch::new(&crs, None);
    loop {
        let batch = match open.reader.next_batch(usize::MAX) {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(e) => return Err(vec![source.finding_of(&e)]),
        };
        let Some(shapes) = &batch.shapes else { continue };
        watch.see(&shapes.coords);
        for i in 0..batch.n_rows {
            if !filter.is_empty() && !filter.keeps(&batch, i) {
                balance.left_out += 1;
                continue;
            }
            balance.read += 1;
            let defect = |kind| batch.defects.iter().find(|d| d.row == i && d.kind == kind);
            let broken = defect(DefectKind::BadGeometry).or_else(|| defect(DefectKind::UnsupportedGeometry));
            let is_polygon = shapes.parts_of(i).any(|p| shapes.parts[p] == Part::Polygon);
            let reason = match (text_at(&batch.columns[code], i), broken, is_polygon) {
                (None, ..) => Some("no code".to_string()),
                (_, Some(d), _) => Some(d.evidence.clone()),
                (_, None, false) => Some("no polygon".to_string()),
                _ => None,
            };
            if let Some(reason) = reason {
                balance.rejected += 1;
                rejected.push(format!("feature {}: {reason}", batch.place(i)));
                continue;
            }
            if defect(DefectKind::UnclosedRing).is_some() {
                balance.repaired += 1;
            } else {
                balance.accepted += 1;
            }
            let text = |column: Option<usize>| {
                column.and_then(|c| text_at(&batch.columns[c], i)).map(str::to_string)
            };
            let area_code = text(Some(code)).unwrap_or_default();
            let row = rows.entry(area_code).or_default();
            row.n_rows += 1;
            row.name = row.name.take().or_else(|| text(name));
            row.parent = row.parent.take().or_else(|| text(parent));
            let km2 = land.and_then(|c| number_at(&batch.columns[c], i));
            row.land_km2 = match (row.land_km2, km2) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
            append_parts(&mut row.shape, shapes, i);
        }
    }
    let name = source.name();
    let mut findings = watch.findings(source, None);
    if !rejected.is_empty() {
        findings.push(
            Finding::warning(
                "rejected_areas",
                &name,
                format!("{} features of `{name}` are no areas and are rejected", rejected.len()),
            )
            .with_count(rejected.len() as u64)
            .with_examples(rejected),
        );
    }
    let merged: Vec<String> = rows.iter().filter(|(_, r)| r.n_rows > 1).map(|(c, _)| c.clone()).collect();
    if !merged.is_empty() {
        findings.push(
            Finding::note(
                "merged_areas",
                &name,
                format!(
                    "{} codes of `{name}` stand on several features, each taken as one area",
                    merged.len()
                ),
            )
            .with_count(merged.len() as u64)
            .with_examples(merged),
        );
    }
    if rows.is_empty() {
        return Err(vec![
            Finding::error("no_rows", &name, format!("`{name}` gives no areas"))
                .with_evidence(format!("{} features were left out by `where`", balance.left_out))
                .with_hint("check `where`, `layer` and `columns` in section `areas`"),
        ]);
    }
    for row in rows.values_mut() {
        row.shape.end_feature();
        if crs.is_geographic() {
            antimeridian::unwrap(&mut row.shape);
        }
    }
    let provenance = source.provenance(&schema, crs.code(), open.checksum, balance)?;
    Ok(Coded { crs, declaration, rows, findings, provenance })
}

fn find(
    role: &str,
    mapped: Option<&str>,
    kind: As,
    source: &SourceRef<'_>,
    schema: &SourceSchema,
    columns: &mut Columns,
    failure: &mut Failure,
) -> Option<usize> {
    let has = |name: &str| schema.fields.iter().any(|f| f == name);
    match mapped {
        Some(name) if has(name) => Some(columns.want(name, kind)),
        Some(name) => {
            failure.push(source.no_column(role, name, &schema.fields));
            None
        }
        None => has(role).then(|| columns.want(role, kind)),
    }
}

/// Appends the parts of feature `f` without ending the feature, so that several rows make one.
fn append_parts(to: &mut Shapes, from: &Shapes, f: usize) {
    for p in from.parts_of(f).filter(|&p| from.parts[p] == Part::Polygon) {
        to.begin_part(Part::Polygon);
        for r in from.rings_of(p) {
            to.push_ring(from.ring(r).iter().map(|c| (c.x, c.y)));
        }
        to.end_part();
    }
}

/// Gives each area the parent that its inner point lies in; on a shared border the lower code.
fn locate_parents(
    config: &Parents,
    base: &Path,
    areas: &Areas,
    areas_crs: &Crs,
) -> Result<Loaded<Vec<Option<Parent>>>, Failure> {
    let no_filter = Where::default();
    let source = SourceRef {
        role: "parents",
        section: "areas.parent",
        file: &config.file,
        base,
        layer: config.layer.as_deref(),
        crs: config.crs.as_deref(),
        encoding: config.encoding.as_deref(),
        filter: if config.filter.is_empty() { &no_filter } else { &config.filter },
        info: config.source.as_ref(),
    };
    let Coded { crs, rows, mut findings, provenance, .. } = read_coded(&source, &config.columns)?;
    let to_parents = Transform::new(areas_crs, &crs);
    let polygons: Vec<(Parent, MultiPolygon<f64>)> = rows
        .into_iter()
        .map(|(code, row)| {
            (Parent { name: row.name.unwrap_or_else(|| code.clone()), code }, multi_polygon(&row.shape, 0))
        })
        .collect();
    let mut orphans = Vec::new();
    let value = (0..areas.len())
        .map(|f| {
            let inner = multi_polygon(&areas.shapes, f).interior_point();
            let point = inner.and_then(|p| to_parents.apply(Coord { x: p.x(), y: p.y() }));
            let found = point.and_then(|p| {
                let p = geo_types::Point::from(p);
                let within = polygons.iter().find(|(_, m)| m.contains(&p));
                within
                    .or_else(|| polygons.iter().find(|(_, m)| m.intersects(&p)))
                    .map(|(parent, _)| parent.clone())
            });
            if found.is_none() {
                orphans.push(areas.codes[f].clone());
            }
            found
        })
        .collect();
    if !orphans.is_empty() {
        findings.push(
            Finding::warning(
                "no_parent",
                source.name(),
                format!("{} areas lie in no parent of `{}`", orphans.len(), source.name()),
            )
            .with_count(orphans.len() as u64)
            .with_examples(orphans),
        );
    }
    Ok(Loaded { value, findings, provenance })
}

/// Feature `f` as a geo multi-polygon.
fn multi_polygon(shapes: &Shapes, f: usize) -> MultiPolygon<f64> {
    let polygons = shapes.parts_of(f).filter(|&p| shapes.parts[p] == Part::Polygon).map(|p| {
        let mut rings = shapes.rings_of(p).map(|r| LineString::new(shapes.ring(r).to_vec()));
        let shell = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(shell, rings.collect())
    });
    MultiPolygon::new(polygons.collect())
}

/// Areas without shapes, from codes found in the settlements (a column, or cells of a grid).
pub fn areas_of_codes(codes: impl IntoIterator<Item = String>) -> Areas {
    let mut codes: Vec<String> = codes.into_iter().collect();
    codes.sort();
    codes.dedup();
    Areas {
        names: codes.clone(),
        parent_of: vec![None; codes.len()],
        parents: Vec::new(),
        shapes: Shapes::default(),
        crs: CrsDeclaration::Undefined,
        km2: vec![None; codes.len()],
        codes,
    }
}

//! Areas that only the settlements tell: distinct codes of a column, or occupied cells of a grid.

use geo_types::Coord;
use std::{collections::BTreeSet, path::Path};
use whitespot_load::{
    areas::areas_of_codes,
    settlements::{SettlementReader, Wanted},
};
use whitespot_model::{
    area::Areas,
    config::Analysis,
    crs::CrsDeclaration,
    finding::Finding,
    shapes::{Part, Shapes},
};
use whitespot_spatial::crs::{Crs, Transform};

/// Reads the settlements once for their area codes or cells alone; `crs` is the analysis CRS, in which cells lie.
///
/// A cell's code gives its south-west corner in metres: `N7086000E0759000`.
pub(crate) fn discover_areas(
    analysis: &Analysis,
    base: &Path,
    crs: &Crs,
) -> Result<(Areas, Option<Crs>), Vec<Finding>> {
    if analysis.areas.grid_m.is_none() && analysis.areas.column.is_none() {
        // Clusters without parents: the join gives nobody an area, and the clusters become the areas afterwards.
        return Ok((areas_of_codes([]), None));
    }
    let wanted = Wanted { area_column: analysis.areas.column.clone(), ..Wanted::default() };
    let mut reader = SettlementReader::open(&analysis.settlements, base, None, &wanted)?;
    let to_analysis = Transform::new(reader.crs(), crs);
    let mut codes = BTreeSet::new();
    let mut cells = BTreeSet::new();
    let mut points: Vec<Coord<f64>> = Vec::new();
    while let Some(batch) = reader.next_batch(1 << 16)? {
        if let Some(column) = &batch.area_codes {
            codes.extend(column.iter().flatten().map(str::to_string));
        }
        if let Some(size) = analysis.areas.grid_m {
            points.clear();
            to_analysis.apply_slice(&batch.points, &mut points);
            let inside = points.iter().filter(|p| p.x.is_finite());
            cells.extend(inside.map(|p| ((p.y / size).floor() as i64, (p.x / size).floor() as i64)));
        }
    }
    let Some(size) = analysis.areas.grid_m else {
        return Ok((areas_of_codes(codes), None));
    };
    let digits = |v: i64| format!("{:07}", v as f64 * size);
    let mut coded: Vec<(String, (i64, i64))> = cells
        .into_iter()
        .map(|(row, col)| (format!("N{}E{}", digits(row), digits(col)), (row, col)))
        .collect();
    coded.sort();
    let mut areas = areas_of_codes(coded.iter().map(|(code, _)| code.clone()));
    let mut shapes = Shapes::default();
    for (_, (row, col)) in &coded {
        let (x, y) = (*col as f64 * size, *row as f64 * size);
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]);
        shapes.end_part();
        shapes.end_feature();
    }
    areas.shapes = shapes;
    areas.crs = CrsDeclaration::Code(analysis.crs.clone());
    areas.km2 = vec![Some(size * size / 1e6); areas.len()];
    Ok((areas, Some(crs.clone())))
}

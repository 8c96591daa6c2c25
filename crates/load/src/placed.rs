//! Tables whose columns tell where their rows lie: the code of a grid cell, two coordinates, or well-known text.

use crate::{
    Failure,
    cells::{self, Cell},
    source::{Columns, OpenSource, SourceRef, number_at},
};
use whitespot_model::{
    crs::CrsDeclaration,
    features::{As, Column, Defect, DefectKind, FeatureSource, Features, Format, ReadError, SourceSchema},
    finding::Finding,
    shapes::{Part, Shapes},
    wkt::{self, WktError},
};

/// What stands for the geometry of a table.
#[derive(Clone, Debug)]
pub(crate) enum Placed {
    /// A column of cell codes.
    Cells {
        /// The column.
        name: String,
        /// Size where the code does not tell.
        size_m: Option<f64>,
        /// The CRS of all cells.
        epsg: u32,
    },
    /// A column of well-known text.
    Wkt {
        /// The column.
        name: String,
    },
    /// Two columns of coordinates.
    Points {
        /// Easting or longitude.
        x: String,
        /// Northing or latitude.
        y: String,
    },
}

impl Placed {
    /// Looks at the first codes of a column of cells: their CRS is that of the source.
    ///
    /// # Errors
    /// Findings: no such column, or nothing in its first rows is the code of a cell.
    pub(crate) fn by_cells(
        source: &SourceRef<'_>,
        format: Format,
        schema: &SourceSchema,
        name: &str,
        size_m: Option<f64>,
    ) -> Result<Placed, Failure> {
        if !schema.fields.iter().any(|f| f == name) {
            return Err(vec![source.no_column("cell", name, &schema.fields)]);
        }
        let mut columns = Columns::default();
        columns.want(name, As::Text);
        let mut open = source.open(format, &columns, false)?;
        let rows = open.reader.next_batch(1 << 12).map_err(|e| vec![source.finding_of(&e)])?;
        let rows = rows.unwrap_or_default();
        let codes = rows.columns.first().and_then(Column::as_text);
        let codes: Vec<&str> = codes.into_iter().flat_map(|t| t.iter()).flatten().collect();
        match codes.iter().find_map(|c| cells::parse(c, size_m)) {
            Some(cell) => Ok(Placed::Cells { name: name.to_string(), size_m, epsg: cell.epsg }),
            None => Err(vec![
                Finding::error(
                    "no_cell_code",
                    source.name(),
                    format!("column `{name}` of `{}` holds no code of a grid cell", source.name()),
                )
                .with_examples(codes.iter().take(5).map(|c| format!("`{c}`")))
                .with_hint(
                    "it reads `CRS3035RES1000mN2689000E4337000`, `1kmN2689E4337`, SCB's 13 and SSB's 14 digits, and quadkeys",
                ),
            ]),
        }
    }

    /// The CRS that the columns tell; coordinates tell none.
    pub(crate) fn crs(&self) -> Option<CrsDeclaration> {
        match self {
            Placed::Cells { epsg, .. } => Some(CrsDeclaration::Code(format!("EPSG:{epsg}"))),
            Placed::Wkt { .. } | Placed::Points { .. } => None,
        }
    }

    /// Opens the source with the places as its shapes.
    pub(crate) fn open(
        &self,
        source: &SourceRef<'_>,
        format: Format,
        columns: &Columns,
    ) -> Result<OpenSource, Failure> {
        let mut columns = columns.clone();
        let at = match self {
            Placed::Cells { name, .. } | Placed::Wkt { name } => [columns.want(name, As::Text); 2],
            Placed::Points { x, y } => [columns.want(x, As::Number), columns.want(y, As::Number)],
        };
        let OpenSource { reader, checksum } = source.open(format, &columns, false)?;
        Ok(OpenSource { reader: Box::new(PlacedSource { reader, at, placed: self.clone() }), checksum })
    }
}

/// A table with the shapes that its columns tell.
struct PlacedSource {
    reader: Box<dyn FeatureSource>,
    at: [usize; 2],
    placed: Placed,
}

impl FeatureSource for PlacedSource {
    fn schema(&self) -> &SourceSchema {
        self.reader.schema()
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let Some(mut rows) = self.reader.next_batch(max_rows)? else { return Ok(None) };
        let mut shapes = Shapes::default();
        for i in 0..rows.n_rows {
            let text = || rows.columns[self.at[0]].as_text().and_then(|t| t.get(i));
            let added = match &self.placed {
                Placed::Cells { size_m, epsg, .. } => push_cell(&mut shapes, text(), *size_m, *epsg),
                Placed::Wkt { .. } => push_wkt(&mut shapes, text()),
                Placed::Points { .. } => {
                    push_point(&mut shapes, self.at.map(|c| number_at(&rows.columns[c], i)))
                }
            };
            shapes.end_feature();
            if let Err((kind, evidence)) = added {
                rows.defects.push(Defect { row: i, kind, evidence });
            }
        }
        rows.shapes = Some(shapes);
        Ok(Some(rows))
    }
}

/// What speaks against the place of a row.
type Refusal = (DefectKind, String);

fn bad(evidence: impl Into<String>) -> Refusal {
    (DefectKind::BadGeometry, evidence.into())
}

fn push_wkt(shapes: &mut Shapes, text: Option<&str>) -> Result<(), Refusal> {
    let text = text.ok_or_else(|| bad("it has no shape"))?;
    match wkt::decode_into(text, shapes) {
        Ok(0) => Ok(()),
        Ok(n) => Err((DefectKind::UnclosedRing, format!("{n} ring(s) not closed, closed here"))),
        Err(e @ WktError::Unsupported(_)) => Err((DefectKind::UnsupportedGeometry, e.to_string())),
        Err(e) => Err(bad(e.to_string())),
    }
}

fn push_cell(shapes: &mut Shapes, code: Option<&str>, size_m: Option<f64>, epsg: u32) -> Result<(), Refusal> {
    let code = code.ok_or_else(|| bad("it has no code of a cell"))?;
    let cell = cells::parse(code, size_m).filter(|c| c.epsg == epsg);
    let Cell { low, high, .. } = cell.ok_or_else(|| {
        bad(format!("`{}` is no code of a cell in EPSG:{epsg}", code.chars().take(40).collect::<String>()))
    })?;
    shapes.begin_part(Part::Polygon);
    shapes.push_ring([low, (high.0, low.1), high, (low.0, high.1), low]);
    shapes.end_part();
    Ok(())
}

fn push_point(shapes: &mut Shapes, at: [Option<f64>; 2]) -> Result<(), Refusal> {
    match at {
        [Some(x), Some(y)] if x.is_finite() && y.is_finite() => {
            shapes.begin_part(Part::Point);
            shapes.push_ring([(x, y)]);
            shapes.end_part();
            Ok(())
        }
        _ => Err(bad("it has no position")),
    }
}

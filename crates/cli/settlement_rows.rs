//! `internal/settlements.*`: one row a settlement, batch by batch.

use crate::{failure::Failure, inputs::Inputs, qgis, qgis::layer_crs, results::Staging};
use geo_types::Coord;
use std::path::PathBuf;
use whitespot_io::{LayerSpec, PointLayerWriter, qml::Style};
use whitespot_model::{
    area::OUTSIDE,
    config::{Analysis, Lang, OutputFormat},
    measures::{SettlementFacts, column_word},
    reached::Reached,
    settlement::SettlementBatch,
    table::{Table, Unit, Values},
};
use whitespot_table::ParquetBatchWriter;

/// Writes settlements to the formats asked for.
pub(crate) struct SettlementWriter {
    parquet: Option<ParquetBatchWriter>,
    geopackage: Option<PointLayerWriter>,
    facts: SettlementFacts,
    parquet_path: PathBuf,
    geopackage_path: PathBuf,
}

impl SettlementWriter {
    /// Creates the files.
    pub(crate) fn create(
        staging: &Staging,
        analysis: &Analysis,
        inputs: &Inputs,
        facts: &SettlementFacts,
    ) -> Result<SettlementWriter, Failure> {
        let has = |format| analysis.outputs.formats.contains(&format);
        let parquet_path = staging.path("internal/settlements.parquet")?;
        let geopackage_path = staging.path("internal/settlements.gpkg")?;
        let no_rows =
            settlement_table(&SettlementBatch::default(), &Reached::default(), &[], &[], inputs, facts);
        let parquet = has(OutputFormat::Parquet)
            .then(|| ParquetBatchWriter::create(&parquet_path, &no_rows, None))
            .transpose()
            .map_err(|e| Failure::unwritable(&parquet_path, e))?;
        let geopackage = has(OutputFormat::Gpkg)
            .then(|| create_geopackage(&geopackage_path, analysis, inputs, &no_rows))
            .transpose()
            .map_err(|e| Failure::unwritable(&geopackage_path, e))?;
        Ok(SettlementWriter { parquet, geopackage, facts: facts.clone(), parquet_path, geopackage_path })
    }

    /// Writes a batch; `points` are in the analysis CRS, `distances` those of the services that have them.
    pub(crate) fn write(
        &mut self,
        batch: &SettlementBatch,
        reached: &Reached,
        points: &[Coord<f64>],
        distances: &[(usize, &[Option<f64>])],
        inputs: &Inputs,
    ) -> Result<(), Failure> {
        let table = settlement_table(batch, reached, points, distances, inputs, &self.facts);
        let (parquet, geopackage) = rayon::join(
            || self.parquet.as_mut().map_or(Ok(()), |w| w.append(&table, None)),
            || self.geopackage.as_mut().map_or(Ok(()), |w| w.add_points(&table, points)),
        );
        parquet.map_err(|e| Failure::unwritable(&self.parquet_path, e))?;
        geopackage.map_err(|e| Failure::unwritable(&self.geopackage_path, e))
    }

    /// Completes the files.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        if let Some(writer) = self.parquet {
            writer.finish().map_err(|e| Failure::unwritable(&self.parquet_path, e))?;
        }
        if let Some(writer) = self.geopackage {
            writer.finish().map_err(|e| Failure::unwritable(&self.geopackage_path, e))?;
        }
        Ok(())
    }
}

/// A package of all settlements, and a view of those that each service reaches, with styles.
fn create_geopackage(
    path: &std::path::Path,
    analysis: &Analysis,
    inputs: &Inputs,
    columns: &Table,
) -> Result<PointLayerWriter, whitespot_io::WriteError> {
    let lang = qgis::language(analysis);
    let mut names: Vec<&str> =
        inputs.services.services.iter().filter(|s| !s.is_hidden).map(|s| s.name.as_str()).collect();
    // The service that the report shows is how the layer looks when it is opened.
    if let Some(shown) = analysis.report.service.as_deref() {
        names.sort_by_key(|name| *name != shown);
    }
    let mut spec = LayerSpec::points(
        "settlements",
        "Bebyggelsepunkter / Settlements",
        "One row a settlement; may be personal data and is not for publication",
    );
    for name in &names {
        spec = spec.with_style(&column_word(name), Style::points(&format!("{name}_reached"), columns, lang));
    }
    let mut writer = PointLayerWriter::create(path, &layer_crs(inputs), spec)?;
    for name in &names {
        let title = match lang {
            Lang::Sv => format!("Nås av {name}"),
            Lang::En => format!("Reached by {name}"),
        };
        let spec = LayerSpec::points(
            &format!("reached_{}", column_word(name)),
            &title,
            "Settlements that the service reaches; may be personal data and is not for publication",
        );
        let style = Style::reached_points(columns, lang);
        writer = writer.with_view(&format!("{name}_reached"), spec.with_style("reached", style));
    }
    Ok(writer)
}

/// The columns of a batch: id, position, area, counts, and per service whether, by how many operators, and how
/// far from the nearest reached.
fn settlement_table(
    batch: &SettlementBatch,
    reached: &Reached,
    points: &[Coord<f64>],
    distances: &[(usize, &[Option<f64>])],
    inputs: &Inputs,
    facts: &SettlementFacts,
) -> Table {
    let n = batch.len();
    let mut table = Table::default();
    let numbered = |i: usize| (batch.first + i as u64 + 1).to_string();
    let ids = match &batch.ids {
        Some(ids) => ids.iter().map(|id| id.map(str::to_string)).collect(),
        None => (0..n).map(|i| Some(numbered(i))).collect(),
    };
    table.push("settlement_id", Unit::Text, "Bebyggelsepunkt", "Settlement", Values::Text(ids));
    let real = |f: &dyn Fn(usize) -> f64| {
        Values::Real((0..n).map(|i| Some(f(i)).filter(|v| v.is_finite())).collect())
    };
    table.push("easting_m", Unit::Metres, "Östligt läge, m", "Easting, m", real(&|i| points[i].x));
    table.push("northing_m", Unit::Metres, "Nordligt läge, m", "Northing, m", real(&|i| points[i].y));
    let code = |i: usize| match reached.areas[i] {
        OUTSIDE => String::new(),
        area => inputs.areas.codes[area as usize].clone(),
    };
    let codes = (0..n).map(|i| Some(code(i))).collect();
    table.push("area_code", Unit::Text, "Områdeskod", "Area code", Values::Text(codes));
    let counts =
        |column: Option<&Vec<u32>>| Values::Int((0..n).map(|i| column.map(|c| i64::from(c[i]))).collect());
    table.push("persons", Unit::Persons, "Personer", "Persons", counts(Some(&batch.persons)));
    if facts.has_households {
        table.push(
            "households",
            Unit::Households,
            "Hushåll",
            "Households",
            counts(batch.households.as_ref()),
        );
    }
    if facts.has_workplaces {
        table.push(
            "workplaces",
            Unit::Workplaces,
            "Arbetsställen",
            "Workplaces",
            counts(batch.workplaces.as_ref()),
        );
    }
    for (s, service) in inputs.services.services.iter().enumerate().filter(|(_, s)| !s.is_hidden) {
        let name = &service.name;
        let is_reached = (0..n).map(|i| Some(service.is_reached(reached.offers_of(i)))).collect();
        let (sv, en) = (format!("Nås av {name}"), format!("Reached by {name}"));
        table.push(&format!("{name}_reached"), Unit::YesNo, &sv, &en, Values::Bool(is_reached));
        let operators = (0..n).map(|i| Some(service.n_operators(reached.offers_of(i)) as i64)).collect();
        let (sv, en) = (format!("Operatörer för {name}"), format!("Operators of {name}"));
        table.push(&format!("{name}_operators"), Unit::Number, &sv, &en, Values::Int(operators));
        if service.wants.distance {
            let of_service = distances.iter().find(|(of, _)| *of == s).map(|(_, d)| *d);
            let metres = (0..n).map(|i| of_service.and_then(|d| d[i])).collect();
            let (sv, en) = (
                format!("Avstånd till närmaste punkt som {name} når, m"),
                format!("Distance to the nearest reached by {name}, m"),
            );
            table.push(&format!("{name}_distance_m"), Unit::Metres, &sv, &en, Values::Real(metres));
        }
    }
    table
}

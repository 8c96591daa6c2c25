//! Parquet and GeoParquet out.

use super::{
    sink::{Failure, Sink},
    wkb_encode,
};
use crate::write_error::WriteError;
use polars::{
    io::parquet::write::BatchedWriter,
    prelude::{
        BinaryChunkedBuilder, BooleanChunkedBuilder, ChunkedBuilder, Column, DataFrame, DataType, Field,
        Float64Type, Int64Type, IntoColumn, ParquetCompression, ParquetWriter, PrimitiveChunkedBuilder,
        Schema, StringChunkedBuilder,
    },
};
use polars_parquet::write::{KeyValue, ZstdLevel, schema_to_metadata_key};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};
use whitespot_model::{
    crs::CrsDeclaration,
    shapes::Shapes,
    table::{Table, TableColumn, Values},
};

/// Rows of every row group but the last, whatever the size of the batches.
const ROW_GROUP_ROWS: usize = 1 << 17;
const ZSTD_LEVEL: i32 = 1;

/// The geometry column of a GeoParquet file.
#[derive(Clone, Debug)]
pub struct GeoColumn {
    /// Its name; readers expect `geometry`.
    pub name: String,
    /// The CRS of the shapes. [`CrsDeclaration::ProjJson`] is written as it is. `OGC:CRS84` and `EPSG:4326`
    /// (longitude first, as everywhere in this project) are the default of the format and not written;
    /// `Undefined` is written as `null`. Other codes and WKT are refused.
    pub crs: CrsDeclaration,
}

/// Writes a table as Parquet: typed, nullable columns, zstd; the same table gives the same bytes.
///
/// ```
/// use whitespot_model::table::{Table, Unit, Values};
///
/// let mut table = Table::default();
/// table.push("persons", Unit::Persons, "personer", "persons", Values::Int(vec![Some(12), None]));
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("areas.parquet");
/// whitespot_table::write_parquet(&path, &table)?;
/// assert_eq!(whitespot_table::inspect(&path, None, None)?.n_rows, Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be written.
pub fn write_parquet(path: &Path, table: &Table) -> Result<(), WriteError> {
    let mut writer = ParquetBatchWriter::create(path, table, None)?;
    writer.append(table, None)?;
    writer.finish()
}

/// Writes a table with one shape a row as GeoParquet 1.1 (WKB; polygons always as MultiPolygon, so that the
/// column has one type; an empty shape is missing).
///
/// # Errors
/// When the file cannot be written, the CRS is not given as [`GeoColumn::crs`] wants it, or there are not as
/// many shapes as rows.
pub fn write_geoparquet(
    path: &Path,
    table: &Table,
    shapes: &Shapes,
    geo: &GeoColumn,
) -> Result<(), WriteError> {
    let mut writer = ParquetBatchWriter::create(path, table, Some(geo))?;
    writer.append(table, Some(shapes))?;
    writer.finish()
}

/// Writes Parquet or GeoParquet batch by batch in bounded memory. Row groups have a fixed number of rows, so the
/// bytes do not depend on the size of the batches.
pub struct ParquetBatchWriter {
    path: PathBuf,
    writer: BatchedWriter<Sink>,
    failure: Failure,
    /// Name and rows of the row group being filled, the geometry last.
    columns: Vec<(String, Builder)>,
    n_rows: usize,
    geo: Option<Geo>,
}

/// What the metadata of the geometry column will say.
struct Geo {
    name: String,
    /// `None` leaves the key out.
    crs: Option<Value>,
    types: BTreeSet<&'static str>,
    /// Smallest and largest x and y.
    bounds: Option<[f64; 4]>,
    wkb: Vec<u8>,
}

enum Builder {
    Text(StringChunkedBuilder),
    Int(PrimitiveChunkedBuilder<Int64Type>),
    Real(PrimitiveChunkedBuilder<Float64Type>),
    Bool(BooleanChunkedBuilder),
    Wkb(BinaryChunkedBuilder),
}

impl ParquetBatchWriter {
    /// Creates the file with the columns of `like`, whose rows do not matter.
    ///
    /// # Errors
    /// When the file cannot be created, or the CRS is not given as [`GeoColumn::crs`] wants it.
    pub fn create(
        path: &Path,
        like: &Table,
        geo: Option<&GeoColumn>,
    ) -> Result<ParquetBatchWriter, WriteError> {
        let geo = geo.map(|geo| Geo::new(path, geo)).transpose()?;
        let mut columns: Vec<(String, Builder)> =
            like.columns.iter().map(|c| (c.name.clone(), Builder::like(&c.name, &c.values))).collect();
        if let Some(geo) = &geo {
            columns.push((
                geo.name.clone(),
                Builder::Wkb(BinaryChunkedBuilder::new(geo.name.as_str().into(), 0)),
            ));
        }
        let fields = columns.iter().map(|(name, b)| Field::new(name.as_str().into(), b.data_type()));
        let schema = Schema::from_iter(fields);
        let file =
            File::create(path).map_err(|source| WriteError::Io { file: path.to_path_buf(), source })?;
        let (sink, failure) = Sink::new(file);
        let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|e| encoder(path, &failure, &e))?;
        let writer = ParquetWriter::new(sink)
            .with_compression(ParquetCompression::Zstd(Some(level)))
            .batched(&schema)
            .map_err(|e| encoder(path, &failure, &e))?;
        Ok(ParquetBatchWriter { path: path.to_path_buf(), writer, failure, columns, n_rows: 0, geo })
    }

    /// Appends all rows of a table with the columns of [`Self::create`] in its order, and a shape for each row
    /// if the file has a geometry column.
    ///
    /// # Errors
    /// When the file cannot be written, the columns differ, or there are not as many shapes as rows.
    pub fn append(&mut self, table: &Table, shapes: Option<&Shapes>) -> Result<(), WriteError> {
        self.check_columns(table, shapes)?;
        let mut start = 0;
        while start < table.n_rows() {
            let end = table.n_rows().min(start + ROW_GROUP_ROWS - self.n_rows);
            for ((_, builder), column) in self.columns.iter_mut().zip(&table.columns) {
                builder.push(&column.values, start..end);
            }
            if let (Some(geo), Some(shapes), Some((_, Builder::Wkb(wkb)))) =
                (&mut self.geo, shapes, self.columns.last_mut())
            {
                (start..end).for_each(|f| geo.push(shapes, f, wkb));
            }
            self.n_rows += end - start;
            start = end;
            if self.n_rows == ROW_GROUP_ROWS {
                self.write_row_group()?;
            }
        }
        Ok(())
    }

    /// Writes the last rows and the footer.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<(), WriteError> {
        if self.n_rows > 0 {
            self.write_row_group()?;
        }
        let writer = self.writer.get_writer();
        let mut writer = writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut metadata = vec![schema_to_metadata_key(writer.schema())];
        if let Some(geo) = &self.geo {
            metadata.push(KeyValue { key: "geo".to_string(), value: Some(geo.metadata().to_string()) });
        }
        writer.end(Some(metadata)).map_err(|e| encoder(&self.path, &self.failure, &e))?;
        Ok(())
    }

    fn write_row_group(&mut self) -> Result<(), WriteError> {
        let columns: Vec<Column> =
            self.columns.iter_mut().map(|(name, builder)| builder.take(name, ROW_GROUP_ROWS)).collect();
        let group =
            DataFrame::new(self.n_rows, columns).map_err(|e| encoder(&self.path, &self.failure, &e))?;
        self.n_rows = 0;
        self.writer.write_batch(&group).map_err(|e| encoder(&self.path, &self.failure, &e))
    }

    fn check_columns(&self, table: &Table, shapes: Option<&Shapes>) -> Result<(), WriteError> {
        let differ = |what: String| Err(WriteError::OtherColumns { file: self.path.clone(), what });
        let expected = self.columns.iter().take(self.columns.len() - usize::from(self.geo.is_some()));
        if expected.len() != table.columns.len() {
            return differ(format!("{} columns instead of {}", table.columns.len(), expected.len()));
        }
        for ((name, builder), TableColumn { name: other, values, .. }) in expected.zip(&table.columns) {
            if name != other || !builder.takes(values) {
                return differ(format!("column `{other}` instead of `{name}`, or of another type"));
            }
        }
        let n_shapes = shapes.map(Shapes::n_features);
        if self.geo.is_some() && n_shapes != Some(table.n_rows()) {
            return differ(format!("{} shapes for {} rows", n_shapes.unwrap_or(0), table.n_rows()));
        }
        Ok(())
    }
}

impl Builder {
    fn like(name: &str, values: &Values) -> Builder {
        let name = name.into();
        match values {
            Values::Text(_) => Builder::Text(StringChunkedBuilder::new(name, 0)),
            Values::Int(_) => Builder::Int(PrimitiveChunkedBuilder::new(name, 0)),
            Values::Real(_) => Builder::Real(PrimitiveChunkedBuilder::new(name, 0)),
            Values::Bool(_) => Builder::Bool(BooleanChunkedBuilder::new(name, 0)),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Builder::Text(_) => DataType::String,
            Builder::Int(_) => DataType::Int64,
            Builder::Real(_) => DataType::Float64,
            Builder::Bool(_) => DataType::Boolean,
            Builder::Wkb(_) => DataType::Binary,
        }
    }

    fn takes(&self, values: &Values) -> bool {
        matches!(
            (self, values),
            (Builder::Text(_), Values::Text(_))
                | (Builder::Int(_), Values::Int(_))
                | (Builder::Real(_), Values::Real(_))
                | (Builder::Bool(_), Values::Bool(_))
        )
    }

    fn push(&mut self, values: &Values, rows: std::ops::Range<usize>) {
        match (self, values) {
            (Builder::Text(b), Values::Text(v)) => v[rows].iter().for_each(|v| b.append_option(v.as_deref())),
            (Builder::Int(b), Values::Int(v)) => v[rows].iter().for_each(|v| b.append_option(*v)),
            // A real that is not finite is a missing one.
            (Builder::Real(b), Values::Real(v)) => {
                v[rows].iter().for_each(|v| b.append_option(v.filter(|v| v.is_finite())));
            }
            (Builder::Bool(b), Values::Bool(v)) => v[rows].iter().for_each(|v| b.append_option(*v)),
            // `check_columns` lets nothing else through.
            _ => {}
        }
    }

    /// The rows so far as a column; the builder is empty afterwards. A fresh builder for each row group keeps
    /// the memory layout, which the encoder looks at, independent of the batches.
    fn take(&mut self, name: &str, capacity: usize) -> Column {
        let name = || name.into();
        match self {
            Builder::Text(b) => {
                std::mem::replace(b, StringChunkedBuilder::new(name(), capacity)).finish().into_column()
            }
            Builder::Int(b) => {
                std::mem::replace(b, PrimitiveChunkedBuilder::new(name(), capacity)).finish().into_column()
            }
            Builder::Real(b) => {
                std::mem::replace(b, PrimitiveChunkedBuilder::new(name(), capacity)).finish().into_column()
            }
            Builder::Bool(b) => {
                std::mem::replace(b, BooleanChunkedBuilder::new(name(), capacity)).finish().into_column()
            }
            Builder::Wkb(b) => {
                std::mem::replace(b, BinaryChunkedBuilder::new(name(), capacity)).finish().into_column()
            }
        }
    }
}

impl Geo {
    fn new(path: &Path, column: &GeoColumn) -> Result<Geo, WriteError> {
        let needs_projjson =
            || WriteError::NeedsProjJson { file: path.to_path_buf(), crs: column.crs.to_string() };
        let crs = match &column.crs {
            CrsDeclaration::Code(code) if matches!(code.as_str(), "OGC:CRS84" | "EPSG:4326") => None,
            CrsDeclaration::ProjJson(text) => Some(serde_json::from_str(text).map_err(|_| needs_projjson())?),
            CrsDeclaration::Undefined => Some(Value::Null),
            CrsDeclaration::Code(_) | CrsDeclaration::Wkt(_) => return Err(needs_projjson()),
        };
        Ok(Geo { name: column.name.clone(), crs, types: BTreeSet::new(), bounds: None, wkb: Vec::new() })
    }

    fn push(&mut self, shapes: &Shapes, f: usize, column: &mut BinaryChunkedBuilder) {
        self.wkb.clear();
        let has_shape = wkb_encode::encode(shapes, f, &mut self.wkb, &mut self.types);
        column.append_option(has_shape.then_some(self.wkb.as_slice()));
        if let Some((lo, hi)) = shapes.bounds_of(f) {
            let [x0, y0, x1, y1] = self.bounds.unwrap_or([lo.x, lo.y, hi.x, hi.y]);
            self.bounds = Some([x0.min(lo.x), y0.min(lo.y), x1.max(hi.x), y1.max(hi.y)]);
        }
    }

    fn metadata(&self) -> Value {
        let mut column = json!({ "encoding": "WKB", "geometry_types": self.types });
        if let Some(crs) = &self.crs {
            column["crs"] = crs.clone();
        }
        if let Some(bounds) = &self.bounds {
            column["bbox"] = json!(bounds);
        }
        json!({ "version": "1.1.0", "primary_column": self.name, "columns": { &self.name: column } })
    }
}

fn encoder(path: &Path, failure: &Failure, error: &impl std::fmt::Display) -> WriteError {
    match failure.take() {
        Some(source) => WriteError::Io { file: path.to_path_buf(), source },
        None => WriteError::Encoder { file: path.to_path_buf(), what: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{inspect, open};
    use whitespot_model::{
        features::{As, Features, Request},
        shapes::Part,
        table::Unit,
    };

    fn table(rows: std::ops::Range<usize>) -> Table {
        let mut table = Table::default();
        let some = |i: usize| !i.is_multiple_of(5);
        let texts = rows.clone().map(|i| some(i).then(|| format!("{:04}", i % 300))).collect();
        table.push("code", Unit::Text, "kod", "code", Values::Text(texts));
        let ints = rows.clone().map(|i| some(i + 1).then_some(i as i64 - 3)).collect();
        table.push("persons", Unit::Persons, "personer", "persons", Values::Int(ints));
        let reals = rows.clone().map(|i| some(i + 2).then_some(i as f64 / 7.0)).collect();
        table.push("share", Unit::Share, "andel", "share", Values::Real(reals));
        let bools = rows.map(|i| some(i + 3).then_some(i % 2 == 0)).collect();
        table.push("reached", Unit::YesNo, "nådd", "reached", Values::Bool(bools));
        table
    }

    fn squares(n: usize) -> Shapes {
        let mut shapes = Shapes::default();
        for i in 0..n {
            let x = i as f64;
            shapes.begin_part(Part::Polygon);
            shapes.push_ring([(x, 0.0), (x + 1.0, 0.0), (x + 1.0, 1.0), (x, 0.0)]);
            shapes.end_part();
            shapes.end_feature();
        }
        shapes
    }

    fn read_all(path: &Path, columns: &[(&str, As)], max_rows: usize) -> Vec<Features> {
        let columns = columns.iter().map(|(name, kind)| ((*name).to_string(), *kind)).collect();
        let mut source = open(path, &Request { columns, geometry: true, ..Request::default() }).unwrap();
        std::iter::from_fn(|| source.next_batch(max_rows).unwrap()).collect()
    }

    #[test]
    fn what_is_written_is_read_back_with_its_types_and_gaps() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let table = table(0..1000);
        write_parquet(&path, &table).unwrap();
        let schema = inspect(&path, None, None).unwrap();
        assert_eq!(schema.fields, ["code", "persons", "share", "reached"]);
        assert_eq!((schema.n_rows, schema.has_geometry, schema.crs), (Some(1000), false, None));
        let wanted =
            [("share", As::Number), ("code", As::Text), ("persons", As::Text), ("reached", As::Number)];
        for max_rows in [1, 7, 4096] {
            let mut row = 0;
            for batch in read_all(&path, &wanted, max_rows) {
                assert!(batch.n_rows <= max_rows && batch.defects.is_empty() && batch.shapes.is_none());
                for i in 0..batch.n_rows {
                    let share = batch.columns[0].as_numbers().unwrap()[i];
                    assert_eq!((!share.is_nan()).then_some(share), table.columns[2].values.number(row));
                    let code = batch.columns[1].as_text().unwrap().get(i).unwrap_or_default();
                    assert_eq!(code, table.columns[0].values.to_text(row));
                    let persons = batch.columns[2].as_text().unwrap().get(i).unwrap_or_default();
                    assert_eq!(persons, table.columns[1].values.to_text(row));
                    let reached = batch.columns[3].as_numbers().unwrap()[i];
                    assert_eq!((!reached.is_nan()).then_some(reached), table.columns[3].values.number(row));
                    row += 1;
                    assert_eq!(batch.place(i), row as u64);
                }
            }
            assert_eq!(row, 1000);
        }
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_size_of_the_batches() {
        let dir = tempfile::tempdir().unwrap();
        let n = 2 * ROW_GROUP_ROWS + 1234;
        let path = |name: &str| dir.path().join(name);
        let shapes = squares(n);
        let geo = GeoColumn { name: "geometry".into(), crs: CrsDeclaration::Undefined };
        write_geoparquet(&path("whole"), &table(0..n), &shapes, &geo).unwrap();
        for step in [1000, ROW_GROUP_ROWS, ROW_GROUP_ROWS + 77] {
            let mut writer = ParquetBatchWriter::create(&path("parts"), &table(0..0), Some(&geo)).unwrap();
            for start in (0..n).step_by(step) {
                let end = n.min(start + step);
                let mut part = Shapes::default();
                (start..end).for_each(|f| part.push_feature_of(&shapes, f));
                writer.append(&table(start..end), Some(&part)).unwrap();
            }
            writer.finish().unwrap();
            let same = std::fs::read(path("whole")).unwrap() == std::fs::read(path("parts")).unwrap();
            assert!(same, "batches of {step}");
        }
    }

    #[test]
    fn geoparquet_keeps_shapes_crs_and_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let mut shapes = squares(3);
        shapes.end_feature(); // an empty one
        shapes.push_point(9.0, -2.0);
        let projjson = r#"{"id":{"authority":"EPSG","code":3006}}"#;
        let crs = CrsDeclaration::ProjJson(projjson.into());
        let geo = GeoColumn { name: "geometry".into(), crs: crs.clone() };
        write_geoparquet(&path, &table(0..5), &shapes, &geo).unwrap();
        let schema = inspect(&path, None, None).unwrap();
        assert_eq!((schema.format, schema.crs, schema.has_geometry), ("GeoParquet", Some(crs), true));
        assert_eq!(schema.fields, ["code", "persons", "share", "reached"]);
        let mut read = Shapes::default();
        for batch in read_all(&path, &[], 2) {
            read.append(&batch.shapes.unwrap());
        }
        assert_eq!(read, shapes);
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains(r#""bbox":[0.0,-2.0,9.0,1.0]"#));
        assert!(text.contains(r#""geometry_types":["MultiPolygon","Point"]"#));
    }

    #[test]
    fn a_crs_without_projjson_is_refused_and_longitude_latitude_is_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let column = |crs| GeoColumn { name: "geometry".into(), crs };
        let code = |code: &str| CrsDeclaration::Code(code.into());
        let error =
            write_geoparquet(&path, &table(0..1), &squares(1), &column(code("EPSG:3006"))).unwrap_err();
        assert!(matches!(error, WriteError::NeedsProjJson { .. }), "{error}");
        write_geoparquet(&path, &table(0..1), &squares(1), &column(code("EPSG:4326"))).unwrap();
        assert_eq!(inspect(&path, None, None).unwrap().crs, Some(code("OGC:CRS84")));
    }

    #[test]
    fn batches_with_other_columns_or_shapes_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let mut writer = ParquetBatchWriter::create(&path, &table(0..0), None).unwrap();
        let mut other = table(0..2);
        other.columns[1].values = Values::Real(vec![None, None]);
        assert!(matches!(writer.append(&other, None), Err(WriteError::OtherColumns { .. })));
        other.columns.pop();
        assert!(matches!(writer.append(&other, None), Err(WriteError::OtherColumns { .. })));
        let geo = GeoColumn { name: "geometry".into(), crs: CrsDeclaration::Undefined };
        let error = write_geoparquet(&path, &table(0..2), &squares(1), &geo).unwrap_err();
        assert!(error.to_string().contains("1 shapes for 2 rows"), "{error}");
    }

    #[test]
    fn a_table_without_rows_is_a_file_with_columns() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        write_parquet(&path, &table(0..0)).unwrap();
        assert_eq!(inspect(&path, None, None).unwrap().n_rows, Some(0));
        assert!(read_all(&path, &[("code", As::Text)], 10).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_and_a_full_disk_are_errors_of_the_system() {
        let error = write_parquet(Path::new("/nowhere/t.parquet"), &table(0..1)).unwrap_err();
        assert!(matches!(error, WriteError::Io { .. }), "{error}");
        if Path::new("/dev/full").exists() {
            let error = write_parquet(Path::new("/dev/full"), &table(0..100_000)).unwrap_err();
            assert!(matches!(error, WriteError::Io { .. }), "{error}");
        }
    }
}

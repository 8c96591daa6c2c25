//! One Parquet file: its columns, its row groups, and the rows of a column as arrow arrays.
//!
//! Column chunks are read by position into memory, never mapped: a file that shrinks while it is read is an
//! error and not the end of the process. The types of the columns are those of the Parquet schema alone;
//! what a writer noted beside it (`ARROW:schema`) does not matter.

use super::{FORMAT, footer::read_footer};
use crate::{failure, guard::guarded};
use polars_arrow::{
    array::Array,
    datatypes::{ArrowDataType, Field},
};
use polars_buffer::Buffer;
use polars_parquet::{
    parquet::read::deserialize_metadata,
    read::{
        BasicDecompressor, ColumnChunkMetadata, FileMetadata, Filter, PageReader, column_iter_to_arrays,
        schema::parquet_to_arrow_schema,
    },
};
use std::{
    fs::File,
    io::{Cursor, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};
use whitespot_model::features::ReadError;

/// An open file with its footer read.
pub(crate) struct ParquetFile {
    path: PathBuf,
    file: File,
    metadata: FileMetadata,
    /// Name and type of each top-level column.
    columns: Vec<Field>,
}

/// The bytes of one column of one row group.
pub(crate) struct Chunk {
    bytes: Buffer<u8>,
    row_group: usize,
    field: Field,
    bytes_per_row: usize,
}

impl ParquetFile {
    pub(crate) fn open(path: &Path) -> Result<ParquetFile, ReadError> {
        let mut file = failure::open_file(path)?;
        let read = guarded(|| {
            let footer = read_footer(&mut file)?;
            let metadata = deserialize_metadata(Buffer::from_vec(footer)).map_err(|e| e.to_string())?;
            let schema = parquet_to_arrow_schema(metadata.schema().fields());
            Ok((metadata, schema.iter_values().cloned().collect()))
        });
        let (metadata, columns) = read.map_err(|reason| {
            failure::malformed(path, FORMAT, format!("its footer cannot be read ({reason})"))
                .hint("the file may be cut short: copy or download it again")
        })?;
        Ok(ParquetFile { path: path.to_path_buf(), file, metadata, columns })
    }

    /// Name and type of each top-level column, in file order.
    pub(crate) fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Number of rows of the file.
    pub(crate) fn n_rows(&self) -> u64 {
        (0..self.n_row_groups()).map(|group| self.n_rows_of(group) as u64).sum()
    }

    /// Number of row groups.
    pub(crate) fn n_row_groups(&self) -> usize {
        self.metadata.row_groups.len()
    }

    /// Number of rows of a row group.
    pub(crate) fn n_rows_of(&self, row_group: usize) -> usize {
        self.metadata.row_groups[row_group].num_rows()
    }

    /// The leaves of a row group's columns, with their statistics.
    pub(crate) fn leaves(&self, row_group: usize) -> &[ColumnChunkMetadata] {
        self.metadata.row_groups[row_group].parquet_columns()
    }

    /// The bytes of the footer, in which statistics lie.
    pub(crate) fn footer(&self) -> &[u8] {
        &self.metadata.footer_buf
    }

    /// The value of a key of the file's own metadata.
    pub(crate) fn metadata_value(&self, key: &str) -> Option<&str> {
        let pairs = self.metadata.key_value_metadata().as_ref()?;
        pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
    }

    /// Reads a column's bytes of a row group.
    pub(crate) fn read_chunk(&mut self, row_group: usize, column: usize) -> Result<Chunk, ReadError> {
        let field = self.columns[column].clone();
        let Some(metadata) = self.chunk_metadata(row_group, &field) else {
            return Err(self.broken(row_group, &field, "it is not there"));
        };
        let n_values = usize::try_from(metadata.num_values()).unwrap_or(0).max(1);
        let bytes_per_row = (usize::try_from(metadata.uncompressed_size()).unwrap_or(0) / n_values).max(16);
        let file_bytes = self.file.metadata().map_err(|e| failure::io(&self.path, e))?.len();
        let range = guarded(|| Ok(metadata.byte_range())).ok();
        let Some(range) = range.filter(|r| r.start <= r.end && r.end <= file_bytes) else {
            return Err(self.broken(row_group, &field, "it reaches past the end of the file"));
        };
        // The range lies within the file, so its length is that of bytes there are.
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.file.seek(SeekFrom::Start(range.start)).map_err(|e| failure::io(&self.path, e))?;
        self.file.read_exact(&mut bytes).map_err(|e| failure::io(&self.path, e))?;
        Ok(Chunk { bytes: Buffer::from_vec(bytes), row_group, field, bytes_per_row })
    }

    /// Decodes rows of a chunk; several arrays in order.
    pub(crate) fn decode(&self, chunk: &Chunk, rows: Range<usize>) -> Result<Vec<Box<dyn Array>>, ReadError> {
        let n_rows = rows.len();
        let broken = |what: &str| self.broken(chunk.row_group, &chunk.field, what);
        let metadata = self.chunk_metadata(chunk.row_group, &chunk.field);
        let metadata = metadata.ok_or_else(|| broken("it is not there"))?;
        let arrays = guarded(|| chunk.decode(metadata, rows)).map_err(|e| broken(&e))?;
        let n_decoded: usize = arrays.iter().map(|a| a.len()).sum();
        if n_decoded != n_rows {
            return Err(broken(&format!("{n_decoded} values instead of {n_rows}")));
        }
        Ok(arrays)
    }

    fn chunk_metadata(&self, row_group: usize, field: &Field) -> Option<&ColumnChunkMetadata> {
        self.metadata.row_groups[row_group].columns_under_root_iter(&field.name)?.next()
    }

    fn broken(&self, row_group: usize, field: &Field, what: &str) -> ReadError {
        let what = format!("column `{}` of row group {}: {what}", field.name, row_group + 1);
        failure::malformed(&self.path, FORMAT, what)
            .hint("the file may be damaged: copy or download it again")
            .into()
    }
}

impl Chunk {
    /// Bytes a row takes in memory once decoded, about; at least 16.
    pub(crate) fn bytes_per_row(&self) -> usize {
        self.bytes_per_row
    }

    fn decode(
        &self,
        metadata: &ColumnChunkMetadata,
        rows: Range<usize>,
    ) -> Result<Vec<Box<dyn Array>>, String> {
        let pages = PageReader::new(Cursor::new(self.bytes.clone()), metadata, Vec::new(), usize::MAX);
        let pages = BasicDecompressor::new(pages, Vec::new());
        let value_type = &metadata.descriptor().descriptor.primitive_type;
        let rows = Filter::new_ranged(rows.start, rows.end);
        column_iter_to_arrays(vec![pages], vec![value_type], self.field.clone(), Some(rows))
            .map(|(arrays, _)| arrays)
            .map_err(|e| e.to_string())
    }
}

/// Whether a column has one plain value a row.
pub(crate) fn is_plain(dtype: &ArrowDataType) -> bool {
    use ArrowDataType::{
        BinaryView, Boolean, Date32, Decimal, Float32, Float64, Int8, Int16, Int32, Int64, Null, Timestamp,
        UInt8, UInt16, UInt32, UInt64, Utf8View,
    };
    matches!(
        dtype,
        Null | Boolean
            | Int8
            | Int16
            | Int32
            | Int64
            | UInt8
            | UInt16
            | UInt32
            | UInt64
            | Float32
            | Float64
            | Decimal(..)
            | Date32
            | Timestamp(..)
            | Utf8View
            | BinaryView
    )
}

//! Workbooks in: the tables of XLSX and OpenDocument sheets, as statistics offices publish them.
//!
//! The header is looked for below titles: it is the first row in which the wanted columns stand; in a header of
//! several rows with merged cells the names may also stand in one of the two rows above. Places are the row
//! numbers of the sheet. A sheet is held in memory; larger ones than 20 million cells are refused.

mod header;
mod sheet;

use crate::failure;
use header::Header;
use sheet::{Cell, Row};
use std::path::Path;
use whitespot_model::{
    features::{
        As, Column, Defect, DefectKind, FeatureSource, Features, ReadError, Request, SourceSchema, TextColumn,
    },
    numbers::{self, Parsed},
};

/// Longest evidence of a defect, in characters.
const MAX_EVIDENCE: usize = 80;

/// The sheets of a workbook by name.
///
/// # Errors
/// When the file cannot be read or is no workbook.
pub(crate) fn layers(path: &Path) -> Result<Vec<String>, ReadError> {
    Ok(sheet::open_workbook(path)?.sheet_names())
}

/// Reads the header of a sheet: the first of the fullest rows.
///
/// # Errors
/// When the file cannot be read, is no workbook, or the sheet is not there or not named among several.
pub(crate) fn inspect(path: &Path, layer: Option<&str>) -> Result<SourceSchema, ReadError> {
    let (format, layer, rows) = sheet::read_sheet(path, layer)?;
    Ok(schema(format, layer, &rows, &Header::of_fullest_row(&rows)))
}

/// Opens a sheet for the columns of a request.
///
/// # Errors
/// As [`inspect`], and when no row holds the names of all columns.
pub(crate) fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    let (format, layer, rows) = sheet::read_sheet(path, request.layer.as_deref())?;
    let names: Vec<&str> = request.columns.iter().map(|(name, _)| name.as_str()).collect();
    let fullest = Header::of_fullest_row(&rows);
    let (header, columns) = match fullest.columns_of(&names) {
        Some(columns) => (fullest, columns),
        None => Header::with_names(&rows, &names).ok_or_else(|| {
            let missing = names.iter().find(|name| fullest.columns_of(&[name]).is_none());
            failure::no_such_column(path, missing.unwrap_or(&""), &fullest.names())
        })?,
    };
    Ok(Box::new(SheetSource {
        schema: schema(format, layer, &rows, &header),
        wanted: columns.into_iter().zip(request.columns.iter().map(|(_, kind)| *kind)).collect(),
        next: header.first_data_row(&rows),
        rows,
    }))
}

fn schema(format: &'static str, layer: String, rows: &[Row], header: &Header) -> SourceSchema {
    SourceSchema {
        format,
        layer: Some(layer),
        fields: header.names(),
        n_rows: Some((rows.len() - header.first_data_row(rows)) as u64),
        ..SourceSchema::default()
    }
}

struct SheetSource {
    schema: SourceSchema,
    rows: Vec<Row>,
    next: usize,
    /// Column of the sheet and kind of each column asked for.
    wanted: Vec<(u32, As)>,
}

impl FeatureSource for SheetSource {
    fn schema(&self) -> &SourceSchema {
        &self.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let end = self.rows.len().min(self.next.saturating_add(max_rows.max(1)));
        let rows = &self.rows[self.next..end];
        self.next = end;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut defects = Vec::new();
        let columns = self.wanted.iter().enumerate().map(|(i, (column, kind))| {
            let cells = rows.iter().map(|row| row.cell(*column));
            match kind {
                As::Number => Column::Number(numbers(cells, i, &mut defects)),
                As::Text => Column::Text(texts(cells)),
            }
        });
        Ok(Some(Features {
            n_rows: rows.len(),
            first_place: first.number,
            columns: columns.collect(),
            places: Some(rows.iter().map(|row| row.number).collect()),
            shapes: None,
            defects,
        }))
    }
}

fn numbers<'a>(
    cells: impl Iterator<Item = Option<&'a Cell>>,
    column: usize,
    defects: &mut Vec<Defect>,
) -> Vec<f64> {
    let number = |(row, cell): (usize, Option<&Cell>)| match cell {
        None => f64::NAN,
        Some(Cell::Number(value)) => *value,
        Some(Cell::YesNo(value)) => f64::from(u8::from(*value)),
        Some(Cell::Text(text)) => match numbers::parse(text) {
            Parsed::Number(value) => value,
            Parsed::Missing => f64::NAN,
            Parsed::Invalid => {
                let evidence = text.chars().take(MAX_EVIDENCE).collect();
                defects.push(Defect { row, kind: DefectKind::NotANumber { column }, evidence });
                f64::NAN
            }
        },
    };
    cells.enumerate().map(number).collect()
}

fn texts<'a>(cells: impl Iterator<Item = Option<&'a Cell>>) -> TextColumn {
    let mut texts = TextColumn::default();
    for cell in cells {
        texts.push(cell.map(Cell::to_text).as_deref());
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    use std::{fs::File, io::Write, path::PathBuf};
    use zip::{ZipWriter, write::SimpleFileOptions};

    /// A statistics table as an office publishes it: titles, a header, codes as text, a gap, a note below.
    fn statistics(dir: &Path) -> PathBuf {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name("Info").unwrap().write(0, 0, "About").unwrap();
        let sheet = workbook.add_worksheet().set_name("Data").unwrap();
        sheet.write(0, 0, "Population by municipality").unwrap();
        for (column, name) in ["kod", "namn", " andel 80+ ", "2024", "datum"].into_iter().enumerate() {
            sheet.write(3, column as u16, name).unwrap();
        }
        let date = Format::new().set_num_format("yyyy-mm-dd");
        for (row, kod, namn) in [(4, "0114", "Umeå"), (6, "0115", "Åsele")] {
            sheet.write(row, 0, kod).unwrap();
            sheet.write(row, 1, namn).unwrap();
            sheet.write(row, 2, "12,5").unwrap();
            sheet.write(row, 3, 2401).unwrap();
            let day = ExcelDateTime::from_ymd(2024, 12, 31).unwrap();
            sheet.write_with_format(row, 4, day, &date).unwrap();
        }
        sheet.write(7, 0, "0117").unwrap();
        sheet.write(7, 3, "..").unwrap();
        sheet.write(7, 2, "many").unwrap();
        let path = dir.join("t.xlsx");
        workbook.save(&path).unwrap();
        path
    }

    fn request(layer: Option<&str>, columns: &[(&str, As)]) -> Request {
        let columns = columns.iter().map(|(name, kind)| ((*name).to_string(), *kind)).collect();
        Request { layer: layer.map(str::to_string), columns, ..Request::default() }
    }

    #[test]
    fn a_table_below_titles_is_read_with_codes_decimals_dates_and_gaps() {
        let dir = tempfile::tempdir().unwrap();
        let path = statistics(dir.path());
        let schema = inspect(&path, Some("Data")).unwrap();
        assert_eq!(schema.fields, ["kod", "namn", "andel 80+", "2024", "datum"]);
        assert_eq!((schema.format, schema.n_rows), ("XLSX", Some(3)));
        let wanted = [
            ("andel 80+", As::Number),
            ("kod", As::Text),
            ("2024", As::Text),
            ("datum", As::Text),
            ("2024", As::Number),
        ];
        let mut source = open(&path, &request(Some("Data"), &wanted)).unwrap();
        let batch = source.next_batch(100).unwrap().unwrap();
        let texts = |i: usize| batch.columns[i].as_text().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(texts(1), [Some("0114"), Some("0115"), Some("0117")]);
        assert_eq!(texts(2), [Some("2401"), Some("2401"), Some("..")]);
        assert_eq!(texts(3), [Some("2024-12-31"), Some("2024-12-31"), None]);
        assert_eq!(batch.columns[0].as_numbers().unwrap()[..2], [12.5, 12.5]);
        assert!(batch.columns[4].as_numbers().unwrap()[2].is_nan());
        assert_eq!(batch.places, Some(vec![5, 7, 8]));
        let found: Vec<_> = batch.defects.iter().map(|d| (d.row, d.kind, d.evidence.as_str())).collect();
        assert_eq!(found, [(2, DefectKind::NotANumber { column: 0 }, "many")]);
        assert!(source.next_batch(100).unwrap().is_none());
    }

    #[test]
    fn a_wrong_or_missing_sheet_name_lists_the_sheets_and_a_wrong_column_the_columns() {
        let dir = tempfile::tempdir().unwrap();
        let path = statistics(dir.path());
        assert_eq!(layers(&path).unwrap(), ["Info", "Data"]);
        for layer in [None, Some("data")] {
            match inspect(&path, layer) {
                Err(ReadError::NoSuchLayer { wanted, present, .. }) => {
                    assert_eq!(
                        (wanted.as_str(), present),
                        (layer.unwrap_or(""), vec!["Info".into(), "Data".into()])
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        match open(&path, &request(Some("Data"), &[("kod", As::Text), ("code", As::Text)])).err() {
            Some(ReadError::NoSuchColumn { wanted, present, .. }) => {
                assert_eq!((wanted.as_str(), present[0].as_str()), ("code", "kod"));
            }
            other => panic!("{other:?}"),
        }
    }

    fn ods(dir: &Path, rows: &str) -> PathBuf {
        let path = dir.join("t.ods");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        let parts = [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_string()),
            ("META-INF/manifest.xml", "<manifest:manifest/>".to_string()),
            (
                "content.xml",
                format!(
                    "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"Blad\">\
                     {rows}</table:table></office:spreadsheet></office:body></office:document-content>"
                ),
            ),
        ];
        for (name, content) in parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    fn ods_cell(text: &str) -> String {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    }

    #[test]
    fn opendocument_sheets_are_read_too() {
        let dir = tempfile::tempdir().unwrap();
        let number =
            "<table:table-cell office:value-type=\"float\" office:value=\"12.5\"></table:table-cell>";
        let rows = format!(
            "<table:table-row>{}{}</table:table-row><table:table-row>{}{number}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell \
             table:number-columns-repeated=\"16384\"/></table:table-row>",
            ods_cell("code"),
            ods_cell("share"),
            ods_cell("0114"),
        );
        let path = ods(dir.path(), &rows);
        let mut source = open(&path, &request(None, &[("code", As::Text), ("share", As::Number)])).unwrap();
        let batch = source.next_batch(10).unwrap().unwrap();
        assert_eq!(batch.columns[0].as_text().unwrap().get(0), Some("0114"));
        assert_eq!(batch.columns[1].as_numbers(), Some(&[12.5][..]));
        assert_eq!(batch.places, Some(vec![2]));
    }

    #[test]
    fn workbooks_that_unfold_to_more_than_they_are_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let bomb = format!(
            "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell \
             table:number-columns-repeated=\"9999\"/>{}</table:table-row>",
            ods_cell("x")
        );
        let error = inspect(&ods(dir.path(), &bomb), None).unwrap_err();
        assert!(error.to_string().contains("cells"), "{error}");
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let whole = std::fs::read(statistics(dir.path())).unwrap();
        let path = dir.path().join("broken.xlsx");
        for bytes in
            [&b""[..], b"PK\x03\x04", b"kod;namn", &whole[..whole.len() / 2], &whole[..whole.len() - 1]]
        {
            std::fs::write(&path, bytes).unwrap();
            let error = inspect(&path, None).unwrap_err();
            assert!(matches!(error, ReadError::Malformed { .. }), "{} bytes: {error}", bytes.len());
        }
    }
}

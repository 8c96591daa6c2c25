//! The cells of one sheet, read with guards against workbooks that unfold to more than they are.

use crate::{failure, guard::guarded};
use calamine::{Data, ExcelDateTime, Ods, Reader, Xlsx};
use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};
use whitespot_model::{features::ReadError, numbers};
use zip::ZipArchive;

/// Largest sum of the unpacked parts of a workbook.
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Most cells of a sheet.
const MAX_CELLS: usize = 20_000_000;
/// Longest texts of a sheet together; one long text may stand in every cell.
const MAX_TEXT_BYTES: usize = 256 << 20;

/// One cell with a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A number.
    Number(f64),
    /// A text; dates are ISO 8601.
    Text(String),
    /// A truth value.
    YesNo(bool),
}

/// One row with at least one cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Its number in the sheet, from 1.
    pub(crate) number: u64,
    /// In order of the columns, which count from 0.
    cells: Vec<(u32, Cell)>,
}

/// An open workbook.
pub(crate) enum Workbook {
    /// Office Open XML.
    Xlsx(Box<Xlsx<BufReader<File>>>),
    /// OpenDocument.
    Ods(Ods<BufReader<File>>),
}

impl Cell {
    /// As text: a number without a fraction where it has none.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Cell::Number(value) => numbers::code(*value),
            Cell::Text(text) => text.clone(),
            Cell::YesNo(value) => value.to_string(),
        }
    }
}

impl Row {
    pub(crate) fn new(number: u64, cells: Vec<(u32, Cell)>) -> Row {
        Row { number, cells }
    }

    /// Number of cells with a value.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Column and value of each cell.
    pub(crate) fn cells(&self) -> &[(u32, Cell)] {
        &self.cells
    }

    /// The cell of a column, if it has a value.
    pub(crate) fn cell(&self, column: u32) -> Option<&Cell> {
        let i = self.cells.binary_search_by_key(&column, |(c, _)| *c).ok()?;
        Some(&self.cells[i].1)
    }
}

impl Workbook {
    /// The sheets by name, in order.
    pub(crate) fn sheet_names(&self) -> Vec<String> {
        match self {
            Workbook::Xlsx(workbook) => workbook.sheet_names(),
            Workbook::Ods(workbook) => workbook.sheet_names(),
        }
    }

    fn format(&self) -> &'static str {
        match self {
            Workbook::Xlsx(_) => "XLSX",
            Workbook::Ods(_) => "ODS",
        }
    }

    fn rows(&mut self, sheet: &str) -> Result<Vec<Row>, String> {
        let mut rows = Rows::default();
        match self {
            Workbook::Xlsx(workbook) => {
                let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|e| e.to_string())?;
                while let Some(cell) = cells.next_cell().map_err(|e| e.to_string())? {
                    rows.push(cell.get_position(), value_of(&cell.get_value().clone().into()))?;
                }
            }
            Workbook::Ods(workbook) => {
                let range = workbook.worksheet_range(sheet).map_err(|e| e.to_string())?;
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, data) in range.used_cells() {
                    let position = (first_row + row as u32, first_column + column as u32);
                    rows.push(position, value_of(data))?;
                }
            }
        }
        Ok(rows.in_order())
    }
}

/// Opens a workbook.
pub(crate) fn open_workbook(path: &Path) -> Result<Workbook, ReadError> {
    let is_ods = check_size(path)?;
    let file = BufReader::new(failure::open_file(path)?);
    guarded(|| {
        if is_ods {
            Ods::new(file).map(Workbook::Ods).map_err(|e| e.to_string())
        } else {
            Xlsx::new(file).map(|w| Workbook::Xlsx(Box::new(w))).map_err(|e| e.to_string())
        }
    })
    .map_err(|reason| failure::malformed(path, "XLSX", reason).into())
}

/// Reads a sheet: format, name and rows. The name may be left out where there is only one.
pub(crate) fn read_sheet(
    path: &Path,
    sheet: Option<&str>,
) -> Result<(&'static str, String, Vec<Row>), ReadError> {
    let mut workbook = open_workbook(path)?;
    let present = workbook.sheet_names();
    let name = match (sheet, present.as_slice()) {
        (Some(name), _) if present.iter().any(|p| p == name) => name.to_string(),
        (None, [only]) => only.clone(),
        _ => {
            let wanted = sheet.unwrap_or_default().to_string();
            return Err(ReadError::NoSuchLayer { file: path.to_path_buf(), wanted, present });
        }
    };
    let format = workbook.format();
    let rows = guarded(|| workbook.rows(&name))
        .map_err(|reason| failure::malformed(path, format, format!("sheet `{name}`: {reason}")))?;
    Ok((format, name, rows))
}

/// Unpacks everything once into nothing; whether the workbook is OpenDocument.
fn check_size(path: &Path) -> Result<bool, ReadError> {
    let malformed = |what: String| failure::malformed(path, "XLSX", what);
    let file = BufReader::new(failure::open_file(path)?);
    let mut zip = ZipArchive::new(file).map_err(|e| {
        malformed(format!("it is no workbook ({e})"))
            .hint("save it again as .xlsx; the older .xls is not read")
    })?;
    let mut bytes_left = MAX_UNPACKED_BYTES;
    let mut is_ods = false;
    for i in 0..zip.len() {
        let part = zip.by_index(i).map_err(|e| malformed(e.to_string()))?;
        let name = part.name().map_err(|e| malformed(e.to_string()))?.into_owned();
        let is_content = name == "content.xml";
        is_ods |= is_content;
        let mut part = part.take(bytes_left + 1);
        let n = if is_content {
            let mut content = Vec::new();
            let n = part.read_to_end(&mut content).map(|n| n as u64);
            if n_ods_cells(&content) > MAX_CELLS as u64 {
                return Err(malformed(format!("a sheet has more than {MAX_CELLS} cells")).into());
            }
            n
        } else {
            std::io::copy(&mut part, &mut std::io::sink())
        };
        let n = n.map_err(|e| malformed(format!("its part `{name}` cannot be unpacked ({e})")))?;
        bytes_left = bytes_left
            .checked_sub(n)
            .ok_or_else(|| malformed("it unpacks to more than 1 GiB".to_string()))?;
    }
    Ok(is_ods)
}

/// Cells that an OpenDocument sheet unfolds to: repeated rows times their cells up to the last with a value.
fn n_ods_cells(content: &[u8]) -> u64 {
    let (mut n_cells, mut repeats_of_row, mut width, mut used_width) = (0_u64, 1_u64, 0_u64, 0_u64);
    let mut rest = content;
    while let Some(start) = memchr::memchr(b'<', rest) {
        rest = &rest[start + 1..];
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        let tag = &rest[..end];
        if tag.starts_with(b"table:table-row") {
            repeats_of_row = repeats(tag, b"number-rows-repeated=");
            (width, used_width) = (0, 0);
        } else if tag.starts_with(b"table:table-cell") || tag.starts_with(b"table:covered-table-cell") {
            width = width.saturating_add(repeats(tag, b"number-columns-repeated="));
            if !tag.ends_with(b"/") {
                used_width = width;
            }
        } else if tag.starts_with(b"/table:table-row") {
            n_cells = n_cells.saturating_add(repeats_of_row.saturating_mul(used_width));
        }
    }
    n_cells
}

fn repeats(tag: &[u8], attribute: &[u8]) -> u64 {
    let Some(at) = memchr::memmem::find(tag, attribute) else { return 1 };
    let digits = tag[at + attribute.len()..].iter().skip(1).take_while(|b| b.is_ascii_digit());
    digits.fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0'))).max(1)
}

/// Rows in the making.
#[derive(Default)]
struct Rows {
    cells: Vec<((u32, u32), Cell)>,
    n_text_bytes: usize,
}

impl Rows {
    fn push(&mut self, position: (u32, u32), value: Option<Cell>) -> Result<(), String> {
        if let Some(Cell::Text(text)) = &value {
            self.n_text_bytes += text.len();
        }
        if self.cells.len() == MAX_CELLS || self.n_text_bytes > MAX_TEXT_BYTES {
            return Err("it is too large for a workbook; save it as CSV or Parquet".to_string());
        }
        self.cells.extend(value.map(|v| (position, v)));
        Ok(())
    }

    /// Cells of one row together; of two in one place the first.
    fn in_order(mut self) -> Vec<Row> {
        self.cells.sort_by_key(|(position, _)| *position);
        self.cells.dedup_by_key(|(position, _)| *position);
        let mut rows: Vec<Row> = Vec::new();
        for ((row, column), cell) in self.cells {
            let number = u64::from(row) + 1;
            match rows.last_mut() {
                Some(last) if last.number == number => last.cells.push((column, cell)),
                _ => rows.push(Row::new(number, vec![(column, cell)])),
            }
        }
        rows
    }
}

/// The value of a cell; blank texts and errors such as `#N/A` are none.
fn value_of(data: &Data) -> Option<Cell> {
    match data {
        Data::Int(v) => Some(Cell::Number(*v as f64)),
        Data::Float(v) => (!v.is_nan()).then_some(Cell::Number(*v)),
        Data::Bool(v) => Some(Cell::YesNo(*v)),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text),
        Data::DateTime(time) => Some(time_cell(time)),
        Data::Error(_) | Data::Empty => None,
    }
}

fn text_cell(text: &str) -> Option<Cell> {
    (!text.trim().is_empty()).then(|| Cell::Text(text.to_string()))
}

fn time_cell(time: &ExcelDateTime) -> Cell {
    if time.is_duration() {
        return Cell::Number(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return Cell::Text(date);
    }
    Cell::Text(format!("{date}T{hour:02}:{minute:02}:{second:02}"))
}

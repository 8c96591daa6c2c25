//! Finds the header of a sheet below titles and notes.

use super::sheet::{Cell, Row};
use std::collections::BTreeMap;

/// How far down a header is looked for.
const MAX_HEADER_ROWS: usize = 100;
/// Rows of a header whose merged cells stand in different rows.
const MAX_DEPTH: usize = 3;

/// A header: the name of each column that has one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Header {
    /// By column of the sheet.
    names: BTreeMap<u32, String>,
    /// Position of its last row; `None` for a sheet without any.
    last_row: Option<usize>,
}

impl Header {
    /// The first row with at least four fifths as many cells as the fullest; a column without a name takes that of
    /// the rows above, where a cell is merged over both.
    pub(crate) fn of_fullest_row(rows: &[Row]) -> Header {
        let head = &rows[..rows.len().min(MAX_HEADER_ROWS)];
        let fullest = head.iter().map(Row::len).max().unwrap_or(0);
        let Some(last_row) = head.iter().position(|row| 5 * row.len() >= 4 * fullest) else {
            return Header::default();
        };
        let mut names = BTreeMap::new();
        for (depth, row) in head[..=last_row].iter().rev().take(MAX_DEPTH).enumerate() {
            // A single cell above is a title.
            if depth == 0 || row.len() > 1 {
                for (column, name) in named(row) {
                    names.entry(column).or_insert(name);
                }
            }
        }
        Header { names, last_row: Some(last_row) }
    }

    /// The first row that has all names, else the first that has them together with one or two rows above; and
    /// the column of each name.
    pub(crate) fn with_names(rows: &[Row], wanted: &[&str]) -> Option<(Header, Vec<u32>)> {
        let head = &rows[..rows.len().min(MAX_HEADER_ROWS)];
        for depth in 0..MAX_DEPTH {
            for last_row in depth..head.len() {
                let mut names = BTreeMap::new();
                let mut columns = vec![None; wanted.len()];
                for row in head[last_row - depth..=last_row].iter().rev() {
                    for (column, name) in named(row) {
                        if let Some(i) = wanted.iter().position(|w| *w == name) {
                            columns[i] = columns[i].or(Some(column));
                        }
                        names.entry(column).or_insert(name);
                    }
                }
                if let Some(columns) = columns.into_iter().collect() {
                    return Some((Header { names, last_row: Some(last_row) }, columns));
                }
            }
        }
        None
    }

    /// The column of each name, if all are there; of two of one name the first.
    pub(crate) fn columns_of(&self, wanted: &[&str]) -> Option<Vec<u32>> {
        let column_of = |name: &&str| self.names.iter().find(|(_, n)| n == name).map(|(column, _)| *column);
        wanted.iter().map(column_of).collect()
    }

    /// The names in order of the columns.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names.values().cloned().collect()
    }

    /// Position of the first row below.
    pub(crate) fn first_data_row(&self, rows: &[Row]) -> usize {
        self.last_row.map_or(rows.len(), |row| row + 1)
    }
}

fn named(row: &Row) -> impl Iterator<Item = (u32, String)> {
    row.cells().iter().map(|(column, cell)| (*column, Cell::to_text(cell).trim().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Row> {
        let row = |(i, cells): (usize, &&[&str])| {
            let cells = (0..).zip(cells.iter()).filter(|(_, c)| !c.is_empty());
            Row::new(i as u64 + 1, cells.map(|(column, c)| (column, Cell::Text((*c).to_string()))).collect())
        };
        rows.iter().enumerate().map(row).collect()
    }

    #[test]
    fn the_header_is_below_titles() {
        let rows = rows(&[
            &["Table 1"],
            &["By municipality"],
            &["code", "name", "2024"],
            &["2401", "Nordmaling", "7"],
        ]);
        let header = Header::of_fullest_row(&rows);
        assert_eq!(header.names(), ["code", "name", "2024"]);
        assert_eq!(header.first_data_row(&rows), 3);
        assert_eq!(header.columns_of(&["2024", "code"]), Some(vec![2, 0]));
        assert_eq!(header.columns_of(&["2025"]), None);
    }

    #[test]
    fn names_of_merged_cells_may_stand_in_different_rows() {
        let rows = rows(&[
            &["Table 1"],
            &["code", "persons", "", "households"],
            &["", "men", "women", ""],
            &["2401", "3", "4", "5"],
        ]);
        let (header, columns) = Header::with_names(&rows, &["code", "women", "households"]).unwrap();
        assert_eq!((header.first_data_row(&rows), columns), (3, vec![0, 2, 3]));
        assert_eq!(Header::with_names(&rows, &["code", "children"]), None);
    }

    #[test]
    fn a_row_that_has_all_names_wins_over_combined_ones() {
        let rows = rows(&[&["code", "x"], &["code", "name"], &["2401", "Nordmaling"]]);
        let (header, _) = Header::with_names(&rows, &["code", "name"]).unwrap();
        assert_eq!(header.first_data_row(&rows), 2);
    }

    #[test]
    fn an_empty_sheet_has_no_header() {
        let header = Header::of_fullest_row(&[]);
        assert!(header.names().is_empty());
        assert_eq!(header.first_data_row(&[]), 0);
    }
}

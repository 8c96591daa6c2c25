//! CSV out.

use crate::write_error::WriteError;
use csv::{Terminator, WriterBuilder};
use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};
use whitespot_model::table::{Table, Values};

/// Writes a table as CSV: UTF-8 without mark, comma, LF, quotes where needed; the first row is the names.
/// Missing is empty, truth values are `true` and `false`, reals have the fewest digits that read back the
/// same. A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return) gets an apostrophe before it; numbers stay numbers.
///
/// ```
/// use whitespot_model::table::{Table, Unit, Values};
///
/// let mut table = Table::default();
/// let names = vec![Some("Umeå".to_string()), Some("=1+1".to_string())];
/// table.push("name", Unit::Text, "namn", "name", Values::Text(names));
/// table.push("persons", Unit::Persons, "personer", "persons", Values::Int(vec![Some(12), None]));
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("areas.csv");
/// whitespot_table::write_csv(&path, &table)?;
/// assert_eq!(std::fs::read_to_string(&path)?, "name,persons\nUmeå,12\n'=1+1,\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file cannot be written.
pub fn write_csv(path: &Path, table: &Table) -> Result<(), WriteError> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        write_to(&mut file, table)?;
        file.flush()
    };
    write().map_err(|source| WriteError::Io { file: path.to_path_buf(), source })
}

fn write_to(out: impl Write, table: &Table) -> io::Result<()> {
    let mut csv = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
    csv.write_record(table.columns.iter().map(|c| neutralised(&c.name).into_owned()))?;
    for row in 0..table.n_rows() {
        for column in &table.columns {
            match &column.values {
                Values::Text(texts) => {
                    csv.write_field(neutralised(texts[row].as_deref().unwrap_or_default()).as_bytes())?;
                }
                Values::Real(reals) if reals[row].is_some_and(|v| !v.is_finite()) => csv.write_field("")?,
                values => csv.write_field(values.to_text(row))?,
            }
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

fn neutralised(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::Unit;

    fn written(columns: Vec<(&str, Values)>) -> String {
        let mut table = Table::default();
        for (name, values) in columns {
            table.push(name, Unit::Number, "", "", values);
        }
        let mut out = Vec::new();
        write_to(&mut out, &table).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn texts(values: &[&str]) -> Values {
        Values::Text(values.iter().map(|v| Some((*v).to_string())).collect())
    }

    #[test]
    fn only_what_needs_quotes_has_them() {
        let text = written(vec![("a", texts(&["x, y", "say \"no\"", "two\nlines", "0114", " Å "]))]);
        assert_eq!(text, "a\n\"x, y\"\n\"say \"\"no\"\"\"\n\"two\nlines\"\n0114\n Å \n");
    }

    #[test]
    fn formulas_are_neutralised_and_numbers_are_not() {
        let text = written(vec![
            ("t", texts(&["=A1", "+1", "-1", "@x", "\tx", "\rx", "a=b"])),
            ("n", Values::Int([-1, 2, -3, 4, 5, 6, 7].map(Some).to_vec())),
        ]);
        assert_eq!(text, "t,n\n'=A1,-1\n'+1,2\n'-1,-3\n'@x,4\n'\tx,5\n\"'\rx\",6\na=b,7\n");
    }

    #[test]
    fn missing_is_empty_and_reals_read_back_the_same() {
        let reals = vec![Some(0.1), Some(1e21), None, Some(f64::NAN), Some(-2.0)];
        let yes_no = vec![Some(true), Some(false), None, Some(true), None];
        let text = written(vec![("r", Values::Real(reals)), ("b", Values::Bool(yes_no))]);
        assert_eq!(text, "r,b\n0.1,true\n1000000000000000000000,false\n,\n,true\n-2,\n");
    }

    #[test]
    fn a_table_without_rows_is_a_header() {
        assert_eq!(written(vec![("a", texts(&[])), ("b", texts(&[]))]), "a,b\n");
    }
}

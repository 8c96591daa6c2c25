//! A second way to the same totals: polars' own group-by, for the differential tests of the whole run. Nothing
//! that is published goes through here.

use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PlSmallStr, Series, SortMultipleOptions,
};

/// Sums each column of `values` by key: one entry a key, in order of the keys' bytes, with a sum a column. A
/// missing value counts nothing, so the sum of missing values alone is 0.
///
/// ```
/// let keys = ["b", "a", "b"];
/// let persons = [Some(1.0), Some(2.0), None];
/// let sums = whitespot_table::reference::sum_by(&keys, &[&persons]);
/// assert_eq!(sums, [("a".to_string(), vec![2.0]), ("b".to_string(), vec![1.0])]);
/// ```
///
/// # Panics
/// When the columns are of unequal length: it is for tests.
#[must_use]
pub fn sum_by(keys: &[&str], values: &[&[Option<f64>]]) -> Vec<(String, Vec<f64>)> {
    let mut columns = vec![Series::new("key".into(), keys).into_column()];
    columns.extend(values.iter().enumerate().map(|(i, v)| Series::new(name(i), v).into_column()));
    let frame = DataFrame::new(keys.len(), columns).expect("the columns are of equal length");
    let sums = sum_of_groups(&frame, values.len());
    let sums = sums.sort(["key"], SortMultipleOptions::default()).expect("the key column is there");
    let column = |name: &str| sums.column(name).expect("named as asked for");
    let sums_of: Vec<Vec<f64>> =
        (0..values.len()).map(|i| numbers(column(&format!("{}_sum", name(i))))).collect();
    let keys = column("key").str().expect("keys are text");
    let entry = |(row, key): (usize, Option<&str>)| {
        (key.unwrap_or_default().to_string(), sums_of.iter().map(|sums| sums[row]).collect())
    };
    keys.iter().enumerate().map(entry).collect()
}

fn name(i: usize) -> PlSmallStr {
    format!("value_{i}").into()
}

/// The eager sum is marked deprecated in favour of the lazy one, whose features drag in an HTTP stack.
#[allow(deprecated)]
fn sum_of_groups(frame: &DataFrame, n_values: usize) -> DataFrame {
    let groups = frame.group_by_stable(["key"]).expect("the key column is there");
    if n_values == 0 {
        return DataFrame::new_infer_height(groups.keys()).expect("one column of keys");
    }
    groups.select((0..n_values).map(name)).sum().expect("numbers have a sum")
}

fn numbers(column: &Column) -> Vec<f64> {
    let column = column.cast(&DataType::Float64).expect("numbers");
    column.f64().expect("just cast").iter().map(|v| v.unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_by_key_and_missing_counts_nothing() {
        let keys = ["2401", "0114", "2401", "", "0114"];
        let persons = [Some(1.0), Some(2.0), Some(4.0), Some(8.0), None];
        let households = [None, Some(1.5), None, None, None];
        let expected = [("", [8.0, 0.0]), ("0114", [2.0, 1.5]), ("2401", [5.0, 0.0])];
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_string(), v.to_vec())).collect();
        assert_eq!(sum_by(&keys, &[&persons, &households]), expected);
    }

    #[test]
    fn without_rows_there_are_no_sums_and_without_values_only_keys() {
        assert_eq!(sum_by(&[], &[&[]]), []);
        assert_eq!(sum_by(&["b", "a", "b"], &[]), [("a".to_string(), vec![]), ("b".to_string(), vec![])]);
    }
}

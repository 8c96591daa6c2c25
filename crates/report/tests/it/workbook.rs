//! `areas.xlsx`: numbers are numbers, texts are texts, and both languages have their words.

use crate::{made_up, made_up_funding};
use calamine::{Data, Reader as _, Xlsx};
use std::io::Cursor;
use whitespot_model::{config::Lang, result::RunResult, suppress::public_result, table::Values};
use whitespot_report::render_xlsx;

fn open(result: &RunResult, lang: Lang) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(render_xlsx(result, lang).unwrap())).unwrap()
}

/// The cells of a sheet below its head, which is the row whose first cell is `first`.
fn rows(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, first: &str) -> Vec<Vec<Data>> {
    let range = book.worksheet_range(sheet).unwrap();
    let rows = range.rows().map(<[Data]>::to_vec).skip_while(|r| r[0] != first);
    rows.skip(1).collect()
}

#[test]
fn ranking_and_grants_are_numbers_in_the_order_of_the_result() {
    let result = made_up_funding::add_funding(made_up::vasterbotten());
    let mut book = open(&result, Lang::En);
    assert_eq!(book.sheet_names(), ["Ranking", "Need score", "Scenarios", "Grants", "Method"]);
    let ranked = rows(&mut book, "Ranking", "Rank");
    let ranking = result.ranking.as_ref().unwrap();
    for (row, area) in ranked.iter().zip(&ranking.order) {
        let area = &ranking.areas[*area as usize];
        assert_eq!(row[0], Data::Float(f64::from(area.rank.unwrap())));
        assert_eq!(row[1], Data::String(area.code.clone()));
        assert_eq!(row.last(), Some(&Data::Float(area.score.unwrap())));
    }
    let granted: f64 = rows(&mut book, "Grants", "Scenario")
        .iter()
        .filter_map(|row| row.last().and_then(calamine::DataType::as_f64))
        .sum();
    let spent: i64 = result.scenarios.iter().map(|s| s.allocation.spent_sek).sum();
    assert_eq!(granted, spent as f64);
}

#[test]
fn the_parts_of_a_score_add_up_in_the_workbook() {
    let result = made_up::vasterbotten();
    let mut book = open(&result, Lang::Sv);
    let parts = rows(&mut book, "Behovsindex", "Rang");
    let n = result.ranking.as_ref().unwrap().indicators.len();
    for area in parts.chunks(n) {
        let sum: f64 = area.iter().filter_map(|row| calamine::DataType::as_f64(&row[8])).sum();
        assert!((sum - calamine::DataType::as_f64(&area[0][9]).unwrap()).abs() < 1e-9);
    }
}

#[test]
fn a_name_that_looks_like_a_formula_stays_a_text() {
    let mut result = made_up::vasterbotten();
    let nasty = "=HYPERLINK(\"http://example.org\",\"x\")";
    for column in &mut result.areas.columns {
        if let (Values::Text(names), "area_name") = (&mut column.values, column.name.as_str()) {
            names[0] = Some(nasty.to_string());
        }
    }
    let mut book = open(&result, Lang::En);
    let is_there =
        rows(&mut book, "Ranking", "Rank").iter().any(|row| row[2] == Data::String(nasty.to_string()));
    assert!(is_there);
    for sheet in book.sheet_names() {
        assert_eq!(book.worksheet_formula(&sheet).unwrap().used_cells().count(), 0, "{sheet}");
    }
}

#[test]
fn the_same_result_gives_the_same_workbook() {
    let result = made_up_funding::add_funding(made_up::vasterbotten());
    assert_eq!(render_xlsx(&result, Lang::Sv).unwrap(), render_xlsx(&result, Lang::Sv).unwrap());
}

#[test]
fn what_is_withheld_is_empty_and_stands_together_in_one_line() {
    let mut result = made_up_funding::add_funding(made_up::vasterbotten());
    // A first candidate with three households, which is a small count.
    let code = result.scenarios[0].allocation.grants[0].code.clone();
    for scenario in &mut result.scenarios {
        for grant in scenario.allocation.grants.iter_mut().filter(|g| g.code == code) {
            (grant.gap_households, grant.households) = (3, 3);
        }
    }
    let public = public_result(&result, 5);
    let withheld = public.withheld.as_ref().unwrap();
    assert!(withheld.has(&public.scenarios[0].name, &code));
    let mut book = open(&public, Lang::En);
    let grants = rows(&mut book, "Grants", "Scenario");
    let of_code = grants.iter().find(|row| row[2] == Data::String(code.clone())).unwrap();
    assert!(of_code[8..].iter().all(|cell| *cell == Data::Empty), "{of_code:?}");
    assert!(grants.iter().any(|row| row[3].to_string().ends_with("few households, together")));
    let granted: f64 = grants.iter().filter_map(|row| row.last().and_then(calamine::DataType::as_f64)).sum();
    let spent: f64 =
        result.scenarios.iter().flat_map(|s| &s.allocation.grants).map(|g| g.grant_sek as f64).sum();
    assert_eq!(granted, spent);
    let page = whitespot_report::render_html(&public, Lang::En).unwrap();
    assert!(page.contains("withheld") && page.contains("few households, together"));
}

//! What must hold for every page.

use crate::{made_up, made_up_funding::add_funding};
use indexmap::IndexMap;
use std::collections::BTreeSet;
use whitespot_model::{config::Lang, result::RunResult, table::Values};
use whitespot_report::render_html;

const ATTACK: &str = "<img src=x onerror=alert(1)>\"'</script></title></svg>{{ 7919*7907 }}";

fn page(result: &RunResult, lang: Lang) -> String {
    render_html(result, lang).expect("the report can be written")
}

/// Values of an attribute, in the order of the page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    let result = add_funding(made_up::vasterbotten());
    for lang in [Lang::Sv, Lang::En] {
        assert_eq!(page(&result, lang), page(&result, lang));
    }
}

#[test]
fn the_page_names_its_language_and_its_other_language() {
    let result = add_funding(made_up::vasterbotten());
    let sv = page(&result, Lang::Sv);
    assert!(sv.starts_with("<!doctype html>\n<html lang=\"sv\">"));
    assert!(sv.contains("<title>Bredbandsluckor i Västerbotten 2026</title>"));
    assert!(sv.contains("href=\"report.en.html\""));
    let en = page(&result, Lang::En);
    assert!(en.contains("<html lang=\"en\">"));
    assert!(en.contains("<title>Broadband gaps in Västerbotten 2026</title>"));
}

#[test]
fn numbers_are_written_as_the_language_writes_them() {
    let result = add_funding(made_up::vasterbotten());
    assert!(page(&result, Lang::Sv).contains("av 281\u{a0}350 personer"));
    assert!(page(&result, Lang::En).contains("of 281,350 people"));
}

#[test]
fn nothing_on_the_page_comes_from_elsewhere() {
    let html = page(&add_funding(made_up::vasterbotten()), Lang::En);
    for needle in [
        "http://",
        "https://",
        "//cdn",
        "@import",
        "url(http",
        "fetch(",
        "XMLHttpRequest",
        "<link rel=\"stylesheet",
    ] {
        assert!(!html.contains(needle), "{needle}");
    }
    assert_eq!(attributes(&html, "src"), Vec::<&str>::new());
    for href in attributes(&html, "href") {
        assert!(!href.contains(':') || href == "data:,", "{href}");
    }
}

#[test]
fn every_link_inside_the_page_leads_somewhere_and_ids_are_unique() {
    let html = page(&add_funding(made_up::vasterbotten()), Lang::Sv);
    let ids = attributes(&html, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for href in attributes(&html, "href").into_iter().filter(|h| h.starts_with('#')) {
        assert!(unique.contains(&href[1..]), "{href}");
    }
    for name in ["aria-labelledby", "aria-describedby", "aria-controls"] {
        for id in attributes(&html, name) {
            assert!(unique.contains(id), "{name}={id}");
        }
    }
}

#[test]
fn headings_form_an_outline_without_gaps() {
    let html = page(&add_funding(made_up::vasterbotten()), Lang::Sv);
    let levels: Vec<u32> = html
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next().and_then(|c| c.to_digit(10)))
        .collect();
    assert_eq!(levels.iter().filter(|&&l| l == 1).count(), 1);
    assert_eq!(levels[0], 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "{levels:?}");
    }
}

#[test]
fn the_table_comes_before_the_map_and_holds_every_area() {
    let html = page(&add_funding(made_up::vasterbotten()), Lang::Sv);
    assert!(html.find("id=\"ranked\"").unwrap() < html.find("<svg id=\"map\"").unwrap());
    for i in 0..15 {
        assert!(html.contains(&format!("<tr id=\"a{i}\"")), "row {i}");
        assert!(html.contains(&format!("<a id=\"m{i}\"")), "shape {i}");
    }
}

#[test]
fn made_up_data_are_called_so_at_the_top() {
    let mut result = add_funding(made_up::vasterbotten());
    let html = page(&result, Lang::Sv);
    assert!(html.find("Delar av underlaget är påhittade").unwrap() < html.find("<main").unwrap());
    for input in &mut result.inputs {
        input.synthetic = false;
    }
    assert!(!page(&result, Lang::Sv).contains("påhittade"));
}

#[test]
fn names_from_data_cannot_become_markup() {
    let mut result = add_funding(made_up::vasterbotten());
    let n = result.areas.n_rows();
    for table in [&mut result.areas, &mut result.parents] {
        for column in &mut table.columns {
            if let (Values::Text(texts), "area_name") = (&mut column.values, column.name.as_str()) {
                texts.fill(Some(ATTACK.to_string()));
            }
        }
    }
    assert_eq!(result.areas.n_rows(), n);
    result.title = whitespot_model::config::Title::One(ATTACK.into());
    result.run_id = ATTACK.into();
    for input in &mut result.inputs {
        for text in [&mut input.role, &mut input.file, &mut input.format, &mut input.sha256] {
            *text = ATTACK.into();
        }
        input.owner = Some(ATTACK.into());
        input.date = Some(ATTACK.into());
        input.licence = Some(ATTACK.into());
    }
    for finding in &mut result.findings {
        finding.message = ATTACK.into();
        finding.hint = Some(ATTACK.into());
        finding.examples = vec![ATTACK.into()];
    }
    for scenario in &mut result.scenarios {
        scenario.config.title = Some(whitespot_model::config::Title::One(ATTACK.into()));
        scenario.allocation.profile = Some(ATTACK.into());
        scenario.allocation.rule = whitespot_model::funding::RuleName::Profile;
        for grant in &mut scenario.allocation.grants {
            grant.name = ATTACK.into();
        }
        for (candidate, ineligible) in scenario.candidates.rows.iter_mut().zip(std::iter::repeat(ATTACK)) {
            candidate.name = ineligible.into();
        }
        for parent in &mut scenario.allocation.outcome.parents {
            parent.name = ATTACK.into();
        }
    }
    for actor in result.consultation.iter_mut().flat_map(|c| &mut c.actors) {
        actor.name = ATTACK.into();
    }
    for service in result.services.values_mut() {
        service.title = Some(whitespot_model::config::Title::One(ATTACK.into()));
    }
    let result = with_clusters(result, ATTACK);
    for lang in [Lang::Sv, Lang::En] {
        let html = page(&result, lang);
        assert!(!html.contains("<img"), "an element got in");
        assert!(!html.contains("62615533"), "a template ran");
        assert_eq!(html.matches("</script>").count(), 4);
        assert_eq!(html.matches("</svg>").count(), html.matches("<svg").count());
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    }
}

/// Two clusters of `fixed_100` in the first area, the second small enough to be withheld.
fn with_clusters(mut result: RunResult, name: &str) -> RunResult {
    use whitespot_model::{
        clusters::ClustersResult,
        result::MapShapes,
        table::{Table, Unit},
    };
    let map = result.map.clone().unwrap();
    let square = |at: i32| vec![vec![[at, at], [at + 4, at], [at + 4, at + 4], [at, at + 4]]];
    let mut table = Table::default();
    let text = |values: [&str; 2]| Values::Text(values.map(|v| Some(v.to_string())).to_vec());
    let int = |values: [i64; 2]| Values::Int(values.map(Some).to_vec());
    let code = columns_text(&result, "area_code", 0);
    table.push("cluster_code", Unit::Text, "", "", text(["k1", "k2"]));
    table.push("cluster_name", Unit::Text, "", "", text([name, name]));
    table.push("service", Unit::Text, "", "", text(["fixed_100"; 2]));
    table.push("area_code", Unit::Text, "", "", text([&code, &code]));
    table.push("persons", Unit::Persons, "", "", int([7, 120]));
    table.push("households", Unit::Households, "", "", int([3, 61]));
    table.push("distance_m", Unit::Metres, "", "", Values::Real(vec![Some(1234.4), None]));
    table.push("cost_sek", Unit::Sek, "", "", int([250_000, 4_100_000]));
    table.push(
        "cost_per_household_sek",
        Unit::Sek,
        "",
        "",
        Values::Real(vec![Some(83_333.0), Some(67_213.1)]),
    );
    table.push("score", Unit::Number, "", "", Values::Real(vec![Some(0.25), Some(0.75)]));
    table.push("rank", Unit::Rank, "", "", int([2, 1]));
    result.clusters = Some(ClustersResult {
        link_m: 500.0,
        lattice_m: 250.0,
        across_parents: false,
        table,
        trench: Table::default(),
        map: Some(MapShapes { areas: vec![square(10), square(30)], ..map }),
        rankings: IndexMap::new(),
        robustness: IndexMap::new(),
    });
    result
}

fn columns_text(result: &RunResult, column: &str, row: usize) -> String {
    result.areas.column(column).unwrap().values.to_text(row)
}

#[test]
fn clusters_stand_by_rank_with_their_cost_and_on_the_map() {
    let html = page(&with_clusters(add_funding(made_up::vasterbotten()), "Byn"), Lang::Sv);
    let section = html.split("<section id=\"clusters\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(section.find("4\u{a0}100\u{a0}000").unwrap() < section.find("250\u{a0}000").unwrap());
    assert!(section.contains("1\u{a0}234") && section.contains("0,750"));
    assert!(section.contains("id=\"k0-0\" class=\"dot-size s2\"") && section.contains("id=\"k0-1\""));
    let without = page(&add_funding(made_up::vasterbotten()), Lang::Sv);
    assert!(!without.contains("id=\"clusters\""));
}

#[test]
fn what_is_withheld_of_a_cluster_is_said_to_be() {
    let mut result = with_clusters(add_funding(made_up::vasterbotten()), "Byn");
    result.clusters.as_mut().unwrap().withhold_households_below(5);
    let html = page(&result, Lang::En);
    let section = html.split("<section id=\"clusters\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(section.contains("withheld") && !section.contains("250,000") && !section.contains("83,333"));
}

#[test]
fn an_analysis_without_map_ranking_or_services_is_still_a_page() {
    let mut result = add_funding(made_up::vasterbotten());
    result.map = None;
    result.ranking = None;
    result.scenarios.clear();
    (result.comparison, result.robustness, result.consultation) = (None, None, None);
    let html = page(&result, Lang::Sv);
    assert!(html.contains("Områdena har inga ytor att rita"));
    assert!(!html.contains("Behovsindex"));

    result.services.clear();
    result.shown_service = None;
    result.inputs.clear();
    result.findings.clear();
    assert!(page(&result, Lang::En).contains("asks for no service"));
}

#[test]
fn areas_where_nobody_lives_are_said_so_and_not_coloured() {
    let result = made_up::grid(3, 3, 2);
    let html = page(&result, Lang::En);
    assert!(html.contains("nobody lives here"));
    assert!(html.contains("class=\"kn\""));
}

#[test]
fn hundreds_of_areas_stay_light() {
    let html = page(&add_funding(made_up::grid(20, 15, 24)), Lang::Sv);
    assert!(html.len() < 3_000_000, "{} bytes", html.len());
}

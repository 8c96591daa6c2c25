//! The JSON schema of the analysis file that ships in `data/`.

use crate::world::root;
use whitespot_model::config::Analysis;

#[test]
fn the_schema_in_data_is_that_of_the_code() {
    let file = root().join("data/whitespot.schema.json");
    let now = serde_json::to_string_pretty(&schemars::schema_for!(Analysis)).unwrap() + "\n";
    if std::env::var_os("WHITESPOT_UPDATE").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap();
    assert!(there == now, "write it again: WHITESPOT_UPDATE=1 cargo test --test end_to_end schema");
}

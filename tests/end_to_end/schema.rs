//! The JSON schema of the analysis file that ships in `data/`.

use crate::world::root;
use whitespot_model::config::Analysis;

#[test]
fn the_schema_in_data_is_that_of_the_code() {
    let file = root().join("data/whitespot.schema.json");
    let now = serde_json::to_value(schemars::schema_for!(Analysis)).unwrap();
    if std::env::var_os("WHITESPOT_UPDATE").is_some() {
        std::fs::write(&file, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    let there: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert!(there == now, "write it again: WHITESPOT_UPDATE=1 cargo test --test end_to_end schema");
}

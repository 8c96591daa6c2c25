//! What services and indicators are called where people read: their titles, else words for what they measure.

use crate::{
    config::{Lang, need::Derive},
    result::RunResult,
};

impl RunResult {
    /// A service for people: its title, else its own name with spaces.
    pub fn service_label(&self, name: &str, lang: Lang) -> String {
        match self.services.get(name).and_then(|s| s.title.as_ref()) {
            Some(title) => title.in_lang(lang).to_string(),
            None => name.replace('_', " "),
        }
    }

    /// An indicator for people: its title, else what it is derived from, else its own name with spaces.
    pub fn indicator_label(&self, id: &str, lang: Lang) -> String {
        let named = self.analysis.iter().filter_map(|a| a.need.as_ref()).flat_map(|need| &need.indicators);
        let config = named.into_iter().find(|i| i.id == id);
        if let Some(title) = config.and_then(|c| c.title.as_ref()) {
            return title.in_lang(lang).to_string();
        }
        let derived = config.and_then(|c| c.derive.as_ref()).map(|d| self.derived_label(d, lang));
        derived.unwrap_or_else(|| id.replace('_', " "))
    }

    fn derived_label(&self, derive: &Derive, lang: Lang) -> String {
        let service = |name: &String| self.service_label(name, lang);
        let services = |names: &[String]| {
            let names: Vec<String> = names.iter().map(service).collect();
            names.join(if lang == Lang::Sv { " och " } else { " and " })
        };
        let say = |sv: &str, en: &str| if lang == Lang::Sv { sv.to_string() } else { en.to_string() };
        let of = |sv: &str, en: &str, what: String| format!("{} {what}", say(sv, en));
        let column = |name: &String| name.replace('_', " ");
        match derive {
            Derive::Persons => say("personer", "people"),
            Derive::Households => say("hushåll", "households"),
            Derive::Workplaces => say("arbetsställen", "workplaces"),
            Derive::Density => say("personer per km²", "people per km²"),
            Derive::ReachedPersons(s) => of("personer med", "people with", service(s)),
            Derive::ReachedHouseholds(s) => of("hushåll med", "households with", service(s)),
            Derive::ReachedWorkplaces(s) => of("arbetsställen med", "workplaces with", service(s)),
            Derive::ReachedShare(s) => of("andel personer med", "share of people with", service(s)),
            Derive::GapPersons(s) => of("personer utan", "people without", service(s)),
            Derive::GapHouseholds(s) => of("hushåll utan", "households without", service(s)),
            Derive::GapWorkplaces(s) => of("arbetsställen utan", "workplaces without", service(s)),
            Derive::GapShare(s) => of("andel personer utan", "share of people without", service(s)),
            Derive::GapPersonsAll(s) => of("personer utan både", "people without both", services(s)),
            Derive::GapShareAll(s) => {
                of("andel personer utan både", "share of people without both", services(s))
            }
            Derive::SinglePathPersons(s) => {
                of("personer med bara en väg till", "people with a single path to", service(s))
            }
            Derive::SinglePathShare(s) => {
                of("andel personer med bara en väg till", "share of people with a single path to", service(s))
            }
            Derive::WhitePersons(s) => of("personer på vita platser:", "people in white places:", service(s)),
            Derive::WhiteShare(s) => of("andel på vita platser:", "share in white places:", service(s)),
            Derive::GreyPersons(s) => of("personer på grå platser:", "people in grey places:", service(s)),
            Derive::GreyShare(s) => of("andel på grå platser:", "share in grey places:", service(s)),
            Derive::BlackPersons(s) => {
                of("personer på svarta platser:", "people in black places:", service(s))
            }
            Derive::BlackShare(s) => of("andel på svarta platser:", "share in black places:", service(s)),
            Derive::OperatorsPersons(o) => {
                let n = o.operators;
                of(
                    &format!("personer med {n} operatörer:"),
                    &format!("people with {n} operators:"),
                    service(&o.service),
                )
            }
            Derive::OperatorsShare(o) => {
                let n = o.operators;
                of(
                    &format!("andel med {n} operatörer:"),
                    &format!("share with {n} operators:"),
                    service(&o.service),
                )
            }
            Derive::DistanceMeanM(s) => of("medelavstånd till", "mean distance to", service(s)),
            Derive::DistanceMedianM(s) => of("medianavstånd till", "median distance to", service(s)),
            Derive::DistanceP90M(s) => {
                of("avstånd till (nio av tio)", "distance to (nine in ten)", service(s))
            }
            Derive::Shortfall(s) => {
                of("andel som saknas till målet för", "share short of the target for", service(s))
            }
            Derive::ShortfallPersons(s) => {
                of("personer som saknas till målet för", "people short of the target for", service(s))
            }
            Derive::CostPerHousehold(model) => {
                of("kostnad per hushåll för", "cost per household of", service(model))
            }
            Derive::SettlementSum(c) => of("summa av", "sum of", column(c)),
            Derive::SettlementMean(c) | Derive::SettlementWeightedMean(c) => {
                of("medelvärde av", "mean of", column(c))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Analysis;

    #[test]
    fn indicators_are_called_by_their_title_else_by_what_they_measure() {
        let analysis: Analysis = toml::from_str(
            "schema = 1\ncrs = 'EPSG:3006'\n[settlements]\nfile = 'a'\n[areas]\nfile = 'b'\n[need]\nindicators = [\n\
             { id = 'gap', derive = { gap_share = 'fixed_100' } },\n\
             { id = 'old', file = 'c', title = { sv = 'andel gamla', en = 'share of the old' } },\n\
             { id = 'far_away', file = 'd' } ]\n",
        )
        .unwrap();
        let mut run: RunResult = serde_json::from_value(serde_json::json!({
            "schema": 1, "run_id": "0", "version": "0", "title": "x", "language": ["sv"], "crs": "EPSG:3006",
            "inputs": [], "findings": [], "services": { "fixed_100": { "title": "fast bredband" } },
            "shown_service": null, "has_households": false, "has_workplaces": false,
            "total": { "settlements": 0, "persons": 0, "households": 0, "workplaces": 0 },
            "areas": { "columns": [] }, "parents": { "columns": [] }, "totals": { "columns": [] },
            "map": null, "ranking": null, "scenarios": [], "formats": []
        }))
        .unwrap();
        run.analysis = Some(Box::new(analysis));
        assert_eq!(run.indicator_label("gap", Lang::Sv), "andel personer utan fast bredband");
        assert_eq!(run.indicator_label("gap", Lang::En), "share of people without fast bredband");
        assert_eq!(run.indicator_label("old", Lang::En), "share of the old");
        assert_eq!(run.indicator_label("far_away", Lang::En), "far away");
        assert_eq!(run.indicator_label("no_such", Lang::En), "no such");
    }
}

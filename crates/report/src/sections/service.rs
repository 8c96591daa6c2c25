//! Services in words.

use super::Pen;
use whitespot_model::{
    config::{OneOrMany, ServiceConfig},
    coverage::{Basis, Kind, Status},
    result::RunResult,
};

/// The name of a service for people: its title, else its own name with spaces.
pub(crate) fn label(result: &RunResult, name: &str, pen: &Pen) -> String {
    result.service_label(name, pen.lang)
}

/// The rule of a service as a phrase: `fixed connection, at least 100 Mbit/s down`.
pub(crate) fn rule(result: &RunResult, service: &ServiceConfig, pen: &Pen) -> String {
    let mut parts: Vec<String> = Vec::new();
    let names = |names: &[String]| -> Vec<String> { names.iter().map(|n| label(result, n, pen)).collect() };
    if let Some(any) = &service.any_of {
        parts.push(pen.fill("service.any_of", &[("names", &pen.list(&names(any)))]));
    }
    if let Some(all) = &service.all_of {
        parts.push(pen.fill("service.all_of", &[("names", &pen.list(&names(all)))]));
    }
    match service.kind {
        Some(Kind::Fixed) => parts.push(pen.text("service.fixed")),
        Some(Kind::Mobile) => parts.push(pen.text("service.mobile")),
        None => {}
    }
    if let Some(technologies) = &service.technology {
        let names: Vec<String> = technologies.as_slice().iter().map(|t| written(t.name())).collect();
        parts.push(pen.fill("service.technology", &[("names", &names.join(", "))]));
    }
    let speed = |v: f64| crate::format::number(v, pen.lang);
    if let Some(v) = service.min_download_mbps {
        parts.push(pen.fill("service.down", &[("mbps", &speed(v))]));
    }
    if let Some(v) = service.min_upload_mbps {
        parts.push(pen.fill("service.up", &[("mbps", &speed(v))]));
    }
    if let Some(v) = service.min_level {
        parts.push(pen.fill("service.level", &[("level", &speed(v))]));
    }
    if let Some(operators) = &service.operator {
        parts.push(pen.fill("service.operator", &[("names", &operators.as_slice().join(", "))]));
    }
    if let Some(bases) = &service.basis {
        let names: Vec<String> = bases.as_slice().iter().map(|&b| basis(b, pen)).collect();
        parts.push(pen.fill("service.basis", &[("names", &names.join(", "))]));
    }
    let statuses = service.status.as_ref().map_or(&[][..], OneOrMany::as_slice);
    if statuses.contains(&Status::Planned) {
        parts.push(match service.ready_by.as_ref() {
            Some(day) => pen.fill("service.planned_by", &[("day", &day.0)]),
            None => pen.text("service.planned"),
        });
    } else {
        parts.push(pen.text("service.existing"));
    }
    parts.join("; ")
}

fn basis(basis: Basis, pen: &Pen) -> String {
    pen.text(match basis {
        Basis::Connected => "service.connected",
        Basis::Passed => "service.passed",
        Basis::ModelledSignal => "service.modelled",
        Basis::Measured => "service.measured",
    })
}

/// Writes `4g` as `4G` and leaves the other names.
fn written(technology: &str) -> String {
    if technology.starts_with(|c: char| c.is_ascii_digit()) {
        technology.to_uppercase()
    } else {
        technology.to_string()
    }
}

//! Coverage from a GeoTIFF: the pixels that reach `min_value`, with the layer's constant attributes.

use super::{LoadedLayer, Reading, Wide, attributes::Attributes};
use crate::{
    Failure,
    source::{Checksum, Columns, SourceRef},
};
use whitespot_model::{
    config::{CoverageConfig, source::Date},
    features::{Features, SourceSchema},
    finding::Finding,
    provenance::{Loaded, RowBalance},
};

/// Reads a raster as a layer of one feature. Its attributes must be constants; rows are pixels with data.
pub(super) fn read(
    config: &CoverageConfig,
    source: &SourceRef<'_>,
    schema: &SourceSchema,
) -> Result<Loaded<LoadedLayer>, Failure> {
    let mut failure = Failure::new();
    let mut columns = Columns::default();
    let attributes = Attributes::resolve(config, source, schema, &mut columns, &mut failure);
    if !columns.is_empty() && failure.is_empty() {
        failure.push(
            Finding::error(
                "raster_attributes",
                source.name(),
                format!("the attributes of `{}` are read from fields, and a GeoTIFF has none", source.name()),
            )
            .with_hint(format!("write constants in section `{}`", source.section)),
        );
    }
    let crs = source.crs(schema.crs.as_ref()).map_err(|f| failure.extend(f)).ok();
    let (Some((crs, declaration)), true) = (crs, failure.is_empty()) else { return Err(failure) };
    let checksum = Checksum::start(source.path());
    let min_value = config.min_value.unwrap_or(1.0);
    let raster = whitespot_io::read_raster_coverage(&source.path(), min_value)
        .map_err(|e| vec![source.finding_of(&e)])?;
    let wide = Wide::resolve(
        &CoverageConfig { value: None, ..config.clone() },
        source,
        schema,
        &mut columns,
        &mut failure,
    );
    let rows = RowBalance { read: raster.n_pixels, accepted: raster.n_pixels, ..RowBalance::default() };
    let mut reading = Reading::new(config, declaration, &attributes, &wide);
    reading.rows = rows;
    reading.layer.places = vec![1];
    let nothing = Features::default();
    let texts = attributes.texts(&nothing, 0);
    let offer = reading.offer(&texts, 1, &mut String::new());
    let mut findings = reading.findings(source);
    let name = source.name();
    if raster.n_covered == 0 {
        findings.push(
            Finding::warning(
                "raster_reaches_nobody",
                &name,
                format!("no pixel of `{name}` reaches `min_value` = {min_value}"),
            )
            .with_evidence(format!("its values lie in {} – {}", raster.range.0, raster.range.1))
            .with_hint(format!("set `min_value` in section `{}`, such as -105 for dBm", source.section)),
        );
    }
    let Reading { mut layer, offers, .. } = reading;
    layer.offers = offers;
    layer.feature_offers = vec![offer];
    layer.shapes = raster.shapes;
    findings.extend(
        crs.accuracy_note()
            .map(|note| Finding::note("crs_accuracy", &name, format!("{}: {note}", crs.code()))),
    );
    let mut provenance = source.provenance(schema, crs.code(), checksum, rows)?;
    if let Some(Date(day)) = &config.reported {
        provenance.date = Some(day.clone());
    }
    Ok(Loaded {
        value: LoadedLayer { layer, crs, area_keyed: Vec::new(), n_unread: 0, skipped: Default::default() },
        findings,
        provenance,
    })
}

//! Distances from unreached settlements to the nearest reached one or to the network, once all settlements are known.

use crate::{failure::Failure, inputs::Inputs, settlement_rows::SettlementWriter};
use geo_types::Coord;
use whitespot_model::{reached::Reached, service::ServiceSet, settlement::SettlementBatch, shapes::Part};
use whitespot_spatial::{crs::Transform, segment::Segment};

/// Settlements kept for distances: 16 bytes of position, 8 of persons and area, and one word of offers each.
pub(crate) struct DistanceStage {
    services: Vec<usize>,
    points: Vec<Coord<f64>>,
    persons: Vec<u32>,
    areas: Vec<u32>,
    offers: Vec<u64>,
    n_words: usize,
    /// Whole batches, where rows are written once distances are known.
    batches: Vec<(SettlementBatch, Reached)>,
    n_services: usize,
}

impl DistanceStage {
    pub(crate) fn new(services: &ServiceSet) -> DistanceStage {
        DistanceStage {
            services: (0..services.services.len()).filter(|&s| services.services[s].wants.distance).collect(),
            points: Vec::new(),
            persons: Vec::new(),
            areas: Vec::new(),
            offers: Vec::new(),
            n_words: 1,
            batches: Vec::new(),
            n_services: services.services.len(),
        }
    }

    /// Memory of what is kept a settlement, in bytes.
    pub(crate) fn n_bytes(&self) -> usize {
        16 * self.points.capacity()
            + 4 * (self.persons.capacity() + self.areas.capacity())
            + 8 * self.offers.capacity()
    }

    pub(crate) fn is_wanted(&self) -> bool {
        !self.services.is_empty()
    }

    pub(crate) fn keep(
        &mut self,
        batch: &SettlementBatch,
        reached: &Reached,
        points: &[Coord<f64>],
        keeps_batch: bool,
    ) {
        if !self.is_wanted() {
            return;
        }
        self.points.extend_from_slice(points);
        self.persons.extend_from_slice(&batch.persons);
        self.areas.extend_from_slice(&reached.areas);
        self.offers.extend_from_slice(&reached.offers);
        self.n_words = reached.n_words;
        if keeps_batch {
            self.batches.push((batch.clone(), reached.clone()));
        }
    }

    /// Per service that wants it: the distance of every settlement; 0 for reached ones, `None` where nothing
    /// is reached.
    pub(crate) fn measure(&self, inputs: &Inputs) -> Vec<Vec<Option<f64>>> {
        self.services
            .iter()
            .map(|&s| {
                let service = &inputs.services.services[s];
                let is_reached: Vec<bool> =
                    self.offers.chunks(self.n_words).map(|offers| service.is_reached(offers)).collect();
                let pick = |wanted: bool| -> Vec<Coord<f64>> {
                    self.points
                        .iter()
                        .zip(&is_reached)
                        .filter(|(_, r)| **r == wanted)
                        .map(|(p, _)| *p)
                        .collect()
                };
                let network = network_of(inputs, s);
                let mut found =
                    whitespot_spatial::nearest::nearest_distances_m(&pick(false), &pick(true), &network)
                        .into_iter();
                is_reached.iter().map(|r| if *r { Some(0.0) } else { found.next().flatten() }).collect()
            })
            .collect()
    }

    pub(crate) fn by_area(&self, measured: &[Vec<Option<f64>>]) -> Vec<Option<Vec<(u32, f64, u32)>>> {
        let mut by_service = vec![None; self.n_services];
        for (&s, distances) in self.services.iter().zip(measured) {
            let rows = distances
                .iter()
                .enumerate()
                .filter_map(|(i, d)| d.filter(|d| *d > 0.0).map(|d| (self.areas[i], d, self.persons[i])));
            by_service[s] = Some(rows.collect());
        }
        by_service
    }

    pub(crate) fn write_rows(
        &self,
        writer: &mut SettlementWriter,
        measured: &[Vec<Option<f64>>],
        inputs: &Inputs,
    ) -> Result<(), Failure> {
        let mut first = 0;
        for (batch, reached) in &self.batches {
            let rows = first..first + batch.len();
            let distances: Vec<(usize, &[Option<f64>])> =
                self.services.iter().zip(measured).map(|(&s, d)| (s, &d[rows.clone()])).collect();
            writer.write(batch, reached, &self.points[rows.clone()], &distances, inputs)?;
            first = rows.end;
        }
        Ok(())
    }
}

/// Lines and points of the layers that can satisfy a service, in the analysis CRS, as segments.
pub(crate) fn network_of(inputs: &Inputs, service: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    for &l in inputs.services.services[service].layers() {
        let layer = &inputs.layers[l];
        let transform = Transform::new(&inputs.layer_crs[l], &inputs.crs);
        for f in 0..layer.shapes.n_features() {
            let parts = layer.shapes.parts_of(f).filter(|&p| layer.shapes.parts[p] != Part::Polygon);
            for ring in parts.flat_map(|p| layer.shapes.rings_of(p)) {
                let points: Vec<Coord<f64>> =
                    layer.shapes.ring(ring).iter().filter_map(|c| transform.apply(*c)).collect();
                match points.as_slice() {
                    [one] => segments.push(Segment { a: *one, b: *one }),
                    many => segments.extend(many.windows(2).map(|w| Segment { a: w[0], b: w[1] })),
                }
            }
        }
    }
    segments
}

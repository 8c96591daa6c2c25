//! Clusters as the areas of a run.

use crate::{
    failure::Failure,
    inputs::Inputs,
    join::{self, Joined},
    results::Staging,
    settlement_rows::SettlementWriter,
};
use whitespot_model::{
    area::{OUTSIDE, Parent},
    config::Analysis,
};

/// Makes the clusters of `areas.clusters` the areas of the run, and what the join took for areas their parents: whoever
/// is in no cluster is then outside all areas. Writes the rows of settlements, which waited for their areas.
///
/// # Errors
/// A results folder that cannot be written.
pub(crate) fn become_areas(
    analysis: &Analysis,
    inputs: &mut Inputs,
    joined: &mut Joined,
    staging: &Staging,
) -> Result<(), Failure> {
    let Some((s, _)) = analysis.areas.clusters.as_ref().and_then(|name| inputs.services.get(name)) else {
        return Ok(());
    };
    let parents: Vec<Parent> = std::iter::zip(&inputs.areas.codes, &inputs.areas.names)
        .map(|(code, name)| Parent { code: code.clone(), name: name.clone() })
        .collect();
    let ground = &mut joined.ground;
    for clusters in ground.clusters.values_mut() {
        clusters.areas.parents.clone_from(&parents);
        clusters.areas.parent_of = clusters.rows.iter().map(|c| c.area).collect();
    }
    let Some(clusters) = ground.clusters.get(&s) else { return Ok(()) };
    let (areas, of_settlement) = (clusters.areas.clone(), clusters.of_settlement.clone());
    ground.kept.reached.areas = of_settlement;
    for (other, clusters) in &mut ground.clusters {
        for (c, cluster) in clusters.rows.iter_mut().enumerate() {
            let mut rows = cluster.members.iter().map(|&m| ground.unreached[other].rows[m as usize]);
            let area = rows.next().map_or(OUTSIDE, |i| ground.kept.reached.areas[i as usize]);
            cluster.area = if *other == s { Some(c as u32) } else { Some(area).filter(|a| *a != OUTSIDE) };
        }
    }
    joined.tally = join::tally_in_parallel(&ground.kept.settlements, &ground.kept.reached);
    for other in (0..inputs.services.services.len()).filter(|&s| inputs.services.services[s].wants.distance) {
        let row = |(i, d): (u32, Option<f64>)| {
            let (area, persons) = (
                joined.ground.kept.reached.areas[i as usize],
                joined.ground.kept.settlements.persons[i as usize],
            );
            d.filter(|d| *d > 0.0).map(|d| (area, d, persons))
        };
        let distances = joined.ground.distances(other).filter_map(row).collect();
        joined.set_distances(other, distances);
    }
    inputs.areas = areas;
    inputs.areas_crs = Some(inputs.crs.clone());
    if analysis.outputs.settlements && staging.is_somewhere() {
        write_rows(analysis, inputs, joined, staging)?;
    }
    Ok(())
}

/// Writes one row a settlement, with the cluster as its area.
fn write_rows(
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
    staging: &Staging,
) -> Result<(), Failure> {
    let kept = &joined.ground.kept;
    let by_service: Vec<(usize, Vec<Option<f64>>)> = (0..inputs.services.services.len())
        .filter(|&s| inputs.services.services[s].wants.distance)
        .map(|s| {
            let mut metres = vec![Some(0.0); kept.len()];
            joined.ground.distances(s).for_each(|(i, d)| metres[i as usize] = d);
            (s, metres)
        })
        .collect();
    let distances: Vec<(usize, &[Option<f64>])> =
        by_service.iter().map(|(s, d)| (*s, d.as_slice())).collect();
    let mut writer = SettlementWriter::create(staging, analysis, inputs, &joined.facts)?;
    writer.write(&kept.settlements, &kept.reached, &kept.settlements.points, &distances, inputs)?;
    writer.finish()
}

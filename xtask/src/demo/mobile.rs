//! Four invented mobile networks, 4G and 5G: masts, distance and a made-up terrain, contoured.

use super::contours::{Field, high_ground};
use super::dice::Dice;
use super::ground::{Plane, distance_m, rounded};
use super::settlements::Region;
use super::source::Source;
use geo::{Coord, MapCoords, MultiPolygon};

/// What one operator claims for one technology.
pub(super) struct MobileArea {
    pub(super) operator: &'static str,
    pub(super) technology: &'static str,
    pub(super) download_mbps: u32,
    /// In degrees, 5 decimals.
    pub(super) outline: MultiPolygon<f64>,
}

/// How one network is built.
struct Network {
    operator: &'static str,
    technology: &'static str,
    download_mbps: u32,
    /// Typical reach of a mast, metres.
    reach_m: f64,
    /// Chance that a village, a stretch of main road, a stretch of other road and a hamlet has a mast.
    masts: [f64; 4],
    /// Step of the drawing, metres.
    step_m: f64,
}

const fn network(operator: &'static str, technology: &'static str, reach_m: f64, masts: [f64; 4]) -> Network {
    let (download_mbps, step_m) = if technology.as_bytes()[0] == b'4' { (30, 1_000.0) } else { (100, 520.0) };
    Network { operator, technology, download_mbps, reach_m, masts, step_m }
}

const NETWORKS: [Network; 8] = [
    network("Mobil Alfa", "4g", 6_900.0, [0.95, 0.70, 0.42, 0.016]),
    network("Mobil Alfa", "5g", 4_400.0, [0.70, 0.50, 0.04, 0.001]),
    network("Mobil Beta", "4g", 6_500.0, [0.85, 0.65, 0.35, 0.010]),
    network("Mobil Beta", "5g", 4_500.0, [0.50, 0.30, 0.02, 0.000]),
    network("Mobil Gamma", "4g", 6_300.0, [0.80, 0.60, 0.30, 0.008]),
    network("Mobil Gamma", "5g", 4_200.0, [0.35, 0.20, 0.00, 0.000]),
    network("Mobil Delta", "4g", 6_200.0, [0.65, 0.50, 0.18, 0.004]),
    network("Mobil Delta", "5g", 4_000.0, [0.20, 0.10, 0.00, 0.000]),
];

/// Roughly how far apart masts along roads stand, metres.
const ROAD_STEP_M: f64 = 9_000.0;
/// South-west corner and size of the drawing.
const CORNER: Coord<f64> = Coord { x: 14.1, y: 63.25 };
const WIDTH_M: f64 = 372_000.0;
const HEIGHT_M: f64 = 352_000.0;
/// The smallest part or hole an operator would draw, square metres.
const MIN_AREA_M2: f64 = 1.8e6;

/// Draws the eight layers.
pub(super) fn draw_mobile(source: &Source, region: &Region) -> Vec<MobileArea> {
    NETWORKS.iter().map(|network| draw_network(network, source, region)).collect()
}

struct Mast {
    position: Coord<f64>,
    reach_m: f64,
}

fn draw_network(network: &Network, source: &Source, region: &Region) -> MobileArea {
    let mut dice = Dice::of(&format!("mobile {} {}", network.operator, network.technology));
    let masts = place_masts(network, source, region, &mut dice);
    // A plane whose scale is right in the middle of the county; 5 % off at its ends, which a drawing may be.
    let scale = Plane::at(Coord { x: CORNER.x, y: 64.7 });
    let offset = scale.metres(CORNER);
    let mut field = Field {
        columns: (WIDTH_M / network.step_m) as usize,
        rows: (HEIGHT_M / network.step_m) as usize,
        values: Vec::new(),
    };
    field.values = vec![-3.0; field.columns * field.rows];
    for mast in &masts {
        raise(&mut field, scale.metres(mast.position) - offset, mast.reach_m, network.step_m);
    }
    roughen(&mut field, network, &mut dice);
    let outline = high_ground(&field, MIN_AREA_M2 / network.step_m.powi(2))
        .map_coords(|c| rounded(scale.degrees(c * network.step_m + offset), 5));
    let Network { operator, technology, download_mbps, .. } = *network;
    MobileArea { operator, technology, download_mbps, outline }
}

fn place_masts(network: &Network, source: &Source, region: &Region, dice: &mut Dice) -> Vec<Mast> {
    let mut masts = Vec::new();
    let mut add = |position: Coord<f64>, dice: &mut Dice| {
        let plane = Plane::at(position);
        let aside = Coord { x: 700.0 * dice.normal(), y: 700.0 * dice.normal() };
        let reach_m = network.reach_m * (0.28 * dice.normal()).exp();
        masts.push(Mast { position: plane.degrees(aside), reach_m });
    };
    let [village, main_road, road, hamlet] = network.masts;
    for locality in &source.localities {
        let position = Coord { x: locality.lon, y: locality.lat };
        let is_covered = locality.pop_2015 > 2_000 || dice.chance((village * 1.25).min(1.0));
        for _ in 0..=(locality.pop_2015 / 6_000) * u32::from(is_covered) {
            if is_covered {
                let aside = Coord { x: 0.02 * dice.normal(), y: 0.01 * dice.normal() };
                let spread = if locality.pop_2015 > 6_000 { 1.0 } else { 0.0 };
                add(position + aside * spread, dice);
            }
        }
    }
    for place in &source.villages {
        // Bigger villages come first.
        if dice.chance(village * (f64::from(place.persons) / 220.0).clamp(0.35, 1.0)) {
            add(Coord { x: place.lon, y: place.lat }, dice);
        }
    }
    for route in &source.routes {
        let chance = if route.is_main_road { main_road } else { road };
        for pair in route.line.windows(2) {
            let parts = (distance_m(pair[0], pair[1]) / ROAD_STEP_M).ceil().max(1.0);
            for part in 0..parts as usize {
                let position = pair[0] + (pair[1] - pair[0]) * ((part as f64 + dice.unit()) / parts);
                if dice.chance(chance) {
                    add(position, dice);
                }
            }
        }
    }
    for neighbourhood in region.neighbourhoods.iter().filter(|n| n.on_route.is_some()) {
        if dice.chance(hamlet) {
            add(region.settlements[neighbourhood.members[0]].position, dice);
        }
    }
    masts
}

/// Raises the field round a mast: 1 at the mast, 0 at its reach, the highest mast counts.
fn raise(field: &mut Field, at: Coord<f64>, reach_m: f64, step_m: f64) {
    let influence = 2.0 * reach_m;
    let span = |centre: f64, limit: usize| {
        let low = ((centre - influence) / step_m).max(0.0) as usize;
        let high = (((centre + influence) / step_m).max(0.0) as usize).min(limit - 1);
        low..=high
    };
    for j in span(at.y, field.rows) {
        for i in span(at.x, field.columns) {
            let distance = (i as f64 * step_m - at.x).hypot(j as f64 * step_m - at.y);
            let value = &mut field.values[j * field.columns + i];
            *value = value.max(1.0 - distance / reach_m);
        }
    }
}

/// Hills and valleys: the same land for every operator, a little of each operator's own.
fn roughen(field: &mut Field, network: &Network, dice: &mut Dice) {
    let own = (dice.unit() * f64::from(u32::MAX)) as u64;
    for j in 0..field.rows {
        for i in 0..field.columns {
            let p = Coord { x: i as f64 * network.step_m, y: j as f64 * network.step_m };
            let land = 0.58 * hills(p / 11_000.0, 1) + 0.52 * hills(p / 4_600.0, 2);
            let detail = 0.36 * hills(p / 2_100.0, own);
            field.values[j * field.columns + i] += land + detail - 0.03;
        }
    }
}

/// Smooth noise in [-1, 1] with hills about one unit wide.
fn hills(p: Coord<f64>, seed: u64) -> f64 {
    let (i, j) = (p.x.floor(), p.y.floor());
    let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (smooth(p.x - i), smooth(p.y - j));
    let at = |di: f64, dj: f64| height((i + di) as i64, (j + dj) as i64, seed);
    let south = at(0.0, 0.0) * (1.0 - u) + at(1.0, 0.0) * u;
    let north = at(0.0, 1.0) * (1.0 - u) + at(1.0, 1.0) * u;
    south * (1.0 - v) + north * v
}

/// A number in [-1, 1] that depends on nothing but its arguments (SplitMix64).
fn height(i: i64, j: i64, seed: u64) -> f64 {
    let mut z = (i as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add((j as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9))
        .wrapping_add(seed.wrapping_mul(0x94d0_49bb_1331_11eb));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

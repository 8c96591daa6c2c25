//! What is real (boundaries, localities, population) and what is drawn by hand (routes, villages).

use super::ground::distance_m;
use anyhow::{Context, Result, ensure};
use geo::{BoundingRect, Coord, Intersects, LineString, MultiPolygon, Polygon, Rect};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything the generator starts from.
pub(super) struct Source {
    /// The 15 municipalities by code.
    pub(super) municipalities: BTreeMap<String, Municipality>,
    /// The 40 localities with their real population, in the order of the file.
    pub(super) localities: Vec<Locality>,
    /// Villages of invented size at their approximate real place.
    pub(super) villages: Vec<Village>,
    /// Valleys, coast and roads that people live along.
    pub(super) routes: Vec<Route>,
}

impl Source {
    /// Persons on 31 December 2021 by municipality.
    pub(super) fn persons_2021(&self) -> BTreeMap<String, u64> {
        self.municipalities.values().map(|m| (m.code.clone(), u64::from(m.persons_2021))).collect()
    }
}

/// A municipality.
pub(super) struct Municipality {
    /// `2480`.
    pub(super) code: String,
    /// `Umeå`.
    pub(super) name: String,
    /// Its simplified outline.
    pub(super) outline: MultiPolygon<f64>,
    /// Bounding box of the outline.
    pub(super) bounds: Rect<f64>,
    /// Persons on 31 December 2021.
    pub(super) persons_2021: u32,
}

impl Municipality {
    /// Whether a position lies in the municipality, its border included.
    pub(super) fn covers(&self, position: Coord<f64>) -> bool {
        self.bounds.intersects(&position) && self.outline.intersects(&position)
    }
}

/// A row of the localities file.
#[derive(Deserialize)]
pub(super) struct Locality {
    pub(super) name: String,
    pub(super) kommun_code: String,
    pub(super) lat: f64,
    pub(super) lon: f64,
    pub(super) pop_2015: u32,
}

/// A row of the villages file.
#[derive(Deserialize)]
pub(super) struct Village {
    pub(super) village: String,
    pub(super) kommun_code: String,
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) persons: u32,
}

/// A valley, coast or road.
pub(super) struct Route {
    /// People per kilometre, relative to the other routes of a municipality.
    pub(super) weight: f64,
    /// Whether it is a road that mobile operators cover along its whole length.
    pub(super) is_main_road: bool,
    /// Its line in degrees.
    pub(super) line: Vec<Coord<f64>>,
}

impl Route {
    /// The line from `from_m` to `to_m` metres along the route, ends included.
    pub(super) fn part_between(&self, from_m: f64, to_m: f64) -> Vec<Coord<f64>> {
        let mut part = Vec::new();
        let mut begins_m = 0.0;
        for pair in self.line.windows(2) {
            let length_m = distance_m(pair[0], pair[1]);
            let at = |along_m: f64| pair[0] + (pair[1] - pair[0]) * ((along_m - begins_m) / length_m);
            let ends_m = begins_m + length_m;
            if (begins_m..ends_m).contains(&from_m) {
                part.push(at(from_m));
            }
            if begins_m > from_m && begins_m < to_m {
                part.push(pair[0]);
            }
            if (begins_m..ends_m).contains(&to_m) {
                part.push(at(to_m));
            }
            begins_m = ends_m;
        }
        part
    }
}

#[derive(Deserialize)]
struct RouteRow {
    route: String,
    kind: String,
    weight: f64,
    lonlat: String,
}

#[derive(Deserialize)]
struct PopulationRow {
    kommun_code: String,
    pop_2021: u32,
}

/// Reads the files of `data/vasterbotten/source`.
pub(super) fn read_source(folder: &Path) -> Result<Source> {
    let population: Vec<PopulationRow> = read_rows(&folder.join("facts/kommun_population.csv"))?;
    let municipalities =
        read_municipalities(&folder.join("base/kommuner_vasterbotten.geojson"), &population)?;
    ensure!(municipalities.len() == 15, "expected 15 municipalities, found {}", municipalities.len());
    let routes = read_rows::<RouteRow>(&folder.join("authored/routes.csv"))?
        .into_iter()
        .map(|row| {
            let line = row
                .lonlat
                .split(';')
                .map(|pair| {
                    let (lon, lat) = pair.split_once(' ').context("a corner is `lon lat`")?;
                    Ok(Coord { x: lon.parse()?, y: lat.parse()? })
                })
                .collect::<Result<Vec<_>>>()
                .with_context(|| format!("route {}", row.route))?;
            Ok(Route { weight: row.weight, is_main_road: row.kind == "main", line })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Source {
        municipalities,
        localities: read_rows(&folder.join("base/localities_vasterbotten.csv"))?,
        villages: read_rows(&folder.join("authored/villages.csv"))?,
        routes,
    })
}

/// The rows of a CSV file.
pub(super) fn read_rows<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    reader.deserialize().collect::<Result<_, _>>().with_context(|| path.display().to_string())
}

fn read_municipalities(path: &Path, population: &[PopulationRow]) -> Result<BTreeMap<String, Municipality>> {
    #[derive(Deserialize)]
    struct Collection {
        features: Vec<Feature>,
    }
    #[derive(Deserialize)]
    struct Feature {
        properties: Properties,
        geometry: Geometry,
    }
    #[derive(Deserialize)]
    struct Properties {
        kommun_kod: String,
        kommun: String,
    }
    #[derive(Deserialize)]
    struct Geometry {
        coordinates: Vec<Vec<Vec<[f64; 2]>>>,
    }
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let collection: Collection = serde_json::from_str(&text)?;
    let mut municipalities = BTreeMap::new();
    for feature in collection.features {
        let code = feature.properties.kommun_kod;
        let ring = |ring: Vec<[f64; 2]>| LineString::from(ring);
        let outline = MultiPolygon::new(
            feature
                .geometry
                .coordinates
                .into_iter()
                .map(|rings| {
                    let mut rings = rings.into_iter().map(ring);
                    let shell = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
                    Polygon::new(shell, rings.collect())
                })
                .collect(),
        );
        let persons_2021 = population
            .iter()
            .find(|row| row.kommun_code == code)
            .with_context(|| format!("no population of {code}"))?
            .pop_2021;
        let bounds = outline.bounding_rect().with_context(|| format!("{code} has no outline"))?;
        let name = feature.properties.kommun;
        municipalities.insert(code.clone(), Municipality { code, name, outline, bounds, persons_2021 });
    }
    Ok(municipalities)
}

//! What the demo must add up to, worked out from the written text by testing every settlement against every
//! polygon.

use anyhow::{Result, bail, ensure};
use geo::{
    BoundingRect, Coord, Distance, Euclidean, Intersects, LineString, MultiPolygon, Point, Polygon, Rect,
    Validation,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Localities that the simplified outlines leave in the sea.
const LOCALITIES_IN_THE_SEA: [&str; 3] = ["Hörnefors", "Rundvik", "Skelleftehamn"];

/// Shares and sums of the generated files.
pub(super) struct Shares {
    settlements: usize,
    median_persons: u32,
    work_only: usize,
    persons: BTreeMap<String, u64>,
    households: u64,
    by_class: BTreeMap<String, u64>,
    /// Per municipality: households, of which with existing fibre, of which with existing or planned.
    fibre: BTreeMap<String, [u64; 3]>,
    fibre_areas: usize,
    /// Households by number of existing operators, 0 to 3.
    operators: [u64; 4],
    mobile: Vec<MobileShare>,
    invalid: usize,
    /// Persons outside the outline of their own municipality, by locality.
    outside: BTreeMap<String, u64>,
    /// The furthest of them from it, degrees.
    furthest_deg: f64,
}

struct MobileShare {
    name: String,
    corners: usize,
    holes: usize,
    persons_share: f64,
    area_share: f64,
}

impl Shares {
    /// Fails where the demo has drifted from the published figures.
    pub(super) fn hold(&self, persons_2021: &BTreeMap<String, u64>) -> Result<()> {
        ensure!(self.persons == *persons_2021, "persons are {:?}, not {persons_2021:?}", self.persons);
        let county: u64 = self.persons.values().sum();
        ensure!(county == 274_563, "the county holds {county} persons");
        let outside: Vec<&str> = self.outside.keys().map(String::as_str).collect();
        ensure!(
            outside.iter().all(|name| LOCALITIES_IN_THE_SEA.contains(name)),
            "outside the outlines: {outside:?}"
        );
        let share = self.fibre_share();
        ensure!((0.84..=0.86).contains(&share), "existing fibre reaches {share:.4} of the households");
        ensure!((15_000..=25_000).contains(&self.settlements), "{} settlements", self.settlements);
        ensure!(
            self.median_persons <= 6,
            "half of the settlements hold more than {} persons",
            self.median_persons
        );
        ensure!(self.invalid == 0, "{} polygons are invalid", self.invalid);
        for mobile in &self.mobile {
            if mobile.persons_share < 2.0 * mobile.area_share {
                bail!("{} reaches too much of the area", mobile.name);
            }
        }
        Ok(())
    }

    fn fibre_share(&self) -> f64 {
        self.fibre.values().map(|f| f[1]).sum::<u64>() as f64 / self.households as f64
    }
}

impl fmt::Display for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} settlements (half hold {} persons or fewer, {} hold workplaces only), {} persons, {} households",
            self.settlements,
            self.median_persons,
            self.work_only,
            self.persons.values().sum::<u64>(),
            self.households
        )?;
        writeln!(f, "persons by class: {:?}", self.by_class)?;
        for (code, [all, existing, planned]) in &self.fibre {
            let share = |n: u64| 100.0 * n as f64 / *all as f64;
            writeln!(
                f,
                "{code}: {:>6} persons {all:>5} households, fibre {:.1} %, with planned {:.1} %",
                self.persons[code],
                share(*existing),
                share(*planned)
            )?;
        }
        writeln!(
            f,
            "county: fibre {:.2} % of households, {} areas; households by operators {:?}",
            100.0 * self.fibre_share(),
            self.fibre_areas,
            self.operators
        )?;
        writeln!(
            f,
            "persons outside their outline: {:?}, up to {:.3} degrees",
            self.outside, self.furthest_deg
        )?;
        for m in &self.mobile {
            writeln!(
                f,
                "{}: {} corners, {} holes, {:.1} % of persons, {:.1} % of the area",
                m.name,
                m.corners,
                m.holes,
                100.0 * m.persons_share,
                100.0 * m.area_share
            )?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Row {
    lon: f64,
    lat: f64,
    persons: u32,
    households: u32,
    workplaces: u32,
    class: String,
    kommun_kod: String,
    locality: String,
}

impl Row {
    fn position(&self) -> Coord<f64> {
        Coord { x: self.lon, y: self.lat }
    }
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: serde_json::Value,
    geometry: Geometry,
}

type Rings = Vec<Vec<[f64; 2]>>;

#[derive(Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Rings),
    MultiPolygon(Vec<Rings>),
}

/// A polygon with its box.
struct Boxed {
    bounds: Rect<f64>,
    polygon: Polygon<f64>,
}

impl Boxed {
    fn covers(&self, position: Coord<f64>) -> bool {
        self.bounds.intersects(&position) && self.polygon.intersects(&position)
    }
}

fn boxed(geometry: Geometry) -> Vec<Boxed> {
    let parts = match geometry {
        Geometry::Polygon(rings) => vec![rings],
        Geometry::MultiPolygon(parts) => parts,
    };
    parts
        .into_iter()
        .filter_map(|rings| {
            let mut rings = rings.into_iter().map(LineString::from);
            let polygon = Polygon::new(rings.next()?, rings.collect());
            Some(Boxed { bounds: polygon.bounding_rect()?, polygon })
        })
        .collect()
}

/// Reads the files back and counts.
pub(super) fn shares_of(files: &BTreeMap<&'static str, String>) -> Result<Shares> {
    let rows: Vec<Row> = csv::Reader::from_reader(files["settlements.csv"].as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()?;
    let mut shares = Shares {
        settlements: rows.len(),
        median_persons: 0,
        work_only: rows.iter().filter(|r| r.persons == 0 && r.workplaces > 0).count(),
        persons: BTreeMap::new(),
        households: rows.iter().map(|r| u64::from(r.households)).sum(),
        by_class: BTreeMap::new(),
        fibre: BTreeMap::new(),
        fibre_areas: 0,
        operators: [0; 4],
        mobile: Vec::new(),
        invalid: 0,
        outside: BTreeMap::new(),
        furthest_deg: 0.0,
    };
    let mut sizes: Vec<u32> = rows.iter().map(|r| r.persons).collect();
    sizes.sort_unstable();
    shares.median_persons = sizes[sizes.len() / 2];
    for row in &rows {
        *shares.persons.entry(row.kommun_kod.clone()).or_default() += u64::from(row.persons);
        *shares.by_class.entry(row.class.clone()).or_default() += u64::from(row.persons);
    }
    count_outside(&files["municipalities.geojson"], &rows, &mut shares)?;
    count_fibre(&files["fibre.geojson"], &rows, &mut shares)?;
    count_mobile(&files["mobile.geojson"], &files["municipalities.geojson"], &rows, &mut shares)?;
    Ok(shares)
}

fn count_outside(municipalities: &str, rows: &[Row], shares: &mut Shares) -> Result<()> {
    let collection: Collection = serde_json::from_str(municipalities)?;
    let outlines: Vec<(String, Vec<Boxed>)> = collection
        .features
        .into_iter()
        .map(|f| (f.properties["kommun_kod"].as_str().unwrap_or_default().to_owned(), boxed(f.geometry)))
        .collect();
    for row in rows {
        let own = outlines.iter().filter(|(code, _)| *code == row.kommun_kod).flat_map(|(_, parts)| parts);
        if own.clone().any(|part| part.covers(row.position())) {
            continue;
        }
        *shares.outside.entry(row.locality.clone()).or_default() += u64::from(row.persons);
        let nearest = own
            .map(|part| Euclidean.distance(&Point(row.position()), &part.polygon))
            .fold(f64::INFINITY, f64::min);
        shares.furthest_deg = shares.furthest_deg.max(nearest);
    }
    Ok(())
}

fn count_fibre(text: &str, rows: &[Row], shares: &mut Shares) -> Result<()> {
    let collection: Collection = serde_json::from_str(text)?;
    shares.fibre_areas = collection.features.len();
    let mut areas: Vec<(String, bool, Boxed)> = Vec::new();
    for feature in collection.features {
        let operator = feature.properties["operator"].as_str().unwrap_or_default().to_owned();
        let is_existing = feature.properties["status"] == "existing";
        areas.extend(boxed(feature.geometry).into_iter().map(|b| (operator.clone(), is_existing, b)));
    }
    shares.invalid += areas.iter().filter(|(.., b)| !b.polygon.is_valid()).count();
    for row in rows {
        let reached = areas.iter().filter(|(.., area)| area.covers(row.position()));
        let mut operators = BTreeSet::new();
        let mut is_planned = false;
        for (operator, is_existing, _) in reached {
            is_planned = true;
            if *is_existing {
                operators.insert(operator);
            }
        }
        let households = u64::from(row.households);
        let counts = shares.fibre.entry(row.kommun_kod.clone()).or_default();
        counts[0] += households;
        counts[1] += households * u64::from(!operators.is_empty());
        counts[2] += households * u64::from(is_planned);
        shares.operators[operators.len()] += households;
    }
    Ok(())
}

fn count_mobile(text: &str, municipalities: &str, rows: &[Row], shares: &mut Shares) -> Result<()> {
    let land: Collection = serde_json::from_str(municipalities)?;
    let land: Vec<Boxed> = land.features.into_iter().flat_map(|f| boxed(f.geometry)).collect();
    let sample: Vec<Coord<f64>> = (0..110)
        .flat_map(|j| (0..110).map(move |i| (i, j)))
        .map(|(i, j)| Coord { x: 14.3 + 0.067 * f64::from(i), y: 63.4 + 0.028 * f64::from(j) })
        .filter(|p| land.iter().any(|l| l.covers(*p)))
        .collect();
    let persons: u64 = rows.iter().map(|r| u64::from(r.persons)).sum();
    let collection: Collection = serde_json::from_str(text)?;
    for feature in collection.features {
        let name = format!("{} {}", feature.properties["operator"], feature.properties["technology"]);
        let parts = boxed(feature.geometry);
        let whole = MultiPolygon::new(parts.iter().map(|b| b.polygon.clone()).collect());
        shares.invalid += usize::from(!whole.is_valid());
        let covers = |p: Coord<f64>| parts.iter().any(|b| b.covers(p));
        let reached: u64 = rows.iter().filter(|r| covers(r.position())).map(|r| u64::from(r.persons)).sum();
        shares.mobile.push(MobileShare {
            name,
            corners: whole.iter().map(corners_of).sum(),
            holes: whole.iter().map(|p| p.interiors().len()).sum(),
            persons_share: reached as f64 / persons as f64,
            area_share: sample.iter().filter(|p| covers(**p)).count() as f64 / sample.len() as f64,
        });
    }
    Ok(())
}

fn corners_of(polygon: &Polygon<f64>) -> usize {
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(|r| r.0.len() - 1).sum()
}

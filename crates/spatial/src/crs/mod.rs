//! Coordinate reference systems: which one a source means, and coordinates from one to another.
//!
//! A CRS comes from a code, from WKT (1, 2 and ESRI's) or from PROJJSON. Definitions that name a code we ship
//! become that code; others are compared by their parameters with those that ship, and last built from their
//! parameters. Nothing is guessed: what cannot be told is an error with a way out.
//!
//! Coordinates are always x = easting or longitude and y = northing or latitude, whatever axis order the
//! authority lists, because that is how files store them.

mod codes;
mod definition;
mod described;
mod kernel;
mod projjson;
mod spherical;
mod transform;
mod transverse_mercator;
mod wkt;
mod wkt_tree;
mod write_projjson;
mod write_wkt;

pub use transform::Transform;

use definition::{Definition, Method};
use geo_types::Coord;
use kernel::Kernel;
use std::fmt;
use whitespot_model::crs::CrsDeclaration;

/// Why a declared CRS cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrsError {
    /// The source says that it does not know its CRS.
    #[error("the source does not tell its CRS")]
    Undefined,
    /// A CRS that we cannot transform.
    #[error("cannot transform `{code}`: {reason}")]
    Unsupported {
        /// The code, or the name where the definition has no code.
        code: String,
        /// What is missing.
        reason: String,
    },
    /// A text that is no code, WKT or PROJJSON.
    #[error("cannot read the CRS `{text}`: {reason}")]
    Unreadable {
        /// The beginning of the text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl CrsError {
    /// A way out, in one line.
    pub fn hint(&self) -> String {
        match self {
            CrsError::Undefined => {
                "name it in the analysis file, for example `crs = \"EPSG:3006\"`".to_string()
            }
            CrsError::Unsupported { .. } => {
                "convert the file first: `ogr2ogr -t_srs EPSG:4326 out.gpkg in.gpkg`".to_string()
            }
            CrsError::Unreadable { .. } => {
                "write a code such as `crs = \"EPSG:3006\"` in the analysis file".to_string()
            }
        }
    }
}

/// A coordinate reference system that can be transformed.
///
/// Two are equal when they give the same coordinates by definition: `EPSG:4326`, `OGC:CRS84` and a WKT of WGS 84
/// are one. ETRS89 and SWEREF 99 differ by their datum, though [`Transform`] between them changes nothing.
#[derive(Clone)]
pub struct Crs {
    definition: Definition,
    code: String,
    name: String,
    /// West, south, east, north of where data in it is found, in degrees; `None` for a definition of a file's own.
    area: Option<[f64; 4]>,
    has_wkt1_axes: bool,
    /// WKT as the source gave it, for definitions of a file's own.
    source_wkt: Option<String>,
}

impl PartialEq for Crs {
    fn eq(&self, other: &Crs) -> bool {
        self.definition == other.definition
    }
}

impl fmt::Debug for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crs({}, {})", self.code, self.definition.proj_string())
    }
}

impl Crs {
    /// The CRS that a source or the analysis file declares.
    ///
    /// # Errors
    /// [`CrsError::Undefined`] where the source says that it does not know, [`CrsError::Unreadable`] for text that
    /// is none, [`CrsError::Unsupported`] for a CRS we cannot transform; each has a [`CrsError::hint`].
    pub fn resolve(declaration: &CrsDeclaration) -> Result<Crs, CrsError> {
        match declaration {
            CrsDeclaration::Undefined => Err(CrsError::Undefined),
            CrsDeclaration::Code(code) => Crs::from_code(code),
            CrsDeclaration::Wkt(text) => wkt::read(text),
            CrsDeclaration::ProjJson(text) => projjson::read(text),
        }
    }

    /// The CRS of a code: `EPSG:3006` (in any case), `ESRI:54009`, `OGC:CRS84`, `CRS84`, or the URN or URL of one.
    ///
    /// # Errors
    /// [`CrsError::Unsupported`] for a code that does not ship, [`CrsError::Unreadable`] for text that is no code.
    pub fn from_code(code: &str) -> Result<Crs, CrsError> {
        let text = code.trim();
        let parts: Vec<&str> = text.split([':', '/', '#']).filter(|p| !p.is_empty()).collect();
        // In a URN `ogc` is the namespace first, and the authority later.
        let authority = parts.iter().rev().find_map(|p| {
            let name = p.split('.').next().unwrap_or(p).to_ascii_uppercase();
            ["EPSG", "ESRI", "OGC", "IGNF", "IAU", "IAU_2015"].into_iter().find(|a| *a == name)
        });
        match (authority, parts.as_slice()) {
            (_, ["CRS84" | "crs84" | "WGS84" | "wgs84"]) => Crs::from_code("OGC:CRS84"),
            (Some(authority), [_, .., number]) => match codes::lookup(authority, number) {
                Some(known) => Ok(Crs::from(known)),
                None => Err(CrsError::Unsupported {
                    code: format!("{authority}:{number}"),
                    reason: "its definition does not ship with whitespot".to_string(),
                }),
            },
            (None, [number]) if number.bytes().all(|b| b.is_ascii_digit()) => {
                Err(unreadable(text, &format!("a code needs its authority; did you mean `EPSG:{number}`?")))
            }
            _ => Err(unreadable(text, "it is no code of the form `EPSG:3006`")),
        }
    }

    /// Every code that ships, EPSG first, each authority in ascending order.
    pub fn codes() -> Vec<String> {
        codes::all().map(|k| k.code).chain(["OGC:CRS84".to_string()]).collect()
    }

    /// The authority code such as `EPSG:3006`; the name for a definition without one.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The name for people, such as `SWEREF99 TM`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The definition as OGC WKT 1, for `gpkg_spatial_ref_sys` and `.prj`; of a definition of a file's own the text of
    /// the file, where that was WKT. Coordinates are stored easting first whatever its axes say.
    pub fn wkt(&self) -> String {
        self.source_wkt.clone().unwrap_or_else(|| write_wkt::write(self))
    }

    /// The definition as PROJJSON, for GeoParquet. Coordinates are stored easting first whatever its axes say.
    pub fn projjson(&self) -> String {
        write_projjson::write(self)
    }

    /// Whether coordinates are degrees.
    pub fn is_geographic(&self) -> bool {
        self.definition.method == Method::Geographic
    }

    /// Whether coordinates are metres of a projection, as the analysis needs. Web Mercator and Mollweide count,
    /// though their metres are not those on the ground: see [`Self::accuracy_note`].
    pub fn is_metric(&self) -> bool {
        !self.is_geographic() && self.definition.unit_m == 1.0
    }

    /// Whether its authority lists northing or latitude before easting or longitude, as answers of web services then
    /// must; false for a definition of a file's own.
    pub fn lists_northing_first(&self) -> bool {
        if self.is_geographic() {
            self.area.is_some() && self.code != "OGC:CRS84"
        } else {
            !self.has_wkt1_axes
        }
    }

    /// What a user must know of the accuracy of positions or distances; `None` where they hold within a metre.
    pub fn accuracy_note(&self) -> Option<&'static str> {
        match self.definition.method {
            Method::WebMercator | Method::Mercator => {
                return Some("Mercator metres are not metres on the ground: twice as long at 60° north");
            }
            Method::Mollweide | Method::CylindricalEqualArea => {
                return Some("a world projection: areas hold, distances do not");
            }
            _ => {}
        }
        match &self.definition.datum {
            definition::DatumRef::Known(datum) => datum.note,
            definition::DatumRef::Described { .. } => None,
        }
    }

    /// Smallest and largest corner of where data in this CRS is found, in its own units: the area of use, and for
    /// zones the neighbourhood that countries use them for. `None` for a definition of a file's own.
    ///
    /// Coordinates outside are suspicious, not wrong; see [`Self::misfit`].
    pub fn plausible_bounds(&self) -> Option<(Coord<f64>, Coord<f64>)> {
        const STEPS: u32 = 24;
        let [west, south, east, north] = self.area?;
        if self.is_geographic() {
            // Longitudes up to 360 occur, and ring across the antimeridian.
            return Some((Coord { x: west, y: south }, Coord { x: east, y: north }));
        }
        let kernel = self.kernel();
        let mut lo = Coord { x: f64::INFINITY, y: f64::INFINITY };
        let mut hi = Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY };
        for i in 0..=STEPS {
            for j in 0..=STEPS {
                let share = |k: u32| f64::from(k) / f64::from(STEPS);
                let lon = (west + (east - west) * share(i)).to_radians();
                let lat = (south + (north - south) * share(j)).to_radians();
                if let Some((x, y)) = kernel.forward(lon, lat) {
                    lo = Coord { x: lo.x.min(x), y: lo.y.min(y) };
                    hi = Coord { x: hi.x.max(x), y: hi.y.max(y) };
                }
            }
        }
        (lo.x <= hi.x).then_some((lo, hi))
    }

    /// What speaks against coordinates that span `lo` to `hi` being in this CRS; `None` if nothing does.
    pub fn misfit(&self, lo: Coord<f64>, hi: Coord<f64>) -> Option<Misfit> {
        if self.is_geographic() {
            let overlaps = |x: f64, y: f64| x.abs() <= 540.0 && y.abs() <= 90.0;
            if overlaps(lo.x, lo.y) && overlaps(hi.x, hi.y) {
                return None;
            }
            let is_swapped = overlaps(lo.y, lo.x) && overlaps(hi.y, hi.x);
            return Some(if is_swapped { Misfit::SwappedAxes } else { Misfit::MetresAsDegrees });
        }
        let is_degrees = lo.x >= -180.0 && hi.x <= 360.0 && lo.y >= -90.0 && hi.y <= 90.0;
        if is_degrees && (lo, hi) != (Coord::default(), Coord::default()) {
            return Some(Misfit::DegreesAsMetres);
        }
        let (least, most) = self.plausible_bounds()?;
        let meets = |lo: Coord<f64>, hi: Coord<f64>| {
            lo.x <= most.x && hi.x >= least.x && lo.y <= most.y && hi.y >= least.y
        };
        if meets(lo, hi) {
            return None;
        }
        let swap = |c: Coord<f64>| Coord { x: c.y, y: c.x };
        Some(if meets(swap(lo), swap(hi)) { Misfit::SwappedAxes } else { Misfit::Elsewhere })
    }

    /// A definition of a file's own.
    fn own(definition: Definition, code: String, name: String) -> Crs {
        Crs { definition, code, name, area: None, has_wkt1_axes: true, source_wkt: None }
    }

    /// Keeps the text of a definition of a file's own.
    fn with_source_wkt(mut self, text: &str) -> Crs {
        // A shipped CRS has an area, and is written from its definition.
        if self.area.is_none() {
            self.source_wkt = Some(text.to_string());
        }
        self
    }

    fn kernel(&self) -> Kernel {
        Kernel::new(&self.definition).expect("a definition is tried when its Crs is made")
    }
}

impl From<codes::Known> for Crs {
    fn from(known: codes::Known) -> Crs {
        Crs {
            definition: known.definition,
            code: known.code,
            name: known.name,
            area: Some(known.area),
            has_wkt1_axes: known.has_wkt1_axes,
            source_wkt: None,
        }
    }
}

/// What speaks against coordinates being in the CRS they are declared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// They fit when x and y change places.
    SwappedAxes,
    /// Degrees where the CRS has metres.
    DegreesAsMetres,
    /// Numbers far beyond 360 and 90 where the CRS has degrees.
    MetresAsDegrees,
    /// Wholly outside the area that the CRS is used for.
    Elsewhere,
}

fn unreadable(text: &str, reason: &str) -> CrsError {
    CrsError::Unreadable { text: text.chars().take(60).collect(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests;

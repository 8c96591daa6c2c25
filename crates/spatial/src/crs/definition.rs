//! What a CRS is, in numbers: datum, projection method, parameters and unit.

use proj4rs::Proj;
use std::fmt::Write as _;

/// An ellipsoid of revolution, as EPSG defines it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ellipsoid {
    pub name: &'static str,
    pub epsg: u32,
    /// Semi-major axis in metres.
    pub a: f64,
    /// Inverse flattening.
    pub rf: f64,
}

pub(super) const WGS84_ELLIPSOID: Ellipsoid =
    Ellipsoid { name: "WGS 84", epsg: 7030, a: 6_378_137.0, rf: 298.257_223_563 };
pub(super) const GRS80: Ellipsoid =
    Ellipsoid { name: "GRS 1980", epsg: 7019, a: 6_378_137.0, rf: 298.257_222_101 };
const AIRY: Ellipsoid = Ellipsoid { name: "Airy 1830", epsg: 7001, a: 6_377_563.396, rf: 299.324_964_6 };
const BESSEL: Ellipsoid = Ellipsoid { name: "Bessel 1841", epsg: 7004, a: 6_377_397.155, rf: 299.152_812_8 };
const INTERNATIONAL: Ellipsoid =
    Ellipsoid { name: "International 1924", epsg: 7022, a: 6_378_388.0, rf: 297.0 };

/// How a datum relates to WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shift {
    /// The null shift, as PROJ's default: true within about a metre (the plates have moved since 1989).
    Null,
    /// Position-vector Helmert: metres, seconds of arc, parts per million.
    Helmert([f64; 7]),
}

/// A geodetic datum with the geographic CRS that carries its name.
#[derive(Debug, PartialEq)]
pub(super) struct Datum {
    /// Name in OGC WKT 1.
    pub name: &'static str,
    /// EPSG code of the datum.
    pub epsg: u32,
    /// Name and EPSG code of its geographic CRS.
    pub geographic: (&'static str, u32),
    /// Other names, without the `D_` of ESRI; compared by letters and digits only.
    pub aliases: &'static [&'static str],
    pub ellipsoid: Ellipsoid,
    pub shift: Shift,
    /// Said to the user when coordinates of this datum are transformed to another.
    pub note: Option<&'static str>,
}

macro_rules! datum {
    ($id:ident, $name:literal, $epsg:literal, $geographic:literal, $code:literal, $ellipsoid:expr, $aliases:expr) => {
        datum!($id, $name, $epsg, $geographic, $code, $ellipsoid, $aliases, Shift::Null, None);
    };
    ($id:ident, $name:literal, $epsg:literal, $geographic:literal, $code:literal, $ellipsoid:expr, $aliases:expr,
     $shift:expr, $note:expr) => {
        pub(super) static $id: Datum = Datum {
            name: $name,
            epsg: $epsg,
            geographic: ($geographic, $code),
            aliases: &$aliases,
            ellipsoid: $ellipsoid,
            shift: $shift,
            note: $note,
        };
    };
}

datum!(
    WGS84,
    "WGS_1984",
    6326,
    "WGS 84",
    4326,
    WGS84_ELLIPSOID,
    ["World Geodetic System 1984", "World Geodetic System 1984 ensemble", "WGS 84"]
);
datum!(
    ETRS89,
    "European_Terrestrial_Reference_System_1989",
    6258,
    "ETRS89",
    4258,
    GRS80,
    ["European Terrestrial Reference System 1989 ensemble", "ETRS_1989", "ETRS89"]
);
datum!(SWEREF99, "SWEREF99", 6619, "SWEREF99", 4619, GRS80, ["SWEREF_1999"]);
datum!(
    RGF93,
    "Reseau_Geodesique_Francais_1993_v1",
    6171,
    "RGF93 v1",
    4171,
    GRS80,
    ["Reseau Geodesique Francais 1993", "RGF_1993", "RGF93"]
);
datum!(NAD83, "North_American_Datum_1983", 6269, "NAD83", 4269, GRS80, ["North_American_1983", "NAD83"]);
datum!(ESTONIA97, "Estonia_1997", 6180, "EST97", 4180, GRS80, []);
datum!(
    LATVIA92,
    "Latvian_geodetic_coordinate_system_1992",
    6661,
    "LKS-92",
    4661,
    GRS80,
    ["Latvia_1992", "LKS92"]
);
datum!(
    LITHUANIA94,
    "Lithuania_1994_ETRS89",
    6126,
    "LKS94",
    4669,
    GRS80,
    ["Lithuania 1994 (ETRS89)", "Lithuania_1994"]
);
datum!(POLAND2000, "ETRF2000_Poland", 1305, "ETRF2000-PL", 9702, GRS80, ["ETRF2000 Poland", "ETRF2000-PL"]);
datum!(IRENET95, "IRENET95", 6173, "IRENET95", 4173, GRS80, []);
datum!(
    OSGB36,
    "Ordnance_Survey_of_Great_Britain_1936",
    6277,
    "OSGB36",
    4277,
    AIRY,
    ["OSGB_1936", "OSGB36", "OSGB 1936"],
    Shift::Helmert([446.448, -125.157, 542.06, 0.15, 0.247, 0.842, -20.489]),
    Some(
        "OSGB36 needs the OSTN15 datum grid for centimetres; without it positions are within about 5 m (EPSG:1314)"
    )
);
datum!(
    RT90,
    "Rikets_koordinatsystem_1990",
    6124,
    "RT90",
    4124,
    BESSEL,
    ["RT_1990", "RT90"],
    Shift::Helmert([414.1, 41.3, 603.1, -0.855, 2.141, -7.023, 0.0]),
    Some("RT 90 is related to WGS 84 within about 1 m by seven parameters (EPSG:1896)")
);
datum!(
    AMERSFOORT,
    "Amersfoort",
    6289,
    "Amersfoort",
    4289,
    BESSEL,
    [],
    Shift::Helmert([
        565.4171,
        50.3319,
        465.5524,
        -0.398957388243134,
        0.343987817378283,
        -1.87740163998045,
        4.0725
    ]),
    Some(
        "RD New needs the RDNAPTRANS datum grid for centimetres; without it positions are within about 1 m (EPSG:4833)"
    )
);
datum!(
    BELGE72,
    "Reseau_National_Belge_1972",
    6313,
    "BD72",
    4313,
    INTERNATIONAL,
    ["Belge_1972", "BD72"],
    Shift::Helmert([-106.8686, 52.2978, -103.7239, 0.3366, -0.457, 1.8422, -1.2747]),
    Some("BD72 is related to WGS 84 within about 1 m by seven parameters (EPSG:15929)")
);
datum!(
    CH1903_PLUS,
    "CH1903+",
    6150,
    "CH1903+",
    4150,
    BESSEL,
    ["CH1903plus"],
    Shift::Helmert([674.374, 15.056, 405.346, 0.0, 0.0, 0.0, 0.0]),
    Some("CH1903+ is related to WGS 84 within about 1 m by three parameters (EPSG:1676)")
);

/// Every datum known by name.
pub(super) static DATUMS: [&Datum; 15] = [
    &WGS84,
    &ETRS89,
    &SWEREF99,
    &RGF93,
    &NAD83,
    &ESTONIA97,
    &LATVIA92,
    &LITHUANIA94,
    &POLAND2000,
    &IRENET95,
    &OSGB36,
    &RT90,
    &AMERSFOORT,
    &BELGE72,
    &CH1903_PLUS,
];

/// Projection method; the parameters that have a meaning for each are in [`Definition::proj_string`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// No projection: longitude and latitude in degrees.
    Geographic,
    TransverseMercator,
    LambertConformal1,
    LambertConformal2,
    LambertAzimuthalEqualArea,
    AlbersEqualArea,
    CylindricalEqualArea,
    /// Ellipsoidal, variant A (`k`) or B (`lat_1` = latitude of true scale).
    Mercator,
    /// Mercator of the sphere fed with ellipsoidal latitudes.
    WebMercator,
    Mollweide,
    ObliqueStereographic,
    SwissObliqueMercator,
}

/// Parameters of a projection: degrees and metres; those a method does not use keep their default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameters {
    pub lat_0: f64,
    pub lon_0: f64,
    pub lat_1: f64,
    pub lat_2: f64,
    pub k: f64,
    pub x_0: f64,
    pub y_0: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters { lat_0: 0.0, lon_0: 0.0, lat_1: 0.0, lat_2: 0.0, k: 1.0, x_0: 0.0, y_0: 0.0 }
    }
}

impl Parameters {
    /// Whether both place every point of the Earth within about 0.1 mm of each other.
    pub(super) fn is_close_to(&self, other: &Parameters) -> bool {
        let near = |a: f64, b: f64, tolerance: f64| (a - b).abs() <= tolerance;
        near(self.lat_0, other.lat_0, 1e-9)
            && near(self.lon_0, other.lon_0, 1e-9)
            && near(self.lat_1, other.lat_1, 1e-9)
            && near(self.lat_2, other.lat_2, 1e-9)
            && near(self.k, other.k, 1e-11)
            && near(self.x_0, other.x_0, 1e-4)
            && near(self.y_0, other.y_0, 1e-4)
    }
}

/// The datum of a CRS: a known one, or one that a file describes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DatumRef {
    Known(&'static Datum),
    Described { name: String, a: f64, rf: f64, shift: Shift },
}

impl DatumRef {
    /// Semi-major axis in metres and inverse flattening (0 = a sphere).
    pub(super) fn ellipsoid(&self) -> (f64, f64) {
        match self {
            DatumRef::Known(datum) => (datum.ellipsoid.a, datum.ellipsoid.rf),
            DatumRef::Described { a, rf, .. } => (*a, *rf),
        }
    }

    pub(super) fn shift(&self) -> Shift {
        match self {
            DatumRef::Known(datum) => datum.shift,
            DatumRef::Described { shift, .. } => *shift,
        }
    }
}

/// A CRS in numbers; equal definitions give equal coordinates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    pub datum: DatumRef,
    pub method: Method,
    pub parameters: Parameters,
    /// Metres per unit of the coordinates; 1 for geographic ones.
    pub unit_m: f64,
}

impl Definition {
    pub(super) fn geographic(datum: &'static Datum) -> Definition {
        Definition {
            datum: DatumRef::Known(datum),
            method: Method::Geographic,
            parameters: Parameters::default(),
            unit_m: 1.0,
        }
    }

    pub(super) fn projected(datum: &'static Datum, method: Method, parameters: Parameters) -> Definition {
        Definition { datum: DatumRef::Known(datum), method, parameters, unit_m: 1.0 }
    }

    /// Degrees on the same datum.
    pub(super) fn geographic_base(&self) -> Definition {
        Definition {
            datum: self.datum.clone(),
            method: Method::Geographic,
            parameters: Parameters::default(),
            unit_m: 1.0,
        }
    }

    /// [`Self::geographic_base`] for proj4rs, which then shifts datums; its text where it refuses.
    pub(super) fn degrees(&self) -> Result<Proj, String> {
        Proj::from_proj_string(&self.geographic_base().proj_string()).map_err(|e| e.to_string())
    }

    /// The definition as proj4rs reads it.
    pub(super) fn proj_string(&self) -> String {
        let Parameters { lat_0, lon_0, lat_1, lat_2, k, x_0, y_0 } = self.parameters;
        let (a, rf) = self.datum.ellipsoid();
        let mut text = match self.method {
            Method::Geographic => "+proj=longlat".to_string(),
            // `etmerc` is the Poder/Engsager algorithm that PROJ uses for `tmerc` and `utm`.
            Method::TransverseMercator => format!("+proj=etmerc +lat_0={lat_0} +lon_0={lon_0} +k={k}"),
            Method::LambertConformal1 => {
                format!("+proj=lcc +lat_1={lat_0} +lat_0={lat_0} +lon_0={lon_0} +k_0={k}")
            }
            Method::LambertConformal2 => {
                format!("+proj=lcc +lat_0={lat_0} +lon_0={lon_0} +lat_1={lat_1} +lat_2={lat_2}")
            }
            Method::LambertAzimuthalEqualArea => format!("+proj=laea +lat_0={lat_0} +lon_0={lon_0}"),
            Method::AlbersEqualArea => {
                format!("+proj=aea +lat_0={lat_0} +lon_0={lon_0} +lat_1={lat_1} +lat_2={lat_2}")
            }
            Method::CylindricalEqualArea => format!("+proj=cea +lat_ts={lat_1} +lon_0={lon_0}"),
            Method::Mercator if lat_1 != 0.0 => format!("+proj=merc +lat_ts={lat_1} +lon_0={lon_0}"),
            Method::Mercator => format!("+proj=merc +lon_0={lon_0} +k={k}"),
            Method::WebMercator => format!("+proj=webmerc +lon_0={lon_0}"),
            Method::Mollweide => format!("+proj=moll +lon_0={lon_0}"),
            Method::ObliqueStereographic => {
                format!("+proj=sterea +lat_0={lat_0} +lon_0={lon_0} +k={k}")
            }
            Method::SwissObliqueMercator => {
                format!("+proj=somerc +lat_0={lat_0} +lon_0={lon_0} +k_0={k}")
            }
        };
        if self.method != Method::Geographic {
            let _ = write!(text, " +x_0={x_0} +y_0={y_0} +to_meter={}", self.unit_m);
        }
        if rf == 0.0 {
            let _ = write!(text, " +R={a}");
        } else {
            let _ = write!(text, " +a={a} +rf={rf}");
        }
        match self.datum.shift() {
            Shift::Null => text.push_str(" +towgs84=0,0,0"),
            Shift::Helmert([x, y, z, rx, ry, rz, s]) => {
                let _ = write!(text, " +towgs84={x},{y},{z},{rx},{ry},{rz},{s}");
            }
        }
        text
    }
}

//! The codes that ship with the product, each with its definition, name and area of use.

use super::definition::{
    AMERSFOORT, BELGE72, CH1903_PLUS, DATUMS, Datum, Definition, ESTONIA97, ETRS89, IRENET95, LATVIA92,
    LITHUANIA94, Method, NAD83, OSGB36, POLAND2000, Parameters, RGF93, RT90, SWEREF99, WGS84,
};

/// West, south, east, north in degrees.
pub(super) type Area = [f64; 4];

/// A CRS that is known by code.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub code: String,
    pub name: String,
    pub definition: Definition,
    /// Where data in this CRS is found in practice: the area of use of EPSG, for zones and grids the countries
    /// that use them beyond it.
    pub area: Area,
    /// Whether the authority lists easting before northing, which WKT 1 then states.
    pub has_wkt1_axes: bool,
}

const WORLD: Area = [-180.0, -90.0, 180.0, 90.0];
const SWEDEN: Area = [10.03, 54.96, 24.17, 69.07];
const EUROPE: Area = [-35.58, 24.6, 44.83, 84.73];

fn known(
    code: impl Into<String>,
    name: impl Into<String>,
    definition: Definition,
    area: Area,
    axes: bool,
) -> Known {
    Known { code: code.into(), name: name.into(), definition, area, has_wkt1_axes: axes }
}

fn geographic(code: &str, name: &str, datum: &'static Datum, area: Area) -> Known {
    known(code, name, Definition::geographic(datum), area, false)
}

fn transverse_mercator(
    datum: &'static Datum,
    lat_0: f64,
    lon_0: f64,
    k: f64,
    x_0: f64,
    y_0: f64,
) -> Definition {
    let parameters = Parameters { lat_0, lon_0, k, x_0, y_0, ..Parameters::default() };
    Definition::projected(datum, Method::TransverseMercator, parameters)
}

fn conic(
    datum: &'static Datum,
    method: Method,
    [lat_0, lon_0, lat_1, lat_2]: [f64; 4],
    [x_0, y_0]: [f64; 2],
) -> Definition {
    let parameters = Parameters { lat_0, lon_0, lat_1, lat_2, x_0, y_0, ..Parameters::default() };
    Definition::projected(datum, method, parameters)
}

/// A UTM zone, with data up to 15° beside its meridian: countries use one zone for all their land.
fn utm(code: u32, system: &str, datum: &'static Datum, zone: u32, south: bool, latitudes: [f64; 2]) -> Known {
    let lon_0 = f64::from(zone) * 6.0 - 183.0;
    let (y_0, hemisphere) = if south { (10_000_000.0, 'S') } else { (0.0, 'N') };
    known(
        format!("EPSG:{code}"),
        format!("{system} / UTM zone {zone}{hemisphere}"),
        transverse_mercator(datum, 0.0, lon_0, 0.9996, 500_000.0, y_0),
        [lon_0 - 15.0, latitudes[0], lon_0 + 15.0, latitudes[1]],
        true,
    )
}

/// SWEREF 99 local zones: EPSG code and central meridian.
const SWEREF99_ZONES: [(u32, &str, f64); 12] = [
    (3007, "12 00", 12.0),
    (3008, "13 30", 13.5),
    (3009, "15 00", 15.0),
    (3010, "16 30", 16.5),
    (3011, "18 00", 18.0),
    (3012, "14 15", 14.25),
    (3013, "15 45", 15.75),
    (3014, "17 15", 17.25),
    (3015, "18 45", 18.75),
    (3016, "20 15", 20.25),
    (3017, "21 45", 21.75),
    (3018, "23 15", 23.25),
];

/// RT 90 zones: EPSG code and gon from Stockholm; the meridian of zone 0 gon is 18°03'29.8".
const RT90_ZONES: [(u32, &str, f64); 6] = [
    (3019, "7.5 gon V", -3.0),
    (3020, "5 gon V", -2.0),
    (3021, "2.5 gon V", -1.0),
    (3022, "0 gon", 0.0),
    (3023, "2.5 gon O", 1.0),
    (3024, "5 gon O", 2.0),
];

/// The CRS of an EPSG number.
fn epsg(number: u32) -> Option<Known> {
    let code = format!("EPSG:{number}");
    Some(match number {
        4326 => geographic(&code, "WGS 84", &WGS84, WORLD),
        4979 => geographic(&code, "WGS 84", &WGS84, WORLD),
        4258 => geographic(&code, "ETRS89", &ETRS89, EUROPE),
        4619 => geographic(&code, "SWEREF99", &SWEREF99, SWEDEN),
        4171 => geographic(&code, "RGF93 v1", &RGF93, [-9.86, 41.15, 10.38, 51.56]),
        4269 => geographic(&code, "NAD83", &NAD83, [-180.0, 14.92, -40.73, 86.45]),
        3006 => known(
            code,
            "SWEREF99 TM",
            transverse_mercator(&SWEREF99, 0.0, 15.0, 0.9996, 500_000.0, 0.0),
            SWEDEN,
            false,
        ),
        3007..=3018 => {
            let (_, zone, lon_0) = SWEREF99_ZONES.into_iter().find(|z| z.0 == number)?;
            let definition = transverse_mercator(&SWEREF99, 0.0, lon_0, 1.0, 150_000.0, 0.0);
            known(code, format!("SWEREF99 {zone}"), definition, SWEDEN, false)
        }
        3019..=3024 => {
            let (_, zone, steps) = RT90_ZONES.into_iter().find(|z| z.0 == number)?;
            let lon_0 = 18.0 + 3.0 / 60.0 + 29.8 / 3600.0 + steps * 2.25;
            let definition = transverse_mercator(&RT90, 0.0, lon_0, 1.0, 1_500_000.0, 0.0);
            known(code, format!("RT90 {zone}"), definition, SWEDEN, false)
        }
        3034 => known(
            code,
            "ETRS89-extended / LCC Europe",
            conic(&ETRS89, Method::LambertConformal2, [52.0, 10.0, 35.0, 65.0], [4_000_000.0, 2_800_000.0]),
            EUROPE,
            false,
        ),
        3035 => known(
            code,
            "ETRS89-extended / LAEA Europe",
            conic(
                &ETRS89,
                Method::LambertAzimuthalEqualArea,
                [52.0, 10.0, 0.0, 0.0],
                [4_321_000.0, 3_210_000.0],
            ),
            EUROPE,
            false,
        ),
        25828..=25838 => utm(number, "ETRS89", &ETRS89, number - 25800, false, [27.0, 84.73]),
        32601..=32660 => utm(number, "WGS 84", &WGS84, number - 32600, false, [0.0, 84.0]),
        32701..=32760 => utm(number, "WGS 84", &WGS84, number - 32700, true, [-80.0, 0.0]),
        3067 => known(
            code,
            "ETRS89 / TM35FIN(E,N)",
            transverse_mercator(&ETRS89, 0.0, 27.0, 0.9996, 500_000.0, 0.0),
            [19.08, 58.84, 31.59, 70.09],
            true,
        ),
        3857 => known(
            code,
            "WGS 84 / Pseudo-Mercator",
            Definition::projected(&WGS84, Method::WebMercator, Parameters::default()),
            [-180.0, -85.06, 180.0, 85.06],
            true,
        ),
        3395 => known(
            code,
            "WGS 84 / World Mercator",
            Definition::projected(&WGS84, Method::Mercator, Parameters::default()),
            [-180.0, -80.0, 180.0, 84.0],
            true,
        ),
        6933 => known(
            code,
            "WGS 84 / NSIDC EASE-Grid 2.0 Global",
            conic(&WGS84, Method::CylindricalEqualArea, [0.0, 0.0, 30.0, 0.0], [0.0, 0.0]),
            [-180.0, -86.0, 180.0, 86.0],
            true,
        ),
        2154 => known(
            code,
            "RGF93 v1 / Lambert-93",
            conic(&RGF93, Method::LambertConformal2, [46.5, 3.0, 49.0, 44.0], [700_000.0, 6_600_000.0]),
            [-9.86, 41.15, 10.38, 51.56],
            true,
        ),
        2157 => known(
            code,
            "IRENET95 / Irish Transverse Mercator",
            transverse_mercator(&IRENET95, 53.5, -8.0, 0.99982, 600_000.0, 750_000.0),
            [-10.56, 51.39, -5.34, 55.43],
            true,
        ),
        2180 => known(
            code,
            "ETRF2000-PL / CS92",
            transverse_mercator(&POLAND2000, 0.0, 19.0, 0.9993, 500_000.0, -5_300_000.0),
            [14.14, 49.0, 24.15, 55.93],
            false,
        ),
        3059 => known(
            code,
            "LKS-92 / Latvia TM",
            transverse_mercator(&LATVIA92, 0.0, 24.0, 0.9996, 500_000.0, -6_000_000.0),
            [19.06, 55.67, 28.24, 58.09],
            false,
        ),
        3301 => known(
            code,
            "Estonian Coordinate System of 1997",
            conic(
                &ESTONIA97,
                Method::LambertConformal2,
                [57.0 + 31.0 / 60.0 + 3.194_15 / 3600.0, 24.0, 59.0 + 1.0 / 3.0, 58.0],
                [500_000.0, 6_375_000.0],
            ),
            [20.37, 57.52, 28.2, 60.0],
            false,
        ),
        3346 => known(
            code,
            "LKS94 / Lithuania TM",
            transverse_mercator(&LITHUANIA94, 0.0, 24.0, 0.9998, 500_000.0, 0.0),
            [19.02, 53.89, 26.82, 56.45],
            false,
        ),
        3812 => known(
            code,
            "ETRS89 / Belgian Lambert 2008",
            conic(
                &ETRS89,
                Method::LambertConformal2,
                [50.797815, 4.0 + 21.0 / 60.0 + 33.177 / 3600.0, 49.0 + 5.0 / 6.0, 51.0 + 1.0 / 6.0],
                [649_328.0, 665_262.0],
            ),
            [2.5, 49.5, 6.4, 51.51],
            true,
        ),
        5070 => known(
            code,
            "NAD83 / Conus Albers",
            conic(&NAD83, Method::AlbersEqualArea, [23.0, -96.0, 29.5, 45.5], [0.0, 0.0]),
            [-124.79, 24.41, -66.91, 49.38],
            true,
        ),
        27700 => known(
            code,
            "OSGB36 / British National Grid",
            transverse_mercator(&OSGB36, 49.0, -2.0, 0.999_601_271_7, 400_000.0, -100_000.0),
            [-9.01, 49.75, 2.01, 61.01],
            true,
        ),
        28992 => known(
            code,
            "Amersfoort / RD New",
            Definition::projected(
                &AMERSFOORT,
                Method::ObliqueStereographic,
                Parameters {
                    lat_0: 52.0 + 9.0 / 60.0 + 22.178 / 3600.0,
                    lon_0: 5.0 + 23.0 / 60.0 + 15.5 / 3600.0,
                    k: 0.9999079,
                    x_0: 155_000.0,
                    y_0: 463_000.0,
                    ..Parameters::default()
                },
            ),
            [3.2, 50.75, 7.22, 53.7],
            true,
        ),
        31370 => known(
            code,
            "BD72 / Belgian Lambert 72",
            conic(
                &BELGE72,
                Method::LambertConformal2,
                [
                    90.0,
                    4.0 + 22.0 / 60.0 + 2.952 / 3600.0,
                    51.0 + 10.0 / 60.0 + 0.002_04 / 3600.0,
                    49.0 + 50.0 / 60.0 + 0.002_04 / 3600.0,
                ],
                [150_000.013, 5_400_088.438],
            ),
            [2.5, 49.5, 6.4, 51.51],
            true,
        ),
        2056 => known(
            code,
            "CH1903+ / LV95",
            Definition::projected(
                &CH1903_PLUS,
                Method::SwissObliqueMercator,
                Parameters {
                    lat_0: 46.0 + 57.0 / 60.0 + 8.66 / 3600.0,
                    lon_0: 7.0 + 26.0 / 60.0 + 22.5 / 3600.0,
                    x_0: 2_600_000.0,
                    y_0: 1_200_000.0,
                    ..Parameters::default()
                },
            ),
            [5.96, 45.82, 10.49, 47.81],
            true,
        ),
        _ => {
            let datum = DATUMS.into_iter().find(|d| d.geographic.1 == number)?;
            geographic(&code, datum.geographic.0, datum, WORLD)
        }
    })
}

/// Every EPSG number that [`lookup`] knows, in ascending order.
pub(super) fn epsg_numbers() -> impl Iterator<Item = u32> {
    const RANGES: [(u32, u32); 10] = [
        (2056, 2180),
        (3006, 3067),
        (3301, 3395),
        (3812, 4326),
        (4619, 4979),
        (5070, 6933),
        (9702, 9702),
        (25828, 28992),
        (31370, 31370),
        (32601, 32760),
    ];
    RANGES.into_iter().flat_map(|(first, last)| first..=last).filter(|n| epsg(*n).is_some())
}

/// The CRS of a code such as `EPSG:3006`, `epsg:3006`, `ESRI:54009`, `OGC:CRS84` or their URN and URL forms.
pub(super) fn lookup(authority: &str, number: &str) -> Option<Known> {
    match authority.to_ascii_uppercase().as_str() {
        "EPSG" => epsg(number.parse().ok()?),
        "ESRI" => match number {
            "54009" => Some(known(
                "ESRI:54009",
                "World_Mollweide",
                Definition::projected(&WGS84, Method::Mollweide, Parameters::default()),
                WORLD,
                true,
            )),
            // ESRI's own number for Web Mercator, and its superseded ones.
            "102100" | "102113" => epsg(3857),
            _ => None,
        },
        "OGC" => match number.to_ascii_uppercase().as_str() {
            "CRS84" | "CRS84H" => Some(geographic("OGC:CRS84", "WGS 84 (CRS84)", &WGS84, WORLD)),
            _ => None,
        },
        _ => None,
    }
}

/// All that ship, for comparison by parameters: EPSG in ascending order, then ESRI.
pub(super) fn all() -> impl Iterator<Item = Known> {
    epsg_numbers().filter_map(epsg).chain(lookup("ESRI", "54009"))
}

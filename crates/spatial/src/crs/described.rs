//! A CRS as a file describes it, and the definition that it amounts to.

use super::{
    Crs, CrsError, codes,
    definition::{
        DATUMS, Datum, DatumRef, Definition, GRS80, Method, Parameters, Shift, WGS84, WGS84_ELLIPSOID,
    },
    kernel::Kernel,
};

/// What WKT and PROJJSON say, before any meaning is given to names.
#[derive(Debug)]
pub(super) struct Described {
    pub name: String,
    /// Authority and code of the whole CRS.
    pub id: Option<(String, String)>,
    pub datum: String,
    /// Semi-major axis in metres.
    pub a: f64,
    /// Inverse flattening; 0 for a sphere.
    pub rf: f64,
    pub to_wgs84: Option<[f64; 7]>,
    /// Degrees east of Greenwich.
    pub prime_meridian: f64,
    /// Radians per unit of angles that name no unit.
    pub angle_unit: f64,
    /// `None` for a geographic CRS.
    pub projection: Option<DescribedProjection>,
    /// Axes that point west or south, which files then store so.
    pub has_reversed_axis: bool,
}

/// The projection of a projected CRS.
#[derive(Debug)]
pub(super) struct DescribedProjection {
    pub method: String,
    pub parameters: Vec<DescribedParameter>,
    /// Metres per unit of the coordinates.
    pub unit_m: f64,
    /// The PROJ string that GDAL adds where WKT 1 cannot tell Web Mercator.
    pub proj4: Option<String>,
}

/// A parameter with its own unit (radians or metres), where it has one.
#[derive(Debug)]
pub(super) struct DescribedParameter {
    pub name: String,
    pub value: f64,
    pub unit: Option<f64>,
}

/// Radians in a degree.
pub(super) const DEGREE: f64 = std::f64::consts::PI / 180.0;

impl Described {
    /// The CRS: by its code if that ships, else the shipped one with the same parameters, else built from them.
    pub(super) fn resolve(self) -> Result<Crs, CrsError> {
        if let Some((authority, code)) = &self.id
            && let Some(known) = codes::lookup(authority, code)
        {
            return Ok(Crs::from(known));
        }
        let code = match &self.id {
            Some((authority, code)) => format!("{authority}:{code}"),
            None => self.name.clone(),
        };
        let definition =
            self.definition().map_err(|reason| CrsError::Unsupported { code: code.clone(), reason })?;
        let is_same = |known: &Definition| {
            known.datum == definition.datum
                && known.method == definition.method
                && known.unit_m == definition.unit_m
                && known.parameters.is_close_to(&definition.parameters)
        };
        if let Some(known) = codes::all().find(|k| is_same(&k.definition)) {
            return Ok(Crs::from(known));
        }
        Kernel::new(&definition)
            .and_then(|_| definition.degrees())
            .map_err(|reason| CrsError::Unsupported { code: code.clone(), reason })?;
        Ok(Crs::own(definition, code, self.name))
    }

    fn definition(&self) -> Result<Definition, String> {
        if self.prime_meridian.abs() > 1e-9 {
            return Err(format!("its longitudes count from {}°, not from Greenwich", self.prime_meridian));
        }
        if !(1e-7..=7.0).contains(&self.angle_unit) {
            return Err(format!("a unit of {} radians", self.angle_unit));
        }
        if self.has_reversed_axis {
            return Err("its axes point west or south".to_string());
        }
        let Some(projection) = &self.projection else {
            if (self.angle_unit / DEGREE - 1.0).abs() > 1e-9 {
                return Err("its angles are not in degrees".to_string());
            }
            let definition = Definition::geographic(&WGS84);
            return Ok(Definition { datum: self.datum()?, ..definition });
        };
        let unit_m = projection.unit_m;
        if !(unit_m.is_finite() && unit_m > 0.0) {
            return Err(format!("a unit of {unit_m} m"));
        }
        let (method, parameters) = self.method_and_parameters(projection)?;
        if method == Method::WebMercator {
            // The sphere is fed with latitudes of WGS 84, whatever the text says of its datum.
            return Ok(Definition { unit_m, ..Definition::projected(&WGS84, method, parameters) });
        }
        Ok(Definition { datum: self.datum()?, method, parameters, unit_m })
    }

    fn datum(&self) -> Result<DatumRef, String> {
        if !(6.3e6..6.4e6).contains(&self.a) || !(200.0..400.0).contains(&self.rf) {
            return Err(format!("an ellipsoid of {} m and 1/{} is not the Earth's", self.a, self.rf));
        }
        let name = plain(self.datum.strip_prefix("D_").unwrap_or(&self.datum));
        let is_named =
            |d: &&Datum| plain(d.name) == name || d.aliases.iter().any(|alias| plain(alias) == name);
        if let Some(datum) = DATUMS.into_iter().find(is_named)
            && self.has_ellipsoid(datum.ellipsoid.a, datum.ellipsoid.rf)
        {
            return Ok(DatumRef::Known(datum));
        }
        let is_modern = [WGS84_ELLIPSOID, GRS80].into_iter().any(|e| self.has_ellipsoid(e.a, e.rf));
        let shift = match self.to_wgs84 {
            Some(shift) if shift.iter().any(|v| *v != 0.0) => Shift::Helmert(shift),
            Some(_) => Shift::Null,
            None if is_modern => Shift::Null,
            None => return Err(format!("how its datum `{}` relates to WGS 84 is not known", self.datum)),
        };
        Ok(DatumRef::Described { name: self.datum.clone(), a: self.a, rf: self.rf, shift })
    }

    fn has_ellipsoid(&self, a: f64, rf: f64) -> bool {
        // WGS 84 and GRS 80 differ by 1.5e-6 here.
        (self.a - a).abs() < 1e-3 && (self.rf - rf).abs() < 5e-7
    }

    fn method_and_parameters(
        &self,
        projection: &DescribedProjection,
    ) -> Result<(Method, Parameters), String> {
        let mut p = Parameters::default();
        let mut has_second_parallel = false;
        let mut azimuths = Vec::new();
        for parameter in &projection.parameters {
            let value = parameter.value;
            let degrees = in_unit(value, parameter.unit.unwrap_or(self.angle_unit), DEGREE);
            let metres = in_unit(value, parameter.unit.unwrap_or(projection.unit_m), 1.0);
            if !value.is_finite() {
                return Err(format!("its parameter `{}` is not a number", parameter.name));
            }
            match plain(&parameter.name).as_str() {
                "latitudeoforigin"
                | "latitudeofcenter"
                | "latitudeofnaturalorigin"
                | "latitudeoffalseorigin"
                | "latitudeofprojectioncentre" => p.lat_0 = degrees,
                "centralmeridian"
                | "longitudeofcenter"
                | "longitudeoforigin"
                | "longitudeofnaturalorigin"
                | "longitudeoffalseorigin"
                | "longitudeofprojectioncentre" => p.lon_0 = degrees,
                "standardparallel1" | "latitudeof1ststandardparallel" => p.lat_1 = degrees,
                "standardparallel2" | "latitudeof2ndstandardparallel" => {
                    p.lat_2 = degrees;
                    has_second_parallel = true;
                }
                "scalefactor"
                | "scalefactoratnaturalorigin"
                | "scalefactoratprojectioncentre"
                | "scalefactoroninitialline"
                | "scalefactoratthepseudostandardparallel" => p.k = value,
                "falseeasting" | "eastingatfalseorigin" | "eastingatprojectioncentre" => p.x_0 = metres,
                "falsenorthing" | "northingatfalseorigin" | "northingatprojectioncentre" => p.y_0 = metres,
                "azimuth"
                | "azimuthofinitialline"
                | "azimuthatprojectioncentre"
                | "rectifiedgridangle"
                | "anglefromrectifiedtoskewgrid" => azimuths.push(degrees),
                _ if value == 0.0 => {}
                _ => return Err(format!("its parameter `{}` is not supported", parameter.name)),
            }
        }
        let is_possible = p.lat_0.abs() <= 90.0
            && p.lat_1.abs() <= 90.0
            && p.lat_2.abs() <= 90.0
            && p.lon_0.abs() <= 360.0
            && p.k > 0.0
            && [p.x_0, p.y_0].iter().all(|v| v.abs() <= 1e9);
        if !is_possible {
            return Err("its parameters are out of range".to_string());
        }
        let is_sphere = self.rf == 0.0 && self.a == WGS84_ELLIPSOID.a;
        let is_web = |proj4: &String| proj4.contains("+a=6378137 ") && proj4.contains("+b=6378137 ");
        let method = match plain(&projection.method).as_str() {
            "transversemercator" | "gausskruger" => Method::TransverseMercator,
            "lambertconformalconic2sp" | "lambertconicconformal2sp" => Method::LambertConformal2,
            "lambertconformalconic1sp" | "lambertconicconformal1sp" => Method::LambertConformal1,
            "lambertconformalconic" if has_second_parallel => Method::LambertConformal2,
            "lambertconformalconic" if p.lat_1 == p.lat_0 => Method::LambertConformal1,
            "lambertazimuthalequalarea" => Method::LambertAzimuthalEqualArea,
            "albersconicequalarea" | "albers" | "albersequalarea" => Method::AlbersEqualArea,
            "cylindricalequalarea" | "lambertcylindricalequalarea" | "behrmann" => {
                Method::CylindricalEqualArea
            }
            "mercatorauxiliarysphere" | "popularvisualisationpseudomercator" => Method::WebMercator,
            "mercator1sp" | "mercator" | "mercatorvarianta" if is_sphere => Method::WebMercator,
            "mercator1sp" if projection.proj4.as_ref().is_some_and(is_web) => Method::WebMercator,
            "mercator1sp" | "mercator2sp" | "mercator" | "mercatorvarianta" | "mercatorvariantb" => {
                Method::Mercator
            }
            "mollweide" => Method::Mollweide,
            "obliquestereographic" | "doublestereographic" => Method::ObliqueStereographic,
            "swissobliquecylindrical" | "swissobliquemercator" => Method::SwissObliqueMercator,
            "hotineobliquemercatorazimuthcenter" | "hotineobliquemercatorvariantb"
                if !azimuths.is_empty() && azimuths.iter().all(|a| (a - 90.0).abs() < 1e-9) =>
            {
                Method::SwissObliqueMercator
            }
            _ => return Err(format!("the projection method `{}` is not supported", projection.method)),
        };
        if plain(&projection.method) == "behrmann" && p.lat_1 == 0.0 {
            // ESRI's name for the cylindrical equal-area projection that is true at 30°, which it may leave out.
            p.lat_1 = 30.0;
        }
        if method == Method::LambertConformal1 {
            p.lat_1 = 0.0;
        }
        if method == Method::Mercator && p.lat_0 != 0.0 {
            return Err("a Mercator projection with an origin off the equator is not supported".to_string());
        }
        Ok((method, p))
    }
}

/// A value in one unit as a value in another; unchanged where they are the same but for printed digits.
fn in_unit(value: f64, from: f64, to: f64) -> f64 {
    if (from / to - 1.0).abs() < 1e-9 { value } else { value * from / to }
}

/// Letters and digits only, lower case: names are written with spaces, underscores and hyphens.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

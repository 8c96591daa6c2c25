//! Grid cells whose code tells their place: INSPIRE and GISCO ids, their compact forms, SCB's and SSB's numbers,
//! and the quadkeys of web map tiles.

/// A cell as its code tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// EPSG number of its CRS.
    pub epsg: u32,
    /// West and south side.
    pub low: (f64, f64),
    /// East and north side.
    pub high: (f64, f64),
}

/// Reads the code of a cell; `size_m` is its size where the code does not tell (SCB and SSB), 1,000 m where absent.
///
/// - `CRS3035RES1000mN2689000E4337000`: INSPIRE and GISCO, any EPSG code and size;
/// - `1kmN2689E4337`, `250mN26890E43370`: without CRS (EPSG:3035) and without as many zeros as the size ends in;
/// - `6790007150000`: SCB, six digits of easting and seven of northing in EPSG:3006;
/// - `22620006646000`: SSB, easting + 2,000,000 and northing in EPSG:25833, 14 digits;
/// - `1202021022013112`: a quadkey, of digits 0–3; its tile in longitude and latitude.
pub fn parse(code: &str, size_m: Option<f64>) -> Option<Cell> {
    let code = code.trim();
    if code.bytes().all(|b| b.is_ascii_digit()) {
        return match code.len() {
            13 => {
                let (x, y) = (code[..6].parse().ok()?, code[6..].parse().ok()?);
                Some(square(3006, x, y, size_m.unwrap_or(1000.0)))
            }
            14 if code.bytes().any(|b| b > b'3') => {
                let number: u64 = code.parse().ok()?;
                let x = (number / 10_000_000) as f64 - 2_000_000.0;
                Some(square(25833, x, (number % 10_000_000) as f64, size_m.unwrap_or(1000.0)))
            }
            1..=23 => tile(code),
            _ => None,
        };
    }
    let upper = code.to_ascii_uppercase();
    match upper.strip_prefix("CRS") {
        Some(rest) => {
            let (epsg, rest) = leading_number(rest)?;
            let (size, rest) = size_of(rest.strip_prefix("RES")?)?;
            let (x, y) = corner(rest)?;
            Some(square(u32::try_from(epsg).ok()?, x as f64, y as f64, size as f64))
        }
        None => {
            let (size, rest) = size_of(&upper)?;
            let (x, y) = corner(rest)?;
            let mut factor = 1;
            while size % (factor * 10) == 0 {
                factor *= 10;
            }
            // No northing of Europe has eight digits: one so long already is in metres.
            let factor = if x.max(y).saturating_mul(factor) < 10_000_000 { factor } else { 1 };
            Some(square(3035, (x * factor) as f64, (y * factor) as f64, size as f64))
        }
    }
}

fn square(epsg: u32, x: f64, y: f64, size: f64) -> Cell {
    Cell { epsg, low: (x, y), high: (x + size, y + size) }
}

fn leading_number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    // Twelve digits are more than any coordinate has, and keep products from overflowing.
    let digits = text.get(..end).filter(|d| !d.is_empty() && d.len() <= 12)?;
    Some((digits.parse().ok()?, &text[end..]))
}

/// A size in metres: `1000M`, `1KM`, `250M`.
fn size_of(text: &str) -> Option<(u64, &str)> {
    let (number, rest) = leading_number(text)?;
    let (size, rest) = match rest.strip_prefix("KM") {
        Some(rest) => (number.checked_mul(1000)?, rest),
        None => (number, rest.strip_prefix('M')?),
    };
    (size > 0 && size <= 1_000_000).then_some((size, rest))
}

/// Easting and northing of `N2689000E4337000`, in either order.
fn corner(text: &str) -> Option<(u64, u64)> {
    let axis = text.chars().next()?;
    let other = match axis {
        'N' => 'E',
        'E' => 'N',
        _ => return None,
    };
    let (first, rest) = leading_number(&text[1..])?;
    let (second, rest) = leading_number(rest.strip_prefix(other)?)?;
    if !rest.is_empty() {
        return None;
    }
    Some(if axis == 'N' { (second, first) } else { (first, second) })
}

/// The tile of a quadkey in longitude and latitude.
fn tile(quadkey: &str) -> Option<Cell> {
    let zoom = quadkey.len() as u32;
    let (mut x, mut y) = (0u64, 0u64);
    for digit in quadkey.bytes() {
        let digit = u64::from(digit.checked_sub(b'0').filter(|d| *d <= 3)?);
        x = x << 1 | (digit & 1);
        y = y << 1 | (digit >> 1);
    }
    let n = (1u64 << zoom) as f64;
    let longitude = |column: u64| column as f64 / n * 360.0 - 180.0;
    let latitude = |row: u64| {
        let turn = std::f64::consts::PI * (1.0 - 2.0 * row as f64 / n);
        turn.sinh().atan().to_degrees()
    };
    Some(Cell { epsg: 4326, low: (longitude(x), latitude(y + 1)), high: (longitude(x + 1), latitude(y)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_and_the_compact_form_of_a_cell_are_one_place() {
        let long = parse("CRS3035RES1000mN2689000E4337000", None).unwrap();
        assert_eq!(
            (long.epsg, long.low, long.high),
            (3035, (4_337_000.0, 2_689_000.0), (4_338_000.0, 2_690_000.0))
        );
        for same in
            ["1kmN2689E4337", "1kmE4337N2689", "1kmN2689000E4337000", "crs3035res1000mE4337000N2689000"]
        {
            assert_eq!(parse(same, None), Some(long.clone()), "{same}");
        }
    }

    #[test]
    fn compact_forms_leave_out_as_many_zeros_as_the_size_has() {
        let at = |code: &str| parse(code, None).map(|c| (c.low, c.high.0 - c.low.0));
        assert_eq!(at("250mN426825E452350"), Some(((4_523_500.0, 4_268_250.0), 250.0)));
        assert_eq!(at("100mN26891E43371"), Some(((4_337_100.0, 2_689_100.0), 100.0)));
        assert_eq!(at("10kmN268E433"), Some(((4_330_000.0, 2_680_000.0), 10_000.0)));
    }

    #[test]
    fn national_numbers_and_quadkeys_are_told_apart() {
        let scb = parse("7580007088000", None).unwrap();
        assert_eq!((scb.epsg, scb.low), (3006, (758_000.0, 7_088_000.0)));
        let ssb = parse("22620006646000", Some(250.0)).unwrap();
        assert_eq!((ssb.epsg, ssb.low, ssb.high.0), (25833, (262_000.0, 6_646_000.0), 262_250.0));
        let west = parse("19250006800000", None).unwrap();
        assert_eq!(west.low.0, -75_000.0, "west of the meridian of origin");
        let tile = parse("1202021022013112", None).unwrap();
        assert_eq!(tile.epsg, 4326);
        assert!((tile.high.0 - tile.low.0 - 360.0 / 65536.0).abs() < 1e-12);
        let world = parse("0", None).unwrap();
        assert_eq!(world.low.0, -180.0);
        assert!((world.high.1 - 85.051_128_78).abs() < 1e-6 && world.low.1.abs() < 1e-9);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for code in [
            "",
            "N",
            "1kmN",
            "CRS3035",
            "CRS3035RES0mN1E1",
            "1kmN26E43x",
            "RES1000mN1E1",
            "1234567890123456789012345",
            "99999999999999999999kmN1E1",
        ] {
            assert_eq!(parse(code, None), None, "{code}");
        }
    }
}

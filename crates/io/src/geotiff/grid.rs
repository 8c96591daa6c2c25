//! The raster itself: its size, place, CRS and chunks (tiles or strips).

use super::MAX_CHUNK_BYTES;
use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};
use tiff::{
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};
use whitespot_model::{
    crs::CrsDeclaration,
    features::{Format, ReadError},
};

/// `ModelPixelScaleTag`, `ModelTiepointTag`, `ModelTransformationTag` of the GeoTIFF standard.
const PIXEL_SCALE: Tag = Tag::Unknown(33550);
const TIEPOINT: Tag = Tag::Unknown(33922);
const TRANSFORMATION: Tag = Tag::Unknown(34264);
/// `GeoKeyDirectoryTag`, `GeoAsciiParamsTag`.
const GEO_KEYS: Tag = Tag::Unknown(34735);
const GEO_ASCII: Tag = Tag::Unknown(34737);
/// GDAL's own tag for the value that means "no data", as text.
const NODATA: Tag = Tag::Unknown(42113);

/// An open raster.
pub(super) struct Grid {
    path: PathBuf,
    decoder: Decoder<BufReader<File>>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) crs: Option<CrsDeclaration>,
    /// Upper left corner and the size of a pixel.
    origin: (f64, f64),
    size: (f64, f64),
    nodata: Option<f64>,
    /// Size of a tile or strip in pixels, and how many stand side by side.
    pub(super) chunk_size: (u32, u32),
    pub(super) chunks_across: u32,
    n_chunks: u32,
    n_samples: usize,
    /// Bytes of each chunk in the file; 0 for one that a sparse file leaves out.
    byte_counts: Vec<u64>,
}

/// A decoded tile or strip, without what pads it beyond the image.
pub(super) struct Chunk {
    row: u32,
    column: u32,
    width: u32,
    /// Row by row; NaN where there is no data.
    pub(super) values: Vec<f64>,
}

impl Chunk {
    /// Row and column of the pixel at a position of `values`.
    pub(super) fn pixel(&self, at: usize) -> (u32, u32) {
        (self.row + at as u32 / self.width, self.column + at as u32 % self.width)
    }
}

impl Grid {
    pub(super) fn open(path: &Path) -> Result<Grid, ReadError> {
        let file = BufReader::new(crate::open_file(path)?);
        let broken = |e: tiff::TiffError| malformed(path, e.to_string(), None);
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MAX_CHUNK_BYTES;
        let mut decoder = Decoder::new(file).map_err(broken)?.with_limits(limits);
        let (width, height) = decoder.dimensions().map_err(broken)?;
        if width == 0 || height == 0 {
            return Err(malformed(path, "the image has no pixels".to_string(), None));
        }
        let (origin, size) = place(path, &mut decoder)?;
        let keys = GeoKeys::read(&mut decoder);
        let shift = if keys.is_point { 0.5 } else { 0.0 };
        let origin = (origin.0 - shift * size.0, origin.1 + shift * size.1);
        let chunk_size = decoder.chunk_dimensions();
        if chunk_size.0 == 0 || chunk_size.1 == 0 {
            return Err(malformed(path, "its tiles have no size".to_string(), None));
        }
        let chunks_across = width.div_ceil(chunk_size.0);
        let n_chunks = chunks_across.saturating_mul(height.div_ceil(chunk_size.1));
        let is_tiled = decoder.find_tag(Tag::TileWidth).map_err(broken)?.is_some();
        let counts = if is_tiled { Tag::TileByteCounts } else { Tag::StripByteCounts };
        let byte_counts = decoder.find_tag_unsigned_vec::<u64>(counts).map_err(broken)?.unwrap_or_default();
        if byte_counts.len() < n_chunks as usize {
            return Err(malformed(path, "the list of its tiles is too short".to_string(), None));
        }
        let n_samples = decoder
            .find_tag_unsigned::<u16>(Tag::SamplesPerPixel)
            .map_err(broken)?
            .map_or(1, usize::from)
            .max(1);
        let is_planar =
            decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).map_err(broken)? == Some(2);
        let nodata = decoder.get_tag_ascii_string(NODATA).ok();
        let nodata = nodata.and_then(|t| t.trim_matches(['\0', ' ']).parse::<f64>().ok());
        Ok(Grid {
            path: path.to_path_buf(),
            decoder,
            width,
            height,
            crs: keys.crs,
            origin,
            size,
            nodata,
            chunk_size,
            chunks_across,
            n_chunks,
            n_samples: if is_planar { 1 } else { n_samples },
            byte_counts,
        })
    }

    /// Number of tiles or strips of the first band.
    pub(super) fn n_chunks(&self) -> u32 {
        self.n_chunks
    }

    /// West side of a column.
    pub(super) fn x(&self, column: u32) -> f64 {
        self.origin.0 + f64::from(column) * self.size.0
    }

    /// North side of a row.
    pub(super) fn y(&self, row: u32) -> f64 {
        self.origin.1 - f64::from(row) * self.size.1
    }

    /// Decodes a tile or strip; `None` for one that a sparse file leaves out.
    pub(super) fn read_chunk(&mut self, index: u32) -> Result<Option<Chunk>, ReadError> {
        if self.byte_counts[index as usize] == 0 {
            return Ok(None);
        }
        let (row, column) = (index / self.chunks_across, index % self.chunks_across);
        let (row, column) = (row * self.chunk_size.1, column * self.chunk_size.0);
        let (width, height) = self.decoder.chunk_data_dimensions(index);
        let decoded = self.decoder.read_chunk(index);
        let decoded = decoded.map_err(|e| {
            malformed(&self.path, format!("the tile at row {row}, column {column}: {e}"), None)
        })?;
        let (n, step) = (width as usize * height as usize, self.n_samples);
        let mut values = numbers(&decoded, step, self.nodata);
        if values.len() < n {
            let what = format!("the tile at row {row}, column {column} is cut off");
            return Err(malformed(&self.path, what, None));
        }
        values.truncate(n);
        Ok(Some(Chunk { row, column, width, values }))
    }
}

/// Every `step`-th sample as a number; NaN for what the file marks as no data.
fn numbers(decoded: &DecodingResult, step: usize, nodata: Option<f64>) -> Vec<f64> {
    fn each<T: Copy>(samples: &[T], step: usize, nodata: Option<f64>, to: impl Fn(T) -> f64) -> Vec<f64> {
        let clean = |v: f64| if nodata == Some(v) { f64::NAN } else { v };
        samples.iter().step_by(step).map(|s| clean(to(*s))).collect()
    }
    // A nodata value of a 32-bit raster is often written with more digits than 32 bits hold.
    let narrow = nodata.map(|v| f64::from(v as f32));
    match decoded {
        DecodingResult::U8(v) => each(v, step, nodata, f64::from),
        DecodingResult::U16(v) => each(v, step, nodata, f64::from),
        DecodingResult::U32(v) => each(v, step, nodata, f64::from),
        DecodingResult::U64(v) => each(v, step, nodata, |s| s as f64),
        DecodingResult::I8(v) => each(v, step, nodata, f64::from),
        DecodingResult::I16(v) => each(v, step, nodata, f64::from),
        DecodingResult::I32(v) => each(v, step, nodata, f64::from),
        DecodingResult::I64(v) => each(v, step, nodata, |s| s as f64),
        DecodingResult::F16(v) => each(v, step, nodata, f64::from),
        DecodingResult::F32(v) => each(v, step, narrow, f64::from),
        DecodingResult::F64(v) => each(v, step, nodata, |s| s),
    }
}

/// Upper left corner and size of a pixel.
type Place = ((f64, f64), (f64, f64));

/// The place of the grid, with a pixel's size positive; refused where the grid is turned or has no place.
fn place(path: &Path, decoder: &mut Decoder<BufReader<File>>) -> Result<Place, ReadError> {
    let turned = || {
        malformed(
            path,
            "the grid is not north-up".to_string(),
            Some("turn it with `gdalwarp in.tif out.tif`"),
        )
    };
    let mut doubles = |tag| decoder.get_tag_f64_vec(tag).ok();
    let (origin, size) = match (doubles(PIXEL_SCALE), doubles(TIEPOINT), doubles(TRANSFORMATION)) {
        (Some(scale), Some(tie), _) if scale.len() >= 2 && tie.len() >= 6 => {
            let origin = (tie[3] - tie[0] * scale[0], tie[4] + tie[1] * scale[1]);
            (origin, (scale[0], scale[1]))
        }
        (_, _, Some(m)) if m.len() >= 8 => {
            if m[1] != 0.0 || m[4] != 0.0 {
                return Err(turned());
            }
            ((m[3], m[7]), (m[0], -m[5]))
        }
        _ => {
            return Err(malformed(
                path,
                "it is a picture without a place on earth (no GeoTIFF tags)".to_string(),
                Some(
                    "give it one with `gdal_translate -a_srs EPSG:3006 -a_ullr WEST NORTH EAST SOUTH in.tif out.tif`",
                ),
            ));
        }
    };
    if !(size.0 > 0.0 && size.1 > 0.0) {
        return Err(turned());
    }
    if [origin.0, origin.1, size.0, size.1].iter().any(|v| !v.is_finite()) {
        return Err(malformed(path, "its place is not a finite number".to_string(), None));
    }
    Ok((origin, size))
}

/// What the GeoKeys say.
struct GeoKeys {
    crs: Option<CrsDeclaration>,
    /// Whether the tie point is the centre of a pixel.
    is_point: bool,
}

impl GeoKeys {
    fn read(decoder: &mut Decoder<BufReader<File>>) -> GeoKeys {
        let directory = decoder.get_tag_u16_vec(GEO_KEYS).unwrap_or_default();
        let ascii = decoder.get_tag_ascii_string(GEO_ASCII).unwrap_or_default();
        let entry = |wanted: u16| {
            directory.chunks_exact(4).skip(1).find(|key| key[0] == wanted).map(|key| (key[1], key[2], key[3]))
        };
        let short = |wanted| entry(wanted).filter(|(location, ..)| *location == 0).map(|(.., value)| value);
        let text = |wanted| {
            let (location, count, offset) = entry(wanted)?;
            let (start, end) = (usize::from(offset), usize::from(offset) + usize::from(count));
            (location == 34737).then(|| ascii.get(start..end.min(ascii.len())))?
        };
        let code = match short(1024) {
            Some(2) => short(2048),
            _ => short(3072).or_else(|| short(2048).filter(|_| short(1024).is_none())),
        };
        let crs = match code {
            Some(n) if (1024..32767).contains(&n) => Some(CrsDeclaration::Code(format!("EPSG:{n}"))),
            Some(n) if (53000..55000).contains(&n) => Some(CrsDeclaration::Code(format!("ESRI:{n}"))),
            _ => [1026, 3073, 2049].into_iter().filter_map(text).find_map(|t: &str| described(t)),
        };
        GeoKeys { crs, is_point: short(1025) == Some(2) }
    }
}

/// The CRS that a citation names, where the file has no code for it.
fn described(citation: &str) -> Option<CrsDeclaration> {
    let citation = citation.trim_end_matches(['|', '\0']);
    if let Some(wkt) = citation.strip_prefix("ESRI PE String = ") {
        return Some(CrsDeclaration::Wkt(wkt.to_string()));
    }
    // GHSL's population grids come so.
    citation.contains("Mollweide").then(|| CrsDeclaration::Code("ESRI:54009".to_string()))
}

pub(super) fn malformed(path: &Path, what: String, hint: Option<&str>) -> ReadError {
    ReadError::Malformed {
        file: path.to_path_buf(),
        format: Format::GeoTiff.name(),
        what,
        hint: hint.map(str::to_string),
    }
}

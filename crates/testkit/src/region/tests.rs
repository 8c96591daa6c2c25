use super::*;
use geo::Validation;
use whitespot_model::shapes::Part;

#[test]
fn the_same_seed_gives_the_same_region_in_any_batches() {
    let (a, b) = (Region::new(Size::TINY, Frame::Metres, 1), Region::new(Size::TINY, Frame::Metres, 1));
    assert_eq!(a.layers[1].shapes, b.layers[1].shapes);
    let whole = a.settlements(0, 5_000);
    assert_eq!(whole.len(), 5_000);
    assert_eq!(whole.points[1_500..1_700], b.settlements(1_500, 200).points);
    assert_ne!(a.areas.shapes, Region::new(Size::TINY, Frame::Metres, 2).areas.shapes);
}

#[test]
fn every_polygon_is_valid_and_the_layers_have_about_their_size() {
    let region = Region::new(Size::TINY, Frame::Metres, 3);
    for shapes in region.layers.iter().map(|l| &l.shapes).chain([&region.areas.shapes]) {
        for p in (0..shapes.n_parts()).filter(|p| shapes.parts[*p] == Part::Polygon) {
            let polygon = crate::reference::to_geo(shapes, p);
            // Rings that touch themselves in a corner are how rasters are traced; geo calls those invalid.
            assert!(polygon.interiors().len() < 5_000);
        }
    }
    for p in 0..region.areas.shapes.n_parts() {
        assert!(crate::reference::to_geo(&region.areas.shapes, p).is_valid(), "area {p}");
    }
    let n = region.layers[1].shapes.n_coords() as f64;
    assert!((0.7..1.5).contains(&(n / Size::TINY.n_mobile_vertices as f64)), "{n}");
}

#[test]
fn areas_leave_no_gap() {
    let region = Region::new(Size::TINY, Frame::Metres, 4);
    let shapes = &region.areas.shapes;
    for p in region.settlements(0, 500).points {
        assert_ne!(crate::reference::area(shapes, p), whitespot_model::area::OUTSIDE, "{p:?}");
    }
}

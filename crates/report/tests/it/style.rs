//! Contrast of the chosen colours (WCAG 1.4.3 and 1.4.11), light and dark.

use crate::{made_up, made_up_funding::add_funding};
use std::collections::BTreeMap;
use whitespot_model::config::Lang;

/// Colours by name of the first `:root{…}` from `start` on, over those given.
fn colours(css: &str, start: usize, over: &BTreeMap<String, u32>) -> BTreeMap<String, u32> {
    let from = start + css[start..].find(":root{").unwrap() + ":root{".len();
    let block = &css[from..from + css[from..].find('}').unwrap()];
    let mut colours = over.clone();
    for (name, value) in block.split(';').filter_map(|line| line.trim().split_once(':')) {
        if let Some(hex) = value.trim().strip_prefix('#') {
            let long: String = match hex.len() {
                3 => hex.chars().flat_map(|c| [c, c]).collect(),
                _ => hex.to_string(),
            };
            colours.insert(
                name.trim().trim_start_matches("--").to_string(),
                u32::from_str_radix(&long, 16).unwrap(),
            );
        }
    }
    colours
}

fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let c = f64::from(colour >> shift & 0xff) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn contrast(a: u32, b: u32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_formula_gives_the_known_extremes() {
    assert!((contrast(0x00_0000, 0xff_ffff) - 21.0).abs() < 1e-9);
    assert!((contrast(0x00_72b2, 0xff_ffff) - 5.2).abs() < 0.05);
}

#[test]
fn text_has_a_contrast_of_4_5_and_graphics_of_3_in_light_and_dark() {
    let html = whitespot_report::render_html(&add_funding(made_up::vasterbotten()), Lang::En).unwrap();
    let light = colours(&html, 0, &BTreeMap::new());
    let dark = colours(&html, html.find("prefers-color-scheme:dark").unwrap(), &light);
    for (mode, colours) in [("light", &light), ("dark", &dark)] {
        let pair = |a: &str, b: &str, least: f64| {
            let ratio = contrast(colours[a], colours[b]);
            assert!(ratio >= least, "{a} on {b}, {mode}: {ratio:.2}");
        };
        for ground in ["bg", "panel"] {
            for text in ["ink", "soft", "link"] {
                pair(text, ground, 4.5);
            }
        }
        pair("ink", "mark", 4.5);
        pair("warn-ink", "warn-bg", 4.5);
        for graphic in ["gap", "reached", "funded", "bar", "focus"] {
            pair(graphic, "bg", 3.0);
        }
    }
}

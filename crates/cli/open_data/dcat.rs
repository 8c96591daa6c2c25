//! `dcat.jsonld`: the folder as a dataset of an open-data catalogue, for harvesting.
//!
//! Follows DCAT-AP 3.0 (semiceu.github.io/DCAT-AP/releases/3.0.0) with what DCAT-AP-SE 3.0 adds as mandatory
//! (docs.dataportal.se/dcat: a catalogue's licence, a dataset's publisher, name and address of a contact), and
//! GeoDCAT-AP 3.0's extent, CRS and lineage. Terms stand in full in the context, so that nothing must be fetched to
//! read it; files are named relative to it unless the analysis file gives their address.

use super::{Described, LANGUAGES, PublicFile, description, lineage, url_path};
use crate::failure::Failure;
use serde_json::{Value, json};
use whitespot_model::{
    config::{Lang, Publication},
    provenance::Provenance,
};

/// Metadata themselves are free of rights, as dataportal.se asks of every catalogue.
const CC0: &str = "https://creativecommons.org/publicdomain/zero/1.0/";

/// What files are for people, not data.
const COMPANIONS: [&str; 1] = ["qml"];

pub(super) fn text(described: &Described<'_>, files: &[PublicFile]) -> Result<String, Failure> {
    let publication = described.analysis.publication.clone().unwrap_or_default();
    let files: Vec<&PublicFile> = files.iter().filter(|f| !COMPANIONS.contains(&f.kind.extension)).collect();
    let mut graph =
        vec![catalogue(described), publisher(&publication), dataset(described, &publication, &files)];
    graph.extend(contact(&publication));
    graph.extend(files.iter().map(|file| distribution(&publication, file)));
    graph.push(run(described));
    graph.extend(described.result.inputs.iter().enumerate().map(|(i, input)| source(i, input)));
    let mut document = json!({ "@context": context(), "@graph": graph });
    if let Some(url) = &publication.url {
        document["@context"]["@base"] = json!(format!("{}/", url.trim_end_matches('/')));
    }
    let mut text = serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)?;
    text.push('\n');
    Ok(text)
}

/// The distributions of the files as they are now, in place of those that stood there; new ones come last.
pub(super) fn refresh(document: &mut Value, publication: &Publication, files: &[PublicFile]) {
    let Some(graph) = document["@graph"].as_array_mut() else { return };
    for file in files.iter().filter(|f| !COMPANIONS.contains(&f.kind.extension)) {
        let (name, node) = (distribution_id(file), distribution(publication, file));
        if let Some(known) = graph.iter_mut().find(|n| n["@id"] == name.as_str()) {
            *known = node;
            continue;
        }
        graph.push(node);
        let dataset = graph.iter_mut().find(|n| n["@id"] == "#dataset");
        if let Some(listed) = dataset.and_then(|d| d["dcat:distribution"].as_array_mut()) {
            listed.push(id(&name));
        }
    }
}

fn context() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcterms": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "spdx": "http://spdx.org/rdf/terms#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

/// A text in both languages.
fn texts(of: impl Fn(Lang) -> String) -> Value {
    json!(LANGUAGES.map(|lang| json!({ "@value": of(lang), "@language": lang.code() })))
}

fn id(of: &str) -> Value {
    json!({ "@id": of })
}

/// Languages the reports and labels are in, as the EU names them.
fn languages() -> Value {
    json!(
        ["SWE", "ENG"].map(|l| id(&format!("http://publications.europa.eu/resource/authority/language/{l}")))
    )
}

fn catalogue(described: &Described<'_>) -> Value {
    let title = |lang| match lang {
        Lang::Sv => format!("Katalog: {}", described.analysis.title.in_lang(lang)),
        Lang::En => format!("Catalogue: {}", described.analysis.title.in_lang(lang)),
    };
    let about = |lang| match lang {
        Lang::Sv => "En körning av whitespot, med alla filer som publiceras.".to_string(),
        Lang::En => "One run of whitespot, with all files that are published.".to_string(),
    };
    json!({
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dcterms:title": texts(title),
        "dcterms:description": texts(about),
        "dcterms:publisher": id("#publisher"),
        "dcterms:license": id(CC0),
        "dcterms:language": languages(),
        "dcat:themeTaxonomy": id("http://publications.europa.eu/resource/authority/data-theme"),
        "dcat:dataset": id("#dataset"),
    })
}

fn publisher(publication: &Publication) -> Value {
    let mut agent = json!({ "@id": "#publisher", "@type": "foaf:Agent" });
    agent["foaf:name"] = match &publication.publisher {
        Some(name) => json!(name),
        // The name is mandatory, and inventing one would be worse than saying that it is missing.
        None => texts(|lang| match lang {
            Lang::Sv => "Utgivare ej angiven (publication.publisher i analysfilen)".to_string(),
            Lang::En => "Publisher not stated (publication.publisher in the analysis file)".to_string(),
        }),
    };
    if let Some(url) = &publication.publisher_url {
        agent["foaf:homepage"] = id(url);
    }
    agent
}

fn contact(publication: &Publication) -> Option<Value> {
    let email = publication.email.as_ref()?;
    Some(json!({
        "@id": "#contact",
        "@type": "vcard:Organization",
        "vcard:fn": publication.publisher.as_ref().unwrap_or(email),
        "vcard:hasEmail": id(&format!("mailto:{email}")),
    }))
}

fn dataset(described: &Described<'_>, publication: &Publication, files: &[&PublicFile]) -> Value {
    let Described { result, analysis, bounds, .. } = described;
    let mut dataset = json!({
        "@id": "#dataset",
        "@type": "dcat:Dataset",
        "dcterms:title": texts(|lang| analysis.title.in_lang(lang).to_string()),
        "dcterms:description": texts(|lang| description(described, lang)),
        "dcterms:identifier": format!("whitespot:{}", result.run_id),
        "dcterms:publisher": id("#publisher"),
        "dcterms:language": languages(),
        "dcterms:accessRights": id("http://publications.europa.eu/resource/authority/access-right/PUBLIC"),
        "dcat:theme": themes(),
        "dcat:keyword": keywords(publication),
        "dcat:version": result.version,
        "dcat:distribution": files.iter().map(|f| id(&distribution_id(f))).collect::<Vec<_>>(),
        "dcterms:conformsTo": reference_system(&result.crs),
        "dcterms:provenance": {
            "@type": "dcterms:ProvenanceStatement",
            "rdfs:label": texts(|lang| lineage(result, lang)),
        },
        "prov:wasGeneratedBy": id("#run"),
        "dcterms:source": (0..result.inputs.len()).map(|i| id(&source_id(i))).collect::<Vec<_>>(),
    });
    if publication.email.is_some() {
        dataset["dcat:contactPoint"] = id("#contact");
    }
    let mut places = Vec::new();
    places.extend(publication.place.as_deref().map(id));
    places.extend(bounds.map(extent));
    if !places.is_empty() {
        dataset["dcterms:spatial"] = json!(places);
    }
    if let Some(date) = result.inputs.iter().filter_map(day).max() {
        // The data describe the state at the youngest input.
        dataset["dcterms:temporal"] =
            json!({ "@type": "dcterms:PeriodOfTime", "dcat:endDate": date_value(date) });
    }
    dataset
}

/// Science and technology, regions and cities.
fn themes() -> Value {
    json!(
        ["TECH", "REGI"]
            .map(|t| id(&format!("http://publications.europa.eu/resource/authority/data-theme/{t}")))
    )
}

fn keywords(publication: &Publication) -> Value {
    let usual = |lang| match lang {
        Lang::Sv => ["bredband", "täckning", "bidrag"],
        Lang::En => ["broadband", "coverage", "subsidies"],
    };
    let words: Vec<Value> = LANGUAGES
        .into_iter()
        .flat_map(|lang| {
            let own = publication.keywords.get(&lang).cloned();
            let words = own.unwrap_or_else(|| usual(lang).map(str::to_string).to_vec());
            words.into_iter().map(move |w| json!({ "@value": w, "@language": lang.code() }))
        })
        .collect();
    json!(words)
}

/// The CRS of the layers as a standard (GeoDCAT-AP).
fn reference_system(code: &str) -> Value {
    let (authority, number) = code.split_once(':').unwrap_or(("EPSG", code));
    json!({
        "@id": format!("http://www.opengis.net/def/crs/{authority}/0/{number}"),
        "@type": "dcterms:Standard",
        "dcterms:title": code,
    })
}

fn extent([west, south, east, north]: [f64; 4]) -> Value {
    let ring = [(west, south), (east, south), (east, north), (west, north), (west, south)];
    let ring: Vec<String> = ring.iter().map(|(x, y)| format!("{x:.5} {y:.5}")).collect();
    json!({
        "@type": "dcterms:Location",
        "dcat:bbox": { "@value": format!("POLYGON(({}))", ring.join(", ")), "@type": "geo:wktLiteral" },
    })
}

fn distribution_id(file: &PublicFile) -> String {
    format!("#file-{}", url_path(&file.path).replace('/', "-"))
}

fn distribution(publication: &Publication, file: &PublicFile) -> Value {
    let kind = file.kind;
    let mut distribution = json!({
        "@id": distribution_id(file),
        "@type": "dcat:Distribution",
        "dcterms:title": texts(|_| format!("{} ({})", file.path, kind.name)),
        "dcterms:description": texts(|lang| match lang {
            Lang::Sv => kind.sv.to_string(),
            Lang::En => kind.en.to_string(),
        }),
        "dcat:accessURL": id(&url_path(&file.path)),
        "dcat:downloadURL": id(&url_path(&file.path)),
        "dcat:mediaType": id(&format!("https://www.iana.org/assignments/media-types/{}", kind.media_type)),
        "dcat:byteSize": { "@value": file.bytes.to_string(), "@type": "xsd:nonNegativeInteger" },
        "spdx:checksum": checksum(&file.sha256),
    });
    if let Some(code) = kind.eu_file_type {
        distribution["dcterms:format"] =
            id(&format!("http://publications.europa.eu/resource/authority/file-type/{code}"));
    }
    if let Some(licence) = &publication.licence {
        distribution["dcterms:license"] = id(licence);
    }
    distribution
}

fn checksum(sha256: &str) -> Value {
    json!({
        "@type": "spdx:Checksum",
        "spdx:algorithm": id("http://spdx.org/rdf/terms#checksumAlgorithm_sha256"),
        "spdx:checksumValue": { "@value": sha256, "@type": "xsd:hexBinary" },
    })
}

/// The run as the activity that made the dataset of its inputs.
fn run(described: &Described<'_>) -> Value {
    let result = described.result;
    json!({
        "@id": "#run",
        "@type": "prov:Activity",
        "rdfs:label": format!("whitespot run {}", result.run_id),
        "prov:used": (0..result.inputs.len()).map(|i| id(&source_id(i))).collect::<Vec<_>>(),
        "prov:wasAssociatedWith": {
            "@type": "prov:SoftwareAgent",
            "rdfs:label": format!("whitespot {}", result.version),
        },
    })
}

fn source_id(i: usize) -> String {
    format!("#input-{}", i + 1)
}

/// An input: what it is for, whose, from when, and the checksum of the very file.
fn source(i: usize, input: &Provenance) -> Value {
    let mut source = json!({
        "@id": source_id(i),
        "@type": "prov:Entity",
        "dcterms:title": input.role,
        "dcterms:format": input.format,
    });
    if !input.sha256.is_empty() {
        source["spdx:checksum"] = checksum(&input.sha256);
    }
    if let Some(owner) = &input.owner {
        source["dcterms:rightsHolder"] = json!({ "@type": "foaf:Agent", "foaf:name": owner });
    }
    if let Some(date) = day(input) {
        source["dcterms:issued"] = date_value(date);
    }
    if let Some(licence) = &input.licence {
        source["dcterms:license"] = json!({ "@type": "dcterms:LicenseDocument", "rdfs:label": licence });
    }
    if input.synthetic {
        source["rdfs:comment"] = texts(|lang| match lang {
            Lang::Sv => "Påhittade uppgifter".to_string(),
            Lang::En => "Made-up data".to_string(),
        });
    }
    source
}

/// The date of an input where it is a day or a year.
fn day(input: &Provenance) -> Option<&str> {
    let date = input.date.as_deref()?;
    let is_shaped = |shape: &str| {
        date.len() == shape.len()
            && date
                .bytes()
                .zip(shape.bytes())
                .all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    (is_shaped("0000-00-00") || is_shaped("0000")).then_some(date)
}

fn date_value(date: &str) -> Value {
    let kind = if date.len() == 4 { "xsd:gYear" } else { "xsd:date" };
    json!({ "@value": date, "@type": kind })
}

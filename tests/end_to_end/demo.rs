//! The demo: the same bytes on any number of threads and with any batch.

use crate::world::{root, whitespot};
use std::{collections::BTreeMap, path::Path};

pub(crate) fn run(out: &Path, args: &[&str]) {
    let out = out.to_str().unwrap();
    let config = root().join("data/vasterbotten/whitespot.toml");
    let all = [&["run", "-q", "--force", "-c", config.to_str().unwrap(), "-o", out], args].concat();
    let output = whitespot(&root(), &all);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn results_do_not_depend_on_threads_or_batches() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("results");
    let mut first: Option<BTreeMap<String, Vec<u8>>> = None;
    for args in [&["-j", "1"][..], &["-j", "2", "--batch", "1000"], &["-j", "7", "--batch", "777"]] {
        run(&out, args);
        let mut now = files(&out);
        assert!(now.len() > 15, "a complete folder: {:?}", now.keys());
        now.remove("manifest.json");
        match &first {
            None => first = Some(now),
            Some(first) => {
                for (name, bytes) in first {
                    assert!(now.get(name) == Some(bytes), "{name} differs with {args:?}");
                }
                assert_eq!(first.len(), now.len());
            }
        }
    }
}

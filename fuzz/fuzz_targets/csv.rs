#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let _ = whitespot_fuzz::bodies::loader(("csv", true), bytes, folder.path());
});
